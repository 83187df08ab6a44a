// Experts in every storage and on every kind of grid, from one to another and to Hugging Face and
// back.

#include <doctest/doctest.h>

#include "tests/conversion/reference_checkpoint.hpp"

namespace recast::conversion {
namespace {

using reference::Experts;
using reference::Family;
using reference::Grid;
using reference::Names;
using reference::Sizes;
using tensor::Value;

/// Small, but with more query heads than groups, a padded vocabulary and four layers.
Sizes small() {
  Sizes sizes = reference::tiny(Family::Mixtral);
  sizes.layers = 4;
  sizes.hidden = 6;
  sizes.head_dim = 2;
  sizes.experts = 4;
  sizes.expert_ffn = 8;
  sizes.vocab = 13;
  return sizes;
}

Grid grid(std::int64_t tp, std::int64_t pp, std::int64_t vpp, std::int64_t ep, std::int64_t etp,
          Experts experts = Experts::Sequential, Names names = Names::Local) {
  Grid out;
  out.tp = tp;
  out.pp = pp;
  out.vpp = vpp;
  out.ep = ep;
  out.etp = etp;
  out.experts = experts;
  out.names = names;
  out.vocab_divisor = 4;
  return out;
}

const char* const kConfig =
    R"({"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "hidden_size": 6,
  "intermediate_size": 8, "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 2,
  "vocab_size": 13, "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "num_local_experts": 4,
  "num_experts_per_tok": 2, "rope_theta": 10000.0, "tie_word_embeddings": false, "torch_dtype": "float32"})";

struct Case {
  const char* what;
  Grid grid;
};

/// TP × PP × VPP × EP × ETP, ETP below TP with grids that are not full, and every storage of
/// experts.
std::vector<Case> cases() {
  return {{"one rank", grid(1, 1, 1, 1, 1)},
          {"tp 2", grid(2, 1, 1, 1, 2)},
          {"ep 4", grid(1, 1, 1, 4, 1)},
          {"tp 2 pp 2 vpp 2 ep 2", grid(2, 2, 2, 2, 2)},
          {"tp 4 ep 4 etp 1, a diagonal", grid(4, 1, 1, 4, 1)},
          {"tp 4 ep 4 etp 2, half of a grid", grid(4, 1, 1, 4, 2)},
          {"tp 4 ep 2 etp 1 pp 2", grid(4, 2, 1, 2, 1)},
          {"tp 2 ep 2 etp 1 pp 2 vpp 2 in Transformer Engine's names",
           grid(2, 2, 2, 2, 1, Experts::Sequential, Names::TransformerEngine)},
          {"grouped by Transformer Engine",
           grid(2, 2, 1, 2, 2, Experts::TeGrouped, Names::TransformerEngine)},
          {"grouped in one tensor",
           grid(2, 1, 1, 2, 2, Experts::TeGroupedSingle, Names::TransformerEngine)},
          {"grouped, etp 1", grid(2, 1, 1, 2, 1, Experts::TeGrouped, Names::TransformerEngine)},
          {"legacy grouped", grid(2, 1, 1, 2, 2, Experts::Grouped)},
          {"legacy grouped, etp 1", grid(2, 1, 1, 4, 1, Experts::Grouped)},
          {"dynamic", grid(2, 2, 1, 2, 2, Experts::Dynamic)},
          {"dynamic, transposed", grid(2, 1, 1, 4, 2, Experts::DynamicTransposed)},
          {"dynamic, split", grid(4, 1, 1, 2, 2, Experts::DynamicSplit)},
          {"dynamic, split and transposed", grid(2, 1, 1, 2, 1, Experts::DynamicSplitTransposed)}};
}

TEST_CASE("conversion/mixtral: a Hugging Face model is laid out over every grid") {
  for (const Case& one : cases()) {
    CAPTURE(one.what);
    support::MemoryFileSystem files;
    put_huggingface(files, "hf", small(), kConfig);
    REQUIRE(convert(files, "hf", "out", to_megatron(one.grid)) == "");
    CHECK(difference_to_megatron(files, "out", small(), one.grid) == "");
  }
}

TEST_CASE(
    "conversion/mixtral: every grid is read back, with the folders that a training run writes") {
  for (const Case& one : cases()) {
    CAPTURE(one.what);
    support::MemoryFileSystem files;
    put_megatron(files, "in", small(), one.grid, megatron_args(small(), one.grid), true);
    REQUIRE(convert(files, "in", "out", to_huggingface()) == "");
    CHECK(difference_to_huggingface(files, "out", small()) == "");
  }
}

