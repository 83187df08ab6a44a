#include "tests/support/reference/megatron_reference.hpp"

#include "tests/support/reference/huggingface_reference.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace recast::reference {
namespace {

using Index = std::int64_t;

const ReferenceTensor& tensor_of(const std::vector<ReferenceFile>& files, const std::string& path,
                                 const std::string& name) {
  for (const ReferenceFile& file : files)
    if (file.path == "iter_0000010/" + path + "/model_optim_rng.pt")
      for (const ReferenceTensor& tensor : file.tensors)
        if (tensor.name == name) return tensor;
  throw std::out_of_range("no " + name + " in " + path);
}

/// Where the rows of a matrix come from: "q_proj:3" for row 3 of …q_proj.weight, runs of rows as
/// "q_proj:3-5".
std::string rows_of(const Sizes& sizes, const ReferenceTensor& tensor) {
  const HuggingFaceReference hf(sizes);
  const Index columns = tensor.shape.size() > 1 ? tensor.shape[1] : 1;
  std::string out;
  std::string last_name;
  Index first = 0;
  Index last = -2;
  const auto close = [&] {
    if (last_name.empty()) return;
    if (!out.empty()) out += " ";
    out += last_name + ":" + std::to_string(first);
    if (last > first) out += "-" + std::to_string(last);
  };
  for (Index i = 0; i < tensor.shape[0]; ++i) {
    const auto place = hf.place_of(tensor.origins[static_cast<std::size_t>(i * columns)].ordinal);
    const ReferenceTensor& source = hf.tensors()[place.tensor];
    std::string name = source.name.substr(0, source.name.rfind('.'));
    name = name.substr(name.rfind('.') + 1);
    const Index row = place.index / (source.shape.size() > 1 ? source.shape[1] : 1);
    if (name != last_name || row != last + 1) {
      close();
      last_name = name;
      first = row;
    }
    last = row;
  }
  close();
  return out;
}

Sizes attention_example() {
  Sizes s;
  s.layers = 1;
  s.heads = 4;
  s.groups = 2;
  s.head_dim = 2;
  s.hidden = 6;
  s.ffn = 12;
  s.vocab = 10;
  return s;
}

std::string qkv_rows(const Sizes& sizes, const Grid& grid, const std::string& rank) {
  const bool legacy = grid.names == Names::Legacy;
  return rows_of(sizes,
                 tensor_of(megatron_files(sizes, grid), rank,
                           legacy ? "model/language_model/encoder/layers.0.self_attention."
                                    "query_key_value.weight"
                                  : "model/decoder.layers.0.self_attention.linear_qkv.weight"));
}

TEST_CASE("reference/megatron: fused rows go group by group, queries before key before value") {
  CHECK(qkv_rows(attention_example(), {}, "mp_rank_00") ==
        "q_proj:0-3 k_proj:0-1 v_proj:0-1 q_proj:4-7 k_proj:2-3 v_proj:2-3");
}

TEST_CASE("reference/megatron: with fewer groups than ranks the packed rows are cut") {
  Grid grid;
  grid.tp = 4;
  const Sizes sizes = attention_example();
  CHECK(qkv_rows(sizes, grid, "mp_rank_00") == "q_proj:0-3");
  CHECK(qkv_rows(sizes, grid, "mp_rank_01") == "k_proj:0-1 v_proj:0-1");
  CHECK(qkv_rows(sizes, grid, "mp_rank_02") == "q_proj:4-7");
  CHECK(qkv_rows(sizes, grid, "mp_rank_03") == "k_proj:2-3 v_proj:2-3");
}

TEST_CASE("reference/megatron: the older orders of fused rows hold within each rank") {
  Sizes sizes = attention_example();
  sizes.groups = 4;
  Grid grid;
  grid.names = Names::Legacy;
  grid.tp = 2;
  struct Row {
    Index version;
    const char* second_rank;
  };
  static constexpr Row rows[] = {
      {0, "q_proj:4-7 k_proj:4-7 v_proj:4-7"},
      {1,
       "q_proj:4 k_proj:4 v_proj:4 q_proj:5 k_proj:5 v_proj:5 q_proj:6 k_proj:6 v_proj:6 q_proj:7 "
       "k_proj:7 v_proj:7"},
      {2, "q_proj:4-5 k_proj:4-5 v_proj:4-5 q_proj:6-7 k_proj:6-7 v_proj:6-7"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.version);
    grid.qkv_version = row.version;
    CHECK(qkv_rows(sizes, grid, "mp_rank_01") == std::string(row.second_rank));
  }
  sizes.groups = 2;
  grid.qkv_version = 1;
  CHECK_THROWS_AS(megatron_files(sizes, grid), std::invalid_argument);
}

TEST_CASE("reference/megatron: each rank stacks its slice of the gate on its slice of up") {
  Grid grid;
  grid.tp = 3;
  Sizes sizes = attention_example();
  sizes.heads = sizes.groups = 3;
  const auto files = megatron_files(sizes, grid);
  CHECK(rows_of(sizes,
                tensor_of(files, "mp_rank_01", "model/decoder.layers.0.mlp.linear_fc1.weight")) ==
        "gate_proj:4-7 up_proj:4-7");
}

TEST_CASE("reference/megatron: rows past the vocabulary repeat its last row and say so") {
  Grid grid;
  grid.tp = 2;
  grid.vocab_divisor = 3;
  const Sizes sizes = attention_example();
  const auto files = megatron_files(sizes, grid);
  const ReferenceTensor& second =
      tensor_of(files, "mp_rank_01", "model/embedding.word_embeddings.weight");
  CHECK(second.shape == std::vector<Index>{6, 6});
  CHECK(rows_of(sizes, second) == "embed_tokens:6-9 embed_tokens:9 embed_tokens:9");
  for (std::size_t i = 0; i < second.origins.size(); ++i)
    CHECK(second.origins[i].padding == (i >= std::size_t{4 * 6}));
}

TEST_CASE("reference/megatron: grouped experts lie transposed, expert after expert") {
  Grid grid;
  grid.tp = 2;
  grid.ep = 3;
  grid.experts = Experts::Grouped;
  const Sizes s = tiny(Family::Mixtral);
  const HuggingFaceReference hf(s);
  const auto files = megatron_files(s, grid);
  const ReferenceTensor& weight1 =
      tensor_of(files, "mp_rank_01_002", "model/decoder.layers.5.mlp.experts.weight1");
  const ReferenceTensor& weight2 =
      tensor_of(files, "mp_rank_01_002", "model/decoder.layers.5.mlp.experts.weight2");
  const Index inner = s.expert_ffn / 2;
  const Index rows = 2 * inner;
  CHECK(weight1.shape == std::vector<Index>{s.hidden, 4 * rows});
  CHECK(weight2.shape == std::vector<Index>{4 * inner, s.hidden});
  for (Index i = 0; i < 4; ++i)
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < s.hidden; ++c) {
        const Index at = i * s.hidden * rows + c * rows + r;
        const std::uint32_t expected =
            r < inner ? hf.expert_gate(5, 8 + i, inner + r, c) : hf.expert_up(5, 8 + i, r, c);
        REQUIRE(weight1.origins[static_cast<std::size_t>(at)].ordinal == expected);
        if (r >= inner) continue;
        const Index second = i * inner * s.hidden + r * s.hidden + c;
        REQUIRE(weight2.origins[static_cast<std::size_t>(second)].ordinal ==
                hf.expert_down(5, 8 + i, c, inner + r));
      }
}

