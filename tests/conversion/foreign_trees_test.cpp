// Trees as other programs leave them, and what once went wrong with them.

#include <doctest/doctest.h>

#include "engine/checkpoint/compare.hpp"
#include "engine/formats/container.hpp"
#include "tests/conversion/model_config.hpp"
#include "tests/conversion/reference_checkpoint.hpp"
#include "tests/support/required.hpp"

namespace recast::conversion {
namespace {

using reference::Family;
using reference::Grid;
using reference::Names;
using reference::Sizes;
using support::MemoryFileSystem;
using support::required;
using tensor::Value;

tensor::FileCatalog rank_of(const MemoryFileSystem& disk, const std::string& path) {
  return required(formats::read_catalog(disk, path));
}

TEST_CASE("conversion/foreign: a file without a version is of version 0, whatever is asked for") {
  Sizes sizes = reference::tiny(Family::Llama);
  sizes.groups = sizes.heads;  // the old orders know one key head per query head
  Grid old;
  old.names = Names::Legacy;
  old.qkv_version = 0;
  Grid now = old;
  now.qkv_version = 3;
  now.tp = 2;
  MemoryFileSystem disk;
  put_megatron(disk, "old", sizes, old,
               megatron_args(sizes, old, {{"use_legacy_models", Value(true)}}));
  checkpoint::TargetOptions options = to_megatron(now);
  options.set["names"] = Value("legacy");
  options.set["checkpoint_version"] = Value(3.0);
  REQUIRE(convert(disk, "old", "now", options) == "");
  CHECK(difference_to_megatron(disk, "now", sizes, now) == "");
}

TEST_CASE("conversion/foreign: a chunk without layers is an empty mapping, read and written") {
  const Sizes sizes = reference::tiny(Family::Llama);
  MemoryFileSystem disk;
  put_huggingface(disk, "hf", sizes, config_json(sizes));
  Grid grid;
  grid.pp = 2;
  checkpoint::TargetOptions options = to_megatron(grid);
  options.mesh = {{"tp", 1}, {"pp", 3}};
  options.stages = {sizes.layers, 0, 0};
  REQUIRE(convert(disk, "hf", "out", options) == "");
  const tensor::FileCatalog empty =
      rank_of(disk, "out/iter_0000010/mp_rank_00_001/model_optim_rng.pt");
  REQUIRE(tensor::field(empty.root, "model") != nullptr);
  CHECK(tensor::fields_of(*tensor::field(empty.root, "model"))->empty());
  const Value& args = *tensor::field(empty.root, "args");
  CHECK(tensor::field(args, "decoder_first_pipeline_num_layers")->is_null());
  checkpoint::Conversion conversion;
  REQUIRE(convert(disk, "out", "back", to_huggingface(), &conversion) == "");
  CHECK(difference_to_huggingface(disk, "back", sizes) == "");
  CHECK(conversion.dropped.empty());
  // The source's chunks are no entries that would go along.
  options.mesh = {{"tp", 1}, {"pp", 1}, {"vpp", 1}};
  options.stages = {};
  REQUIRE(convert(disk, "out", "whole", options) == "");
  const tensor::FileCatalog whole =
      rank_of(disk, "whole/iter_0000010/mp_rank_00/model_optim_rng.pt");
  CHECK(tensor::field(whole.root, "model1") == nullptr);
}

TEST_CASE("conversion/foreign: a word of the names may stand on the last stage only") {
  const Sizes sizes = reference::tiny(Family::Llama);
  Grid grid;
  grid.pp = 2;
  grid.names = Names::Legacy;
  checkpoint::TargetOptions options = to_megatron(grid);
  options.set["names"] = Value("legacy");
  options.set["transformer_impl"] = Value("transformer_engine");
  options.set["legacy.norm"] = Value("layernorm");
  MemoryFileSystem disk;
  put_huggingface(disk, "hf", sizes, config_json(sizes));
  REQUIRE(convert(disk, "hf", "out", options) == "");
  REQUIRE(convert(disk, "out", "back", to_huggingface()) == "");
  CHECK(difference_to_huggingface(disk, "back", sizes) == "");
}

TEST_CASE("conversion/foreign: ranks of two saves are not one checkpoint") {
  const Sizes sizes = reference::tiny(Family::Llama);
  Grid grid;
  grid.pp = 2;
  MemoryFileSystem disk;
  put_megatron(disk, "new", sizes, grid, megatron_args(sizes, grid));
  put_megatron(disk, "old", sizes, grid,
               megatron_args(sizes, grid, {{"norm_epsilon", Value(0.25)}}));
  const std::string rank = "/iter_0000010/mp_rank_00_001/model_optim_rng.pt";
  disk.put("new" + rank, disk.get("old" + rank));
  CHECK(convert(disk, "new", "out", to_huggingface()) ==
        "plan.ranks-differ: 'norm_epsilon' is 0.25, but 1e-05 in "
        "'mp_rank_00_000/model_optim_rng.pt'\n");
}

TEST_CASE("conversion/foreign: a file of arguments that says another model is refused") {
  const Sizes sizes = reference::tiny(Family::Llama);
  MemoryFileSystem disk;
  put_huggingface(disk, "hf", sizes, config_json(sizes));
  disk.put("hf/source_megatron_args.json", R"({"hidden_size": 4096, "num_layers": 32})");
  CHECK(convert(disk, "hf", "out", to_megatron({})) ==
        "plan.args-differ: the file of arguments is of another model\n");
  disk.put("hf/source_megatron_args.json", "[]");
  CHECK(convert(disk, "hf", "out", to_megatron({})) ==
        "format.json: the arguments are no object of JSON\n");
}

TEST_CASE("conversion/foreign: no text of a file of arguments becomes a call") {
  const Sizes sizes = reference::tiny(Family::Llama);
  MemoryFileSystem disk;
  put_huggingface(disk, "hf", sizes, config_json(sizes));
  disk.put("hf/source_megatron_args.json",
           R"json({"a": "os.kill(-1, 9)", "b": "llama.8b(3)", "c": "AttnBackend.flash",
               "d": "megatron.core.transformer.enums.AttnBackend(9)", "e": "torch.bfloat16"
})json");
  REQUIRE(convert(disk, "hf", "out", to_megatron({})) == "");
  const tensor::FileCatalog rank = rank_of(disk, "out/iter_0000010/mp_rank_00/model_optim_rng.pt");
  const Value& args = *tensor::field(rank.root, "args");
  CHECK(*tensor::field(args, "a") == Value("os.kill(-1, 9)"));
  CHECK(*tensor::field(args, "b") == Value("llama.8b(3)"));
  for (const char* known : {"c", "d"}) {
    const auto* made = tensor::field(args, known)->get_if<tensor::Object>();
    REQUIRE(made != nullptr);
    CHECK(made->callee.front() ==
          Value(tensor::Symbol{"megatron.core.transformer.enums", "AttnBackend"}));
  }
  CHECK(*tensor::field(args, "e") == Value(tensor::Symbol{"torch", "bfloat16"}));
}

TEST_CASE("conversion/foreign: a size of shards is refused where there are none") {
  const Sizes sizes = reference::tiny(Family::Llama);
  MemoryFileSystem disk;
  put_huggingface(disk, "hf", sizes, config_json(sizes));
  checkpoint::TargetOptions options = to_megatron({});
  options.max_shard_nbytes = 1000;
  CHECK(convert(disk, "hf", "out", options) ==
        "usage.set: 'megatron' keeps a file per rank, of no other size\n");
}

TEST_CASE("conversion/foreign: a number of layers that no model has is refused, not listed") {
  Sizes sizes = reference::tiny(Family::Llama);
  MemoryFileSystem disk;
  const std::string config = config_json(sizes);
  const std::string layers = "\"num_hidden_layers\": " + std::to_string(sizes.layers);
  std::string damaged = config;
  damaged.replace(damaged.find(layers), layers.size(), "\"num_hidden_layers\": 1000000000");
  put_huggingface(disk, "hf", sizes, damaged);
  CHECK(convert(disk, "hf", "out", to_megatron({})) ==
        "rule.size-value: axis 'layer' has 1000000000 entries, each with tensors of its own, "
        "expected 1000000 at most\n");
}

struct Side {
  checkpoint::Opened opened;
  checkpoint::Bound bound;
};

Side side_of(const MemoryFileSystem& disk, const std::string& folder) {
  DiagnosticSink sink;
  auto opened = checkpoint::open_checkpoint(disk, library(), folder, {}, sink);
  REQUIRE(opened.has_value());
  auto bound = checkpoint::bind(*opened, library(), {}, sink);
  REQUIRE(bound.has_value());
  return {std::move(*opened), std::move(*bound)};
}

/// Names of sizes that differ, and what one framework cannot hold.
std::vector<std::string> differences(const MemoryFileSystem& disk, const std::string& left,
                                     const std::string& right) {
  const Side a = side_of(disk, left), b = side_of(disk, right);
  DiagnosticSink sink;
  const auto out = checkpoint::compare_models(disk, {a.opened, a.bound}, {b.opened, b.bound}, {},
                                              false, {}, {}, sink);
  REQUIRE(out.has_value());
  std::vector<std::string> names = out->not_held;
  for (const checkpoint::SizeDifference& size : out->sizes)
    names.push_back(size.size);
  CHECK(out->equal() == names.empty());
  return names;
}

TEST_CASE("conversion/foreign: models of the same weights that compute otherwise are not equal") {
  const Sizes sizes = reference::tiny(Family::Mixtral);
  MemoryFileSystem disk;
  const std::string config = config_json(sizes);
  put_huggingface(disk, "plain", sizes, config);
  std::string scaled = config;
  const std::string kind = R"("rope_type": "default")";
  scaled.replace(scaled.find(kind), kind.size(), R"("rope_type": "linear", "factor": 2.0)");
  put_huggingface(disk, "scaled", sizes, scaled);
  std::string silent = config;
  silent.replace(silent.find(kind + ", "), kind.size() + 2, "");
  put_huggingface(disk, "silent", sizes, silent);
  CHECK(differences(disk, "plain", "silent").empty());
  CHECK(differences(disk, "scaled", "silent") == std::vector<std::string>{"rope.kind"});
  put_megatron(disk, "megatron", sizes, {}, megatron_args(sizes, {}));
  CHECK(differences(disk, "plain", "megatron").empty());
  put_megatron(disk, "sigmoid", sizes, {},
               megatron_args(sizes, {},
                             {{"moe_router_score_function", Value("sigmoid")},
                              {"moe_router_topk_scaling_factor", Value(2.5)}}));
  CHECK(differences(disk, "plain", "sigmoid") ==
        std::vector<std::string>{
            "MixtralForCausalLM scores experts by softmax only (router.score)",
            "MixtralForCausalLM does not scale the experts' weights (router.scaling)",
            "router.score"});
}

}  // namespace
}  // namespace recast::conversion