TEST_CASE(
    "conversion/mixtral: one grid becomes another, shared experts and the experts' bias included") {
  for (const bool gate : {false, true}) {
    Sizes sizes = small();
    sizes.shared_ffn = 12;
    sizes.shared_gate = gate;
    sizes.router_bias = true;
    const std::vector<Case> all = cases();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Case& from = all[i];
      const Case& to = all[(i + 5) % all.size()];
      CAPTURE(from.what);
      CAPTURE(to.what);
      support::MemoryFileSystem files;
      put_megatron(files, "in", sizes, from.grid, megatron_args(sizes, from.grid), true);
      REQUIRE(convert(files, "in", "out", to_megatron(to.grid)) == "");
      CHECK(difference_to_megatron(files, "out", sizes, to.grid) == "");
    }
  }
}

TEST_CASE("conversion/mixtral: the experts' bias stays in fp32 when the rest is cast") {
  Sizes sizes = small();
  sizes.router_bias = true;
  const Grid one = grid(1, 1, 1, 1, 1);
  support::MemoryFileSystem files;
  put_megatron(files, "in", sizes, one, megatron_args(sizes, one));
  checkpoint::TargetOptions options = to_megatron(one);
  options.dtype = tensor::DType::BF16;
  REQUIRE(convert(files, "in", "out", options) == "");
  for (const StoredBytes& tensor :
       read_file(files, "out/iter_0000010/mp_rank_00/model_optim_rng.pt")) {
    CAPTURE(tensor.name);
    const bool is_bias = tensor.name.find("expert_bias") != std::string::npos;
    CHECK(tensor.dtype == (is_bias ? tensor::DType::F32 : tensor::DType::BF16));
  }
}

TEST_CASE(
    "conversion/mixtral: the storage of the experts is told by names and shapes when the arguments "
    "do not") {
  for (const Case& one : cases()) {
    CAPTURE(one.what);
    support::MemoryFileSystem files;
    Value args = megatron_args(small(), one.grid);
    for (const char* name :
         {"moe_dynamic_hpu", "moe_fused_weights", "moe_permuted_weights", "moe_grouped_gemm",
          "moe_use_legacy_grouped_gemm", "moe_single_grouped_weight", "transformer_impl"})
      std::erase_if(*tensor::fields_of(args),
                    [&](const auto& entry) { return entry.first == Value(name); });
    put_megatron(files, "in", small(), one.grid, args, true);
    REQUIRE(convert(files, "in", "out", to_huggingface()) == "");
    CHECK(difference_to_huggingface(files, "out", small()) == "");
  }
}

TEST_CASE("conversion/mixtral: experts that one tensor holds are read, and written one by one") {
  support::MemoryFileSystem files;
  put_huggingface(files, "hf", small(), kConfig);
  checkpoint::TargetOptions stacked = to_huggingface();
  stacked.set = {{"expert_tensors", Value("stacked")}};
  // The source's own names are told by the source; the option is the target's.
  const Grid one = grid(1, 1, 1, 1, 1);
  REQUIRE(convert(files, "hf", "megatron", to_megatron(one)) == "");
  REQUIRE(convert(files, "megatron", "stacked", stacked) == "");
  const auto tensors = read_file(files, "stacked/model.safetensors");
  const auto has = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
    return std::any_of(tensors.begin(), tensors.end(),
                       [&](const StoredBytes& t) { return t.name == name && t.shape == shape; });
  };
  CHECK(has("model.layers.3.mlp.experts.gate_up_proj", {4, 16, 6}));
  CHECK(has("model.layers.3.mlp.experts.down_proj", {4, 6, 8}));
  CHECK(has("model.layers.3.mlp.gate.weight", {4, 6}));
  const Grid two = grid(2, 1, 1, 2, 2);
  REQUIRE(convert(files, "stacked", "out", to_megatron(two)) == "");
  CHECK(difference_to_megatron(files, "out", small(), two) == "");
}