std::string text_of(const std::vector<Index>& numbers) {
  std::string out;
  for (const Index number : numbers)
    out += (out.empty() ? "" : " ") + std::to_string(number);
  return out;
}

TEST_CASE("reference/megatron: layers are dealt to chunks as the framework deals them") {
  struct Row {
    Index layers, pp, vpp, first, last;
    bool embedding, loss;
    const char* counts;
  };
  static constexpr Row rows[] = {
      {6, 1, 1, 0, 0, false, false, "6"},
      {8, 2, 2, 0, 0, false, false, "2 2 2 2"},
      {14, 4, 2, 2, 4, false, false, "1 2 2 2 1 2 2 2"},
      {14, 4, 2, 0, 0, true, true, "1 2 2 2 2 2 2 1"},
      {7, 3, 1, 1, 0, false, false, "1 3 3"},
      {7, 3, 1, 0, 1, false, false, "3 3 1"},
      {7, 2, 1, 3, 4, false, false, "3 4"},
      {7, 2, 1, 0, 0, true, false, "3 4"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.layers);
    CAPTURE(row.pp);
    Sizes sizes;
    sizes.layers = row.layers;
    Grid grid;
    grid.pp = row.pp;
    grid.vpp = row.vpp;
    grid.first_stage = row.first;
    grid.last_stage = row.last;
    grid.account_for_embedding = row.embedding;
    grid.account_for_loss = row.loss;
    CHECK(text_of(layers_per_chunk(sizes, grid)) == std::string(row.counts));
  }
}

