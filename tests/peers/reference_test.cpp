// The reference (tests/support/reference) against files that the frameworks themselves wrote: same
// folders, same entries in the same order, same shapes, and every element where the reference says
// that it comes from.

#include "tests/support/reference/huggingface_reference.hpp"
#include "tests/support/reference/megatron_reference.hpp"

#include "engine/base/render.hpp"
#include "engine/formats/container.hpp"
#include "engine/io/file_system.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace recast::reference {
namespace {

using Json = nlohmann::ordered_json;

const std::string kFixtures = RECAST_FIXTURES;

template <class T>
T required(Result<T> result) {
  if (!result) throw std::runtime_error(render_text(result.error()));
  return std::move(result).value();
}

Json json_of(const std::string& path) {
  return Json::parse(required(io::read_text(*io::local_file_system(), path)));
}

/// A file with the bits of its tensors, little-endian, widened to 64 bits.
struct RealFile {
  tensor::FileCatalog catalog;
  std::vector<std::vector<std::uint64_t>> bits;  // of each tensor of the catalog

  std::size_t index_of(const std::string& name) const {
    for (std::size_t i = 0; i < catalog.tensors.size(); ++i)
      if (catalog.tensors[i].name == name) return i;
    throw std::out_of_range(catalog.path + " has no tensor " + name);
  }
};

RealFile read_file(const std::string& path) {
  const auto files = io::local_file_system();
  RealFile out;
  out.catalog = required(formats::read_catalog(*files, path));
  const auto file = required(files->open(path));
  for (const tensor::StoredTensor& stored : out.catalog.tensors) {
    if (!tensor::is_row_major(stored)) throw std::runtime_error(stored.name + " is a view");
    const std::size_t width = tensor::dtype_nbytes(stored.dtype);
    std::vector<std::byte> bytes(static_cast<std::size_t>(tensor::element_count(stored.shape)) *
                                 width);
    if (const auto read = file->read(stored.byte_offset, bytes); !read)
      throw std::runtime_error(render_text(read.error()));
    std::vector<std::uint64_t> bits(bytes.size() / width);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bits[i / width] |= std::uint64_t{std::to_integer<std::uint8_t>(bytes[i])}
                         << (8 * (i % width));
    out.bits.push_back(std::move(bits));
  }
  return out;
}

/// All files of a folder whose names end so.
std::vector<std::string> files_in(const std::string& folder, const std::string& ending) {
  std::vector<std::string> out;
  for (const io::Entry& entry : required(io::local_file_system()->list(folder)))
    if (entry.kind == io::EntryKind::File && entry.name.ends_with(ending))
      out.push_back(io::join(folder, entry.name));
  return out;
}

Sizes sizes_of(const Json& config) {
  Sizes s;
  const std::string type = config.at("model_type");
  if (type == "gpt2") {
    s = tiny(Family::Gpt2);
    s.layers = config.at("n_layer");
    s.hidden = config.at("n_embd");
    s.heads = s.groups = config.at("n_head");
    s.ffn = 4 * s.hidden;
    s.positions = config.at("n_positions");
    s.tied_head_stored = true;  // this one is a pickle
  } else {
    s = tiny(type == "mixtral"   ? Family::Mixtral
             : type == "apertus" ? Family::Apertus
                                 : Family::Llama);
    s.layers = config.at("num_hidden_layers");
    s.hidden = config.at("hidden_size");
    s.heads = config.at("num_attention_heads");
    s.groups = config.at("num_key_value_heads");
    s.ffn = config.at("intermediate_size");
    s.tied = config.at("tie_word_embeddings");
    s.experts = config.value("num_local_experts", 0);
    s.expert_ffn = s.experts > 0 ? s.ffn : 0;
  }
  s.head_dim = config.value("head_dim", s.hidden / s.heads);
  s.vocab = config.at("vocab_size");
  return s;
}

Grid grid_of(const Json& one) {
  Grid g;
  g.tp = one.at("tp");
  g.pp = one.at("pp");
  g.vpp = one.at("vpp").is_null() ? 1 : one.at("vpp").get<std::int64_t>();
  g.ep = one.at("ep");
  g.etp = one.at("etp");
  const auto flags = one.at("flags").get<std::vector<std::string>>();
  const auto has = [&](const char* flag) {
    return std::find(flags.begin(), flags.end(), flag) != flags.end();
  };
  const bool engine = one.at("tree").get<std::string>().ends_with("-te");
  if (engine) g.names = Names::TransformerEngine;
  if (has("--use-legacy-models")) g.names = Names::Legacy;
  if (has("--moe-grouped-gemm")) g.experts = engine ? Experts::TeGrouped : Experts::Grouped;
  // Some divisor gives the padding that is on record; which one is in the arguments of the file,
  // not in cases.json.
  Sizes vocabulary;
  vocabulary.vocab = one.at("vocab_size");
  while (padded_vocab(vocabulary, g) != one.at("padded_vocab_size") && g.vocab_divisor < 1024)
    ++g.vocab_divisor;
  return g;
}

/// The Hugging Face model: the bits of every ordinal. Checks names and shapes on the way.
std::vector<std::uint64_t> bits_of_model(const std::string& folder, const Sizes& sizes) {
  std::vector<std::string> paths = files_in(folder, ".bin");
  for (std::string& path : files_in(folder, ".safetensors"))
    if (io::base_name(path).starts_with("model")) paths.push_back(std::move(path));
  std::vector<RealFile> files;
  std::set<std::string> names;
  for (const std::string& path : paths) {
    files.push_back(read_file(path));
    for (const tensor::StoredTensor& stored : files.back().catalog.tensors)
      names.insert(stored.name);
  }
  std::vector<std::uint64_t> bits;
  std::set<std::string> expected;
  for (const ReferenceTensor& tensor : hf_tensors(sizes)) {
    CAPTURE(tensor.name);
    expected.insert(tensor.name);
    for (const RealFile& file : files) {
      const auto& stored = file.catalog.tensors;
      const auto found = std::find_if(stored.begin(), stored.end(),
                                      [&](const auto& one) { return one.name == tensor.name; });
      if (found == stored.end()) continue;
      CHECK(found->shape == tensor.shape);
      const auto& values = file.bits[static_cast<std::size_t>(found - stored.begin())];
      for (std::size_t i = 0; i < tensor.origins.size(); ++i) {
        const std::size_t ordinal = tensor.origins[i].ordinal;
        if (ordinal >= bits.size()) bits.resize(ordinal + 1);
        bits[ordinal] = values.at(i);
      }
    }
  }
  CHECK(names == expected);
  return bits;
}

/// The entries below `value` that are no mappings, in their order.
void leaves(const tensor::Value& value, const std::string& path,
            std::vector<std::pair<std::string, const tensor::Value*>>& out) {
  const auto* fields = tensor::fields_of(value);
  if (fields == nullptr) {
    out.emplace_back(path, &value);
    return;
  }
  for (const auto& [key, inner] : *fields) {
    const auto* name = key.get_if<std::string>();
    if (name != nullptr) leaves(inner, path.empty() ? *name : path + "/" + *name, out);
  }
}

/// Compares one file; padding is what the framework happened to initialise there and is not
/// compared.
void check_file(const RealFile& real, const ReferenceFile& expected,
                const std::vector<std::uint64_t>& model) {
  std::vector<std::pair<std::string, const tensor::Value*>> entries;
  leaves(real.catalog.root, "", entries);
  std::erase_if(entries, [](const auto& entry) { return !entry.first.starts_with("model"); });
  std::string names;
  std::string expected_names;
  for (const auto& [name, value] : entries)
    names += name + (value->is_null() ? " -\n" : "\n");
  for (const ReferenceTensor& tensor : expected.tensors)
    expected_names += tensor.name + (tensor.stored == Stored::Nothing ? " -\n" : "\n");
  REQUIRE(names == expected_names);

  for (const ReferenceTensor& tensor : expected.tensors) {
    if (tensor.stored == Stored::Nothing) continue;
    CAPTURE(tensor.name);
    const std::size_t at = real.index_of(tensor.name);
    CHECK(real.catalog.tensors[at].shape == tensor.shape);
    CHECK((real.catalog.tensors[at].dtype == tensor::DType::U8) ==
          (tensor.stored == Stored::EmptyBytes));
    REQUIRE(real.bits[at].size() == tensor.origins.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < tensor.origins.size(); ++i) {
      const Origin& origin = tensor.origins[i];
      if (!origin.padding && real.bits[at][i] != model.at(origin.ordinal)) ++different;
    }
    CHECK(different == 0);
  }
}

TEST_CASE("reference/fixtures: the reference states what Megatron itself wrote") {
  std::size_t cases = 0;
  const Json table = json_of(kFixtures + "/megatron/cases.json");
  for (const auto& [name, one] : table.items()) {
    CAPTURE(name);
    const std::string root = kFixtures + "/megatron/" + name;
    // Trained cases have a model of their own beside them.
    const std::string hf = one.at("hf");
    const std::string folder = kFixtures + (hf.starts_with("hf/") ? "/megatron/" : "/hf/") + hf;
    const Sizes sizes = sizes_of(json_of(folder + "/config.json"));
    Grid grid = grid_of(one);
    const auto iteration = required(
        io::read_text(*io::local_file_system(), root + "/latest_checkpointed_iteration.txt"));
    grid.iteration = "iter_" + std::string(7 - iteration.size(), '0') + iteration;
    REQUIRE(padded_vocab(sizes, grid) == one.at("padded_vocab_size"));
    const std::vector<std::uint64_t> model = bits_of_model(folder, sizes);

    std::set<std::string> expected_paths;
    for (const ReferenceFile& expected : megatron_files(sizes, grid)) {
      expected_paths.insert(expected.path);
      CAPTURE(expected.path);
      check_file(read_file(root + "/" + expected.path), expected, model);
    }
    std::set<std::string> paths;
    const std::string ranks = root + "/" + grid.iteration;
    for (const io::Entry& rank : required(io::local_file_system()->list(ranks)))
      for (const std::string& path : files_in(io::join(ranks, rank.name), "model_optim_rng.pt"))
        paths.insert(grid.iteration + "/" + rank.name + "/" + io::base_name(path));
    CHECK(paths == expected_paths);
    ++cases;
  }
  CHECK(cases == 18);
}

TEST_CASE(
    "reference/fixtures: shards fill up in the order in which the reference lists the tensors") {
  for (const char* name : {"llama3.1", "mixtral"}) {
    CAPTURE(std::string(name));
    const std::string folder = kFixtures + "/hf/" + name;
    const Json shards = json_of(folder + "/model.safetensors.index.json").at("weight_map");
    std::string last;
    bool sorted = true;
    for (const ReferenceTensor& tensor : hf_tensors(sizes_of(json_of(folder + "/config.json")))) {
      const std::string shard = shards.at(tensor.name);
      sorted = sorted && last <= shard;
      last = shard;
    }
    CHECK(sorted);
  }
}

TEST_CASE("reference/fixtures: a pickled model lists its tensors in the order of the reference") {
  const std::string folder = kFixtures + "/hf/gpt2";
  const RealFile real = read_file(folder + "/pytorch_model.bin");
  std::vector<std::pair<std::string, const tensor::Value*>> entries;
  leaves(real.catalog.root, "", entries);
  std::vector<std::string> names;
  for (const auto& entry : entries)
    names.push_back(entry.first);
  std::vector<std::string> expected;
  for (const ReferenceTensor& tensor : hf_tensors(sizes_of(json_of(folder + "/config.json"))))
    expected.push_back(tensor.name);
  CHECK(names == expected);
}

}  // namespace
}  // namespace recast::reference