TEST_CASE("conversion/mixtral: what the model or a grid cannot be is refused by name") {
  struct Row {
    const char* argument;
    Value value;
    const char* said;
  };
  const Row rows[] = {
      {"moe_layer_freq", Value(2), "moe_layer_freq"},
      {"moe_layer_freq",
       Value(tensor::Sequence{tensor::Sequence::Kind::List,
                              {Value(0), Value(1), Value(1), Value(1)}}),
       "moe_layer_freq"},
      {"moe_latent_size", Value(8), "moe_latent_size"},
      {"moe_mlp_glu_interleave_size", Value(4), "moe_mlp_glu_interleave_size"},
      {"moe_extended_tp", Value(true), "moe_extended_tp"},
      {"expert_tensor_parallel_size", Value(2), "expert_tensor_parallel_size"},
      {"moe_router_score_function", Value("sigmoid"), "router.score"},
      {"moe_router_pre_softmax", Value(true), "router.pre_softmax"},
      {"moe_router_topk_scaling_factor", Value(2.5), "router.scaling"},
      {"moe_router_num_groups", Value(2), "router.groups"},
      {"moe_apply_probs_on_input", Value(true), "router.probs_on_input"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.argument);
    support::MemoryFileSystem files;
    const Grid one = grid(1, 1, 1, 1, 1);
    put_megatron(files, "in", small(), one,
                 megatron_args(small(), one, {{row.argument, row.value}}));
    const std::string said = convert(files, "in", "out", to_huggingface());
    CHECK(said.find("plan.refused: ") == 0);
    CHECK(said.find(row.said) != std::string::npos);
  }
}

TEST_CASE("conversion/mixtral: layers that all have experts may be listed") {
  support::MemoryFileSystem files;
  const Grid one = grid(1, 1, 1, 1, 1);
  const Value all(
      tensor::Sequence{tensor::Sequence::Kind::List, {Value(1), Value(1), Value(1), Value(1)}});
  put_megatron(files, "in", small(), one, megatron_args(small(), one, {{"moe_layer_freq", all}}));
  CHECK(convert(files, "in", "out", to_huggingface()) == "");
}

TEST_CASE("conversion/mixtral: more expert tensor ranks than tensor ranks are refused on writing") {
  support::MemoryFileSystem files;
  put_huggingface(files, "hf", small(), kConfig);
  CHECK(convert(files, "hf", "out", to_megatron(grid(2, 1, 1, 1, 4))) ==
        "plan.refused: the expert tensor ranks (etp) must divide the tensor ranks (tp)\n");
}

TEST_CASE("conversion/mixtral: a rank that nothing else can stand for is missed") {
  support::MemoryFileSystem files;
  const Grid diagonal = grid(4, 1, 1, 4, 1);
  put_megatron(files, "in", small(), diagonal, megatron_args(small(), diagonal), true);
  REQUIRE(files.remove_all("in/iter_0000010/mp_rank_02_002"));
  const std::string said = convert(files, "in", "out", to_huggingface());
  CHECK(said.find("format.missing-file: ") == 0);
  CHECK(said.find("mp_rank_02_002") != std::string::npos);
}

// Its converter cuts an expert's first map in the middle after it has put the ranks' parts
// together: rank 0's gate and up become the gate, rank 1's the up. One rank hides it.
TEST_CASE(
    "conversion/mixtral: gate and up of an expert come out right where HabanaAI's converter mixes "
    "them") {
  const Sizes sizes = small();
  const Grid two = grid(2, 1, 1, 1, 2);
  support::MemoryFileSystem files;
  put_megatron(files, "in", sizes, two, megatron_args(sizes, two));
  REQUIRE(convert(files, "in", "out", to_huggingface()) == "");
  std::string joined;
  const std::string name = "decoder.layers.0.mlp.experts.local_experts.1.linear_fc1.weight";
  for (const char* rank : {"in/iter_0000010/mp_rank_00/model_optim_rng.pt",
                           "in/iter_0000010/mp_rank_01/model_optim_rng.pt"})
    for (const StoredBytes& tensor : read_file(files, rank))
      if (tensor.name == "model/" + name) joined += tensor.bytes;
  const std::string theirs = joined.substr(0, joined.size() / 2);
  const std::string right =
      joined.substr(0, joined.size() / 4) + joined.substr(joined.size() / 2, joined.size() / 4);
  for (const StoredBytes& tensor : read_file(files, "out/model.safetensors"))
    if (tensor.name == "model.layers.0.block_sparse_moe.experts.1.w1.weight") {
      CHECK(tensor.bytes != theirs);
      CHECK(tensor.bytes == right);
    }
  CHECK(difference_to_huggingface(files, "out", sizes) == "");
}

}  // namespace
}  // namespace recast::conversion
