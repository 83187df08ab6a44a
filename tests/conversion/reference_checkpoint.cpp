#include "tests/conversion/reference_checkpoint.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <stdexcept>

#include "engine/base/render.hpp"
#include "engine/checkpoint/write.hpp"
#include "engine/formats/container.hpp"
#include "tests/support/container_file.hpp"
#include "tests/support/required.hpp"

namespace recast::conversion {
namespace {

using reference::Experts;
using reference::Names;
using reference::ReferenceFile;
using reference::ReferenceTensor;
using reference::Stored;
using support::required;
using tensor::Value;

std::string bytes_of(const ReferenceTensor& tensor) {
  const std::vector<std::uint32_t> payload = reference::payload_of(tensor);
  std::string bytes(payload.size() * 4, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i)
    for (std::size_t byte = 0; byte < 4; ++byte)
      bytes[4 * i + byte] = static_cast<char>(payload[i] >> (8 * byte) & 0xFF);
  return bytes;
}

tensor::DType dtype_of(const ReferenceTensor& tensor) {
  return tensor.stored == Stored::EmptyBytes ? tensor::DType::U8 : tensor::DType::F32;
}

void put_file(support::MemoryFileSystem& files, const std::string& path,
              const std::string& container, const std::vector<ReferenceTensor>& tensors,
              Value root) {
  formats::FileSpec spec;
  std::vector<std::string> payloads;
  for (const ReferenceTensor& tensor : tensors) {
    if (tensor.stored == Stored::Nothing) continue;
    spec.tensors.push_back({tensor.name, dtype_of(tensor), tensor.shape});
    payloads.push_back(bytes_of(tensor));
  }
  spec.root = std::move(root);
  support::put_container_file(files, path, container, spec, payloads);
}

/// `a/b` enters the mapping `a`; a dot does not.
Value nested(std::vector<std::pair<std::string, Value>> head,
             const std::vector<ReferenceTensor>& tensors) {
  Value root{tensor::Mapping{}};
  for (auto& [name, value] : head)
    tensor::set_field(root, name, std::move(value));
  std::size_t index = 0;
  for (const ReferenceTensor& tensor : tensors) {
    const bool none = tensor.stored == Stored::Nothing;
    tensor::set_field(root, tensor.name, none ? Value() : Value(tensor::TensorRef{index}));
    if (!none) ++index;
  }
  return root;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (const std::int64_t extent : shape)
    out += (out.size() > 1 ? ", " : "") + std::to_string(extent);
  return out + "]";
}

const char* experts_name(Experts experts) {
  switch (experts) {
    case Experts::Sequential:
      return "sequential";
    case Experts::TeGrouped:
      return "grouped_te";
    case Experts::TeGroupedSingle:
      return "grouped_single";
    case Experts::Grouped:
      return "grouped_legacy";
    default:
      return "dynamic";
  }
}

bool is_split(Experts experts) {
  return experts == Experts::DynamicSplit || experts == Experts::DynamicSplitTransposed;
}
bool is_transposed(Experts experts) {
  return experts == Experts::DynamicTransposed || experts == Experts::DynamicSplitTransposed;
}

}  // namespace

std::string difference(const std::vector<StoredBytes>& stored,
                       const std::vector<ReferenceTensor>& expected, const std::string& path) {
  std::size_t at = 0;
  for (const ReferenceTensor& tensor : expected) {
    if (tensor.stored == Stored::Nothing) continue;
    if (at == stored.size()) return path + " lacks " + tensor.name;
    const StoredBytes& have = stored[at++];
    if (have.name != tensor.name) return path + " has " + have.name + ", expected " + tensor.name;
    if (have.dtype != dtype_of(tensor))
      return path + " " + have.name + " is " + std::string(tensor::dtype_name(have.dtype));
    if (have.shape != tensor.shape)
      return path + " " + have.name + " is " + shape_text(have.shape) + ", expected " +
             shape_text(tensor.shape);
    const std::string bytes =
        tensor.stored == Stored::EmptyBytes ? std::string() : bytes_of(tensor);
    if (have.bytes == bytes) continue;
    std::size_t first = 0;
    while (first < bytes.size() && first < have.bytes.size() && have.bytes[first] == bytes[first])
      ++first;
    return path + " " + have.name + " differs from element " + std::to_string(first / 4);
  }
  return at == stored.size() ? "" : path + " has " + stored[at].name + " too";
}

void put_huggingface_tensors(support::MemoryFileSystem& files, const std::string& folder,
                             const std::vector<ReferenceTensor>& tensors,
                             const std::string& config) {
  files.put(io::join(folder, "config.json"), config);
  put_file(files, io::join(folder, "model.safetensors"), "safetensors", tensors,
           Value{tensor::Mapping{}});
}

void put_huggingface(support::MemoryFileSystem& files, const std::string& folder,
                     const reference::Sizes& sizes, const std::string& config) {
  put_huggingface_tensors(files, folder, reference::hf_tensors(sizes), config);
}

void put_megatron(support::MemoryFileSystem& files, const std::string& folder,
                  const reference::Sizes& sizes, const reference::Grid& grid, const Value& args,
                  bool only_written) {
  tensor::Object space;
  space.how = tensor::Object::How::NewObject;
  space.callee.emplace_back(tensor::Symbol{"argparse", "Namespace"});
  space.args.emplace_back(tensor::Sequence{tensor::Sequence::Kind::Tuple, {}});
  space.state.push_back(args);
  std::vector<ReferenceFile> all = reference::megatron_files(sizes, grid);
  std::size_t index = 0;
  for (std::int64_t t = 0; t < grid.tp; ++t)
    for (std::int64_t p = 0; p < grid.pp; ++p)
      for (std::int64_t e = 0; e < grid.ep; ++e, ++index) {
        if (only_written && !reference::run_writes(grid, t, e)) continue;
        const ReferenceFile& file = all.at(index);
        std::vector<std::pair<std::string, Value>> head = {{"args", Value(space)},
                                                           {"iteration", Value(10)}};
        // Files of version 0 are those that do not say one.
        if (grid.qkv_version > 0)
          head.emplace_back("checkpoint_version", Value(static_cast<double>(grid.qkv_version)));
        put_file(files, io::join(folder, file.path), "torch", file.tensors,
                 nested(std::move(head), file.tensors));
      }
  files.put(io::join(folder, "latest_checkpointed_iteration.txt"), "10");
}

Value megatron_args(const reference::Sizes& sizes, const reference::Grid& grid,
                    const std::vector<std::pair<std::string, Value>>& more) {
  Value args{tensor::Mapping{}};
  const auto set = [&](const char* name, Value value) {
    tensor::set_field(args, name, std::move(value), '\n');
  };
  set("tensor_model_parallel_size", Value(grid.tp));
  set("pipeline_model_parallel_size", Value(grid.pp));
  set("virtual_pipeline_model_parallel_size", grid.vpp > 1 ? Value(grid.vpp) : Value());
  set("expert_model_parallel_size", Value(grid.ep));
  set("expert_tensor_parallel_size", Value(grid.expert_tp()));
  set("num_layers", Value(sizes.layers));
  set("hidden_size", Value(sizes.hidden));
  set("ffn_hidden_size", Value(sizes.experts > 0 ? sizes.expert_ffn : sizes.ffn));
  set("num_attention_heads", Value(sizes.heads));
  set("group_query_attention", Value(true));
  set("num_query_groups", Value(sizes.groups));
  set("kv_channels", Value(sizes.head_dim));
  set("vocab_size", Value(sizes.vocab));
  set("padded_vocab_size", Value(reference::padded_vocab(sizes, grid)));
  set("make_vocab_size_divisible_by", Value(grid.vocab_divisor));
  set("max_position_embeddings", Value(64));
  set("norm_epsilon", Value(1e-5));
  set("normalization", Value("RMSNorm"));
  set("swiglu", Value(true));
  set("position_embedding_type", Value("rope"));
  set("rotary_base", Value(10000));
  set("untie_embeddings_and_output_weights", Value(!sizes.tied));
  set("transformer_impl",
      Value(grid.names == Names::TransformerEngine ? "transformer_engine" : "local"));
  if (sizes.experts > 0) {
    set("num_experts", Value(sizes.experts));
    set("moe_ffn_hidden_size", Value(sizes.expert_ffn));
    set("moe_router_topk", Value(2));
    set("moe_router_enable_expert_bias", Value(sizes.router_bias));
    set("moe_shared_expert_intermediate_size",
        sizes.shared_ffn > 0 ? Value(sizes.shared_ffn) : Value());
    set("moe_shared_expert_gate", Value(sizes.shared_gate));
    set("moe_dynamic_hpu", Value(std::strcmp(experts_name(grid.experts), "dynamic") == 0));
    set("moe_permuted_weights", Value(!is_transposed(grid.experts)));
    set("moe_fused_weights", Value(!is_split(grid.experts)));
    set("moe_grouped_gemm",
        Value(grid.experts == Experts::TeGrouped || grid.experts == Experts::TeGroupedSingle ||
              grid.experts == Experts::Grouped));
    set("moe_use_legacy_grouped_gemm", Value(grid.experts == Experts::Grouped));
    set("moe_single_grouped_weight", Value(grid.experts == Experts::TeGroupedSingle));
  }
  for (const auto& [name, value] : more)
    set(name.c_str(), value);
  return args;
}

std::vector<StoredBytes> read_file(const support::MemoryFileSystem& files,
                                   const std::string& path) {
  const tensor::FileCatalog catalog = required(formats::read_catalog(files, path));
  const auto file = required(files.open(path));
  std::vector<StoredBytes> out;
  for (const tensor::StoredTensor& stored : catalog.tensors) {
    if (!tensor::is_row_major(stored)) throw std::runtime_error(stored.name + " is a view");
    StoredBytes one{stored.name, stored.dtype, stored.shape, {}};
    one.bytes.resize(static_cast<std::size_t>(tensor::element_count(stored.shape)) *
                     tensor::dtype_nbytes(stored.dtype));
    required(file->read(stored.byte_offset, std::as_writable_bytes(std::span(one.bytes))));
    out.push_back(std::move(one));
  }
  return out;
}

std::string difference_to_huggingface(const support::MemoryFileSystem& files,
                                      const std::string& folder, const reference::Sizes& sizes) {
  std::vector<StoredBytes> stored = read_file(files, io::join(folder, "model.safetensors"));
  // A catalog of safetensors comes sorted by name.
  std::vector<ReferenceTensor> expected = reference::hf_tensors(sizes);
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(stored.begin(), stored.end(), by_name);
  std::sort(expected.begin(), expected.end(), by_name);
  return difference(stored, expected, "model.safetensors");
}

std::string difference_to_megatron(const support::MemoryFileSystem& files,
                                   const std::string& folder, const reference::Sizes& sizes,
                                   const reference::Grid& grid) {
  std::size_t ranks = 0;
  for (const ReferenceFile& file : reference::megatron_files(sizes, grid)) {
    const std::string found =
        difference(read_file(files, io::join(folder, file.path)), file.tensors, file.path);
    if (!found.empty()) return found;
    ++ranks;
  }
  for (const std::string& path : files.files(folder))
    if (path.size() > 3 && path.substr(path.size() - 3) == ".pt" &&
        path.find("mp_rank_") != std::string::npos)
      --ranks;
  return ranks == 0 ? "" : "there are ranks that the grid does not have";
}

const rules::Library& library() {
  static const rules::Library rules = [] {
    DiagnosticSink sink;
    auto read = required(rules::Library::open(*io::local_file_system(), {RECAST_RULES}, sink));
    if (sink.has_errors()) throw std::runtime_error("the rules of the tree have errors");
    return read;
  }();
  return rules;
}

std::string convert(support::MemoryFileSystem& files, const std::string& from,
                    const std::string& to, const checkpoint::TargetOptions& options,
                    checkpoint::Conversion* conversion) {
  DiagnosticSink sink;
  const auto text = [&] {
    std::string out;
    for (const Diagnostic& diagnostic : sink.all())
      out += cat(code_name(diagnostic.code), ": ", diagnostic.message, "\n");
    return out.empty() ? std::string("failed without a word\n") : out;
  };
  const auto opened = checkpoint::open_checkpoint(files, library(), from, {"", options.set}, sink);
  if (!opened) return text();
  auto bound = checkpoint::bind(*opened, library(), {"", options.set, nullptr}, sink);
  if (!bound || sink.has_errors()) return text();
  auto planned = checkpoint::plan_conversion(files, library(), *opened, *bound, options, sink);
  if (!planned || sink.has_errors()) return text();
  checkpoint::WriteOptions write;
  write.check_replicas = true;
  const auto written = checkpoint::write_checkpoint(files, *opened, *planned, to, write, {});
  if (!written) return cat(code_name(written.error().code), ": ", written.error().message, "\n");
  if (conversion != nullptr) *conversion = std::move(*planned);
  return "";
}

checkpoint::TargetOptions to_megatron(const reference::Grid& grid) {
  checkpoint::TargetOptions options;
  options.framework = "megatron";
  options.mesh = {{"tp", grid.tp},
                  {"pp", grid.pp},
                  {"vpp", grid.vpp},
                  {"ep", grid.ep},
                  {"etp", grid.expert_tp()}};
  options.stages = grid.chunk_layers;
  options.set = {{"iteration", Value(10)},
                 {"make_vocab_size_divisible_by", Value(grid.vocab_divisor)},
                 {"transformer_impl",
                  Value(grid.names == Names::TransformerEngine ? "transformer_engine" : "local")},
                 {"experts_as", Value(experts_name(grid.experts))},
                 {"experts_fused", Value(!is_split(grid.experts))},
                 {"experts_permuted", Value(!is_transposed(grid.experts))}};
  return options;
}

checkpoint::TargetOptions to_huggingface() {
  checkpoint::TargetOptions options;
  options.framework = "huggingface";
  return options;
}

}  // namespace recast::conversion