TEST_CASE("reference/megatron: a stage holds every pp-th chunk, numbered from 0 in each") {
  Sizes sizes = attention_example();
  sizes.layers = 5;
  Grid grid;
  grid.pp = 2;
  grid.vpp = 2;
  grid.chunk_layers = {1, 0, 3, 1};
  const HuggingFaceReference hf(sizes);
  const auto files = megatron_files(sizes, grid);
  const auto first_of = [&](const char* rank, const char* name) {
    return tensor_of(files, rank, name).origins.front().ordinal;
  };
  const auto norm = [&](Index layer) { return hf.norm(layer, Norm::Attention, Part::Weight, 0); };
  CHECK(first_of("mp_rank_00_000", "model0/decoder.layers.0.input_layernorm.weight") == norm(0));
  CHECK(first_of("mp_rank_00_000", "model1/decoder.layers.0.input_layernorm.weight") == norm(1));
  CHECK(first_of("mp_rank_00_000", "model1/decoder.layers.2.input_layernorm.weight") == norm(3));
  CHECK(first_of("mp_rank_00_001", "model1/decoder.layers.0.input_layernorm.weight") == norm(4));
  CHECK(first_of("mp_rank_00_001", "model1/decoder.final_layernorm.weight") ==
        hf.final_norm(Part::Weight, 0));
}

TEST_CASE("reference/megatron: a run writes the folders that its ranks name") {
  struct Row {
    Index tp, ep, etp;
    const char* folders;
  };
  static constexpr Row rows[] = {
      {2, 2, 2, "0,0 0,1 1,0 1,1"},
      {4, 4, 1, "0,0 1,1 2,2 3,3"},
      {4, 8, 1, "0,0 0,4 1,1 1,5 2,2 2,6 3,3 3,7"},
      {4, 4, 2, "0,0 0,2 1,0 1,2 2,1 2,3 3,1 3,3"},
      {4, 2, 1, "0,0 1,1 2,0 3,1"},
  };
  for (const Row& row : rows) {
    Grid grid;
    grid.tp = row.tp;
    grid.ep = row.ep;
    grid.etp = row.etp;
    std::string folders;
    for (Index t = 0; t < row.tp; ++t)
      for (Index e = 0; e < row.ep; ++e)
        if (run_writes(grid, t, e))
          folders += (folders.empty() ? "" : " ") + std::to_string(t) + "," + std::to_string(e);
    CAPTURE(row.tp);
    CAPTURE(row.ep);
    CHECK(folders == std::string(row.folders));
  }
}

/// Names of the entries of layer 0 behind "model/", with shapes; None as "-".
std::string entries_of(const Sizes& sizes, const Grid& grid) {
  std::string out;
  const std::vector<ReferenceFile> files = megatron_files(sizes, grid);
  for (const ReferenceTensor& tensor : files.front().tensors) {
    std::string name = tensor.name.substr(6);
    if (const auto at = name.find("layers.0."); at != std::string::npos) name = name.substr(at + 9);
    out += name + " " +
           (tensor.stored == Stored::Nothing ? "-" : "[" + text_of(tensor.shape) + "]") + "\n";
  }
  return out;
}

TEST_CASE(
    "reference/megatron: a layer with experts, shared experts and fused norms has these entries") {
  Sizes sizes = tiny(Family::QwenMoe);
  sizes.layers = 1;
  sizes.dense_layers = 0;
  sizes.experts = 2;
  Grid grid;
  grid.tp = 2;
  grid.etp = 1;
  grid.names = Names::TransformerEngine;
  grid.experts = Experts::TeGrouped;
  CHECK(entries_of(sizes, grid) ==
        "embedding.word_embeddings.weight [25 20]\n"
        "self_attention.core_attention._extra_state [0]\n"
        "self_attention.linear_proj.weight [20 40]\n"
        "self_attention.linear_proj._extra_state [0]\n"
        "self_attention.linear_qkv.layer_norm_weight [20]\n"
        "self_attention.linear_qkv.weight [80 20]\n"
        "self_attention.linear_qkv._extra_state [0]\n"
        "self_attention.q_layernorm.weight [10]\n"
        "self_attention.q_layernorm._extra_state [0]\n"
        "self_attention.k_layernorm.weight [10]\n"
        "self_attention.k_layernorm._extra_state [0]\n"
        "pre_mlp_layernorm.weight [20]\n"
        "pre_mlp_layernorm._extra_state [0]\n"
        "mlp.router.weight [2 20]\n"
        "mlp.router.expert_bias [2]\n"
        "mlp.experts.linear_fc1.weight0 [32 20]\n"
        "mlp.experts.linear_fc1.weight1 [32 20]\n"
        "mlp.experts.linear_fc1._extra_state [0]\n"
        "mlp.experts.linear_fc2.weight0 [20 16]\n"
        "mlp.experts.linear_fc2.weight1 [20 16]\n"
        "mlp.experts.linear_fc2._extra_state [0]\n"
        "mlp.shared_experts.gate_weight [1 20]\n"
        "mlp.shared_experts.linear_fc1.weight [32 20]\n"
        "mlp.shared_experts.linear_fc1._extra_state [0]\n"
        "mlp.shared_experts.linear_fc2.weight [20 16]\n"
        "mlp.shared_experts.linear_fc2._extra_state [0]\n"
        "decoder.final_layernorm.weight [20]\n"
        "decoder.final_layernorm._extra_state [0]\n"
        "output_layer.weight [25 20]\n"
        "output_layer._extra_state -\n");
}

TEST_CASE(
    "reference/megatron: a tied head is copied to the last stage only, and only where there are "
    "stages") {
  Sizes sizes = attention_example();
  sizes.layers = 2;
  sizes.tied = true;
  const auto has = [&](const Grid& grid, const std::string& rank, const std::string& name) {
    for (const ReferenceFile& file : megatron_files(sizes, grid))
      if (file.path.find(rank) != std::string::npos)
        for (const ReferenceTensor& tensor : file.tensors)
          if (tensor.name == name) return true;
    return false;
  };
  Grid grid;
  CHECK(!has(grid, "mp_rank_00", "model/output_layer.weight"));
  grid.pp = 2;
  CHECK(!has(grid, "mp_rank_00_000", "model/output_layer.weight"));
  CHECK(has(grid, "mp_rank_00_001", "model/output_layer.weight"));
  grid.names = Names::Legacy;
  CHECK(has(grid, "mp_rank_00_001", "model/word_embeddings_for_head/weight"));
  CHECK(!has(grid, "mp_rank_00_001", "model/language_model/output_layer/weight"));
}

}  // namespace
}  // namespace recast::reference
