#include "tests/support/reference/megatron_chunk.hpp"

#include "tests/support/reference/entry_writer.hpp"
#include "tests/support/reference/megatron_qkv.hpp"

#include <stdexcept>
#include <utility>

namespace recast::reference {
namespace {

using Index = std::int64_t;

/// Writes the entries of one chunk in one file.
class ChunkWriter : private EntryWriter {
 public:
  ChunkWriter(const Sizes& sizes, const Grid& grid, const HuggingFaceReference& hf,
              RankCoordinates rank, std::string root, std::vector<ReferenceTensor>& out)
      : EntryWriter(std::move(root), out), s_(sizes), g_(grid), hf_(hf), r_(rank) {}

  void write(const ChunkContent& content) {
    const bool legacy = g_.names == Names::Legacy || g_.names == Names::OlderLegacy;
    if (content.has_embedding) embedding(legacy);
    for (Index n = 0; n < content.layers; ++n) {
      if (legacy) {
        legacy_layer(n, content.first_layer + n);
      } else {
        core_layer(n, content.first_layer + n);
      }
    }
    if (content.has_head) ending(legacy);
  }

 private:
  bool engine() const { return g_.names == Names::TransformerEngine; }

  /// Of a parallel linear map: nothing in the local modules, an empty tensor in Transformer
  /// Engine's.
  void linear_state(const std::string& stem) {
    entry(stem + "_extra_state", engine() ? Stored::EmptyBytes : Stored::Nothing);
  }
  /// Of norms and attention, which are modules of torch without Transformer Engine.
  void engine_state(const std::string& stem) {
    if (engine()) entry(stem + "_extra_state", Stored::EmptyBytes);
  }

  // ---- outside the layers

  template <class Source>  // Source: (vocabulary row, column) -> ordinal
  void vocabulary(const std::string& name, Source source) {
    const Index rows = padded_vocab(s_, g_) / g_.tp;
    ReferenceTensor tensor{name, Stored::Weight, {rows, s_.hidden}, {}, {}};
    for (Index i = 0; i < rows; ++i) {
      const Index row = r_.t * rows + i;
      const bool padding = row >= s_.vocab;
      for (Index c = 0; c < s_.hidden; ++c)
        tensor.origins.push_back({source(padding ? s_.vocab - 1 : row, c), padding});
    }
    append(std::move(tensor));
  }

  void embedding(bool legacy) {
    const std::string stem = legacy ? "language_model/embedding/word_embeddings/weight"
                                    : "embedding.word_embeddings.weight";
    vocabulary(stem, [&](Index row, Index c) { return hf_.embed(row, c); });
    if (s_.positions > 0)
      matrix(legacy ? "language_model/embedding/position_embeddings/weight"
                    : "embedding.position_embeddings.weight",
             s_.positions, s_.hidden, [&](Index row, Index c) { return hf_.position(row, c); });
  }

  void ending(bool legacy) {
    std::string norm = "decoder.final_layernorm";
    if (g_.names == Names::Legacy) norm = "language_model/encoder/final_norm";
    if (g_.names == Names::OlderLegacy) norm = "language_model/transformer/final_layernorm";
    vector(norm + ".weight", s_.hidden, [&](Index c) { return hf_.final_norm(Part::Weight, c); });
    if (s_.norm_bias)
      vector(norm + ".bias", s_.hidden, [&](Index c) { return hf_.final_norm(Part::Bias, c); });
    engine_state(norm + ".");

    const auto head = [&](Index row, Index c) { return hf_.head(row, c); };
    if (!legacy) {
      if (!s_.tied || g_.pp > 1) vocabulary("output_layer.weight", head);
      entry("output_layer._extra_state", Stored::Nothing);
    } else if (!s_.tied) {
      vocabulary("language_model/output_layer/weight", head);
      if (g_.names == Names::Legacy)
        entry("language_model/output_layer/_extra_state", Stored::Nothing);
    } else if (g_.pp > 1) {
      vocabulary("word_embeddings_for_head/weight", head);
    }
  }

  void norm(const std::string& stem, const char* weight, const char* bias, Index layer,
            Norm which) {
    vector(stem + weight, s_.hidden,
           [&](Index c) { return hf_.norm(layer, which, Part::Weight, c); });
    if (s_.norm_bias)
      vector(stem + bias, s_.hidden,
             [&](Index c) { return hf_.norm(layer, which, Part::Bias, c); });
  }

  // ---- attention

  Index qkv_rows() const { return fused_rows(s_, g_); }
  FusedRow qkv_row(Index i) const { return fused_row(s_, g_, r_.t, i); }

  void qkv(const std::string& stem, Index layer) {
    matrix(stem + "weight", qkv_rows(), s_.hidden, [&](Index i, Index c) {
      const FusedRow row = qkv_row(i);
      if (row.part == FusedRow::Query) return hf_.query(layer, row.head, row.component, c);
      if (row.part == FusedRow::Key) return hf_.key(layer, row.head, row.component, c);
      return hf_.value(layer, row.head, row.component, c);
    });
    if (!s_.qkv_bias) return;
    vector(stem + "bias", qkv_rows(), [&](Index i) {
      const FusedRow row = qkv_row(i);
      if (row.part == FusedRow::Query) return hf_.query_bias(layer, row.head, row.component);
      if (row.part == FusedRow::Key) return hf_.key_bias(layer, row.head, row.component);
      return hf_.value_bias(layer, row.head, row.component);
    });
  }

  void projection(const std::string& stem, Index layer) {
    const Index columns = divide(s_.heads * s_.head_dim, g_.tp);
    matrix(stem + "weight", s_.hidden, columns, [&](Index c, Index i) {
      const Index column = r_.t * columns + i;
      return hf_.out(layer, c, column / s_.head_dim, column % s_.head_dim);
    });
    if (s_.out_bias)
      vector(stem + "bias", s_.hidden, [&](Index c) { return hf_.out_bias(layer, c); });
  }

  // ---- MLP

  /// Rows of the first map on one of `parts` ranks: its slice of the gate, then its slice of up.
  template <class Gate, class Up>
  auto stacked(Index inner, Index parts, Index rank, Gate gate, Up up) const {
    const Index rows = divide(inner, parts);
    return [=, gated = s_.gated](Index i, auto... column) {
      if (!gated) return up(rank * rows + i, column...);
      return i < rows ? gate(rank * rows + i, column...) : up(rank * rows + i - rows, column...);
    };
  }
  Index stacked_rows(Index inner, Index parts) const {
    return divide(inner, parts) * (s_.gated ? 2 : 1);
  }

  void fc1(const std::string& stem, Index layer) {
    matrix(stem + "weight", stacked_rows(s_.ffn, g_.tp), s_.hidden,
           stacked(
               s_.ffn, g_.tp, r_.t, [&, layer](Index f, Index c) { return hf_.gate(layer, f, c); },
               [&, layer](Index f, Index c) { return hf_.up(layer, f, c); }));
    if (!s_.mlp_bias) return;
    vector(stem + "bias", stacked_rows(s_.ffn, g_.tp),
           stacked(
               s_.ffn, g_.tp, r_.t, [&, layer](Index f) { return hf_.gate_bias(layer, f); },
               [&, layer](Index f) { return hf_.up_bias(layer, f); }));
  }

  void fc2(const std::string& stem, Index layer) {
    const Index columns = divide(s_.ffn, g_.tp);
    matrix(stem + "weight", s_.hidden, columns,
           [&](Index c, Index i) { return hf_.down(layer, c, r_.t * columns + i); });
    if (s_.mlp_bias)
      vector(stem + "bias", s_.hidden, [&](Index c) { return hf_.down_bias(layer, c); });
  }

  // ---- experts

  Index local_experts() const { return divide(s_.experts, g_.ep); }
  Index global_expert(Index i) const { return r_.e * local_experts() + i; }
  Index expert_inner() const { return divide(s_.expert_ffn, g_.expert_tp()); }
  Index expert_rows() const { return stacked_rows(s_.expert_ffn, g_.expert_tp()); }

  /// (row, column) of an expert's first map on this rank.
  auto expert_fc1(Index layer, Index expert) const {
    return stacked(
        s_.expert_ffn, g_.expert_tp(), r_.y,
        [this, layer, expert](Index f, Index c) { return hf_.expert_gate(layer, expert, f, c); },
        [this, layer, expert](Index f, Index c) { return hf_.expert_up(layer, expert, f, c); });
  }
  auto expert_fc2(Index layer, Index expert) const {
    return [this, layer, expert, first = r_.y * expert_inner()](Index c, Index i) {
      return hf_.expert_down(layer, expert, c, first + i);
    };
  }

  void experts(const std::string& stem, Index layer) {
    switch (g_.experts) {
      case Experts::Sequential:
        for (Index i = 0; i < local_experts(); ++i) {
          const std::string one = stem + "local_experts." + std::to_string(i) + ".";
          matrix(one + "linear_fc1.weight", expert_rows(), s_.hidden,
                 expert_fc1(layer, global_expert(i)));
          linear_state(one + "linear_fc1.");
          matrix(one + "linear_fc2.weight", s_.hidden, expert_inner(),
                 expert_fc2(layer, global_expert(i)));
          linear_state(one + "linear_fc2.");
        }
        return;
      case Experts::TeGrouped:
        for (Index i = 0; i < local_experts(); ++i)
          matrix(stem + "linear_fc1.weight" + std::to_string(i), expert_rows(), s_.hidden,
                 expert_fc1(layer, global_expert(i)));
        linear_state(stem + "linear_fc1.");
        for (Index i = 0; i < local_experts(); ++i)
          matrix(stem + "linear_fc2.weight" + std::to_string(i), s_.hidden, expert_inner(),
                 expert_fc2(layer, global_expert(i)));
        linear_state(stem + "linear_fc2.");
        return;
      case Experts::TeGroupedSingle:
        stack(stem + "linear_fc1.weight", local_experts(), expert_rows(), s_.hidden,
              [&](Index i, Index row, Index c) {
                return expert_fc1(layer, global_expert(i))(row, c);
              });
        linear_state(stem + "linear_fc1.");
        stack(stem + "linear_fc2.weight", local_experts(), s_.hidden, expert_inner(),
              [&](Index i, Index c, Index f) { return expert_fc2(layer, global_expert(i))(c, f); });
        linear_state(stem + "linear_fc2.");
        return;
      case Experts::Grouped:
        grouped(stem, layer);
        return;
      case Experts::Dynamic:
      case Experts::DynamicTransposed:
      case Experts::DynamicSplit:
      case Experts::DynamicSplitTransposed:
        for (Index i = 0; i < local_experts(); ++i)
          dynamic(stem, layer, global_expert(i));
        return;
    }
  }

  /// The memory is [expert, hidden, gate and up] and [expert, inner, hidden]; the shapes are
  /// declared otherwise.
  void grouped(const std::string& stem, Index layer) {
    stack(stem + "weight1", local_experts(), s_.hidden, expert_rows(),
          [&](Index i, Index c, Index row) { return expert_fc1(layer, global_expert(i))(row, c); });
    declare({s_.hidden, local_experts() * expert_rows()});
    stack(stem + "weight2", local_experts(), expert_inner(), s_.hidden,
          [&](Index i, Index f, Index c) { return expert_fc2(layer, global_expert(i))(c, f); });
    declare({local_experts() * expert_inner(), s_.hidden});
  }

  void dynamic(const std::string& stem, Index layer, Index expert) {
    const std::string one = stem + "local_expert_" + std::to_string(expert) + "_";
    const bool split =
        g_.experts == Experts::DynamicSplit || g_.experts == Experts::DynamicSplitTransposed;
    const bool transposed =
        g_.experts == Experts::DynamicTransposed || g_.experts == Experts::DynamicSplitTransposed;
    const auto add = [&](const char* name, Index rows, Index columns, auto source) {
      if (transposed) {
        matrix(one + name, columns, rows, [&](Index j, Index i) { return source(i, j); });
      } else {
        matrix(one + name, rows, columns, source);
      }
    };
    const Index first = r_.y * expert_inner();
    if (split) {
      add("linear_fc11_weight", expert_inner(), s_.hidden,
          [&](Index f, Index c) { return hf_.expert_gate(layer, expert, first + f, c); });
      add("linear_fc12_weight", expert_inner(), s_.hidden,
          [&](Index f, Index c) { return hf_.expert_up(layer, expert, first + f, c); });
    } else {
      add("linear_fc1_weight", expert_rows(), s_.hidden, expert_fc1(layer, expert));
    }
    add("linear_fc2_weight", s_.hidden, expert_inner(), expert_fc2(layer, expert));
  }

  /// The shared experts are one dense MLP, cut like every dense part.
  void shared_experts(const std::string& stem, Index layer) {
    if (s_.shared_ffn == 0) return;
    if (s_.shared_gate)
      matrix(stem + "gate_weight", 1, s_.hidden,
             [&](Index, Index c) { return hf_.shared_gate_weight(layer, c); });
    matrix(stem + "linear_fc1.weight", stacked_rows(s_.shared_ffn, g_.tp), s_.hidden,
           stacked(
               s_.shared_ffn, g_.tp, r_.t,
               [&, layer](Index f, Index c) { return hf_.shared_gate(layer, f, c); },
               [&, layer](Index f, Index c) { return hf_.shared_up(layer, f, c); }));
    linear_state(stem + "linear_fc1.");
    const Index columns = divide(s_.shared_ffn, g_.tp);
    matrix(stem + "linear_fc2.weight", s_.hidden, columns,
           [&](Index c, Index i) { return hf_.shared_down(layer, c, r_.t * columns + i); });
    linear_state(stem + "linear_fc2.");
  }

  // ---- a layer; `n` counts within the chunk, `layer` within the model

  void core_layer(Index n, Index layer) {
    const std::string stem = "decoder.layers." + std::to_string(n) + ".";
    const std::string attention = stem + "self_attention.";
    if (!engine()) norm(stem + "input_layernorm.", "weight", "bias", layer, Norm::Attention);
    engine_state(attention + "core_attention.");
    projection(attention + "linear_proj.", layer);
    linear_state(attention + "linear_proj.");
    if (engine())
      norm(attention + "linear_qkv.", "layer_norm_weight", "layer_norm_bias", layer,
           Norm::Attention);
    qkv(attention + "linear_qkv.", layer);
    linear_state(attention + "linear_qkv.");
    if (s_.qk_norm) {
      vector(attention + "q_layernorm.weight", s_.head_dim,
             [&](Index j) { return hf_.query_norm(layer, j); });
      engine_state(attention + "q_layernorm.");
      vector(attention + "k_layernorm.weight", s_.head_dim,
             [&](Index j) { return hf_.key_norm(layer, j); });
      engine_state(attention + "k_layernorm.");
    }
    if (s_.is_moe(layer)) {
      core_moe(stem, layer);
    } else {
      core_mlp(stem, layer);
    }
  }

  void core_mlp(const std::string& stem, Index layer) {
    if (!engine()) norm(stem + "pre_mlp_layernorm.", "weight", "bias", layer, Norm::Mlp);
    if (engine())
      norm(stem + "mlp.linear_fc1.", "layer_norm_weight", "layer_norm_bias", layer, Norm::Mlp);
    fc1(stem + "mlp.linear_fc1.", layer);
    linear_state(stem + "mlp.linear_fc1.");
    if (s_.xielu) {
      scalar(stem + "mlp.activation_func.alpha_p", hf_.alpha_p(layer));
      scalar(stem + "mlp.activation_func.alpha_n", hf_.alpha_n(layer));
    }
    fc2(stem + "mlp.linear_fc2.", layer);
    linear_state(stem + "mlp.linear_fc2.");
  }

  void scalar(const std::string& name, std::uint32_t ordinal) {
    vector(name, 1, [&](Index) { return ordinal; });
    if (g_.scalars_0d) declare({});
  }

  void core_moe(const std::string& stem, Index layer) {
    // A norm in front of a router is never fused.
    norm(stem + "pre_mlp_layernorm.", "weight", "bias", layer, Norm::Mlp);
    engine_state(stem + "pre_mlp_layernorm.");
    matrix(stem + "mlp.router.weight", s_.experts, s_.hidden,
           [&](Index e, Index c) { return hf_.router(layer, e, c); });
    if (s_.router_bias)
      vector(
          stem + "mlp.router.expert_bias", s_.experts,
          [&](Index e) { return hf_.router_bias(layer, e); }, Stored::Float32);
    experts(stem + "mlp.experts.", layer);
    shared_experts(stem + "mlp.shared_experts.", layer);
  }

  void legacy_layer(Index n, Index layer) {
    const bool older = g_.names == Names::OlderLegacy;
    if (s_.is_moe(layer)) throw std::invalid_argument("experts in the legacy model are not stated");
    const std::string stem = std::string("language_model/") + (older ? "transformer" : "encoder") +
                             "/layers." + std::to_string(n) + ".";
    const std::string attention = stem + (older ? "attention." : "self_attention.");
    const auto state = [&](const std::string& linear) {
      if (!older) entry(linear + "_extra_state", Stored::Nothing);
    };
    norm(stem + (older ? "input_layernorm." : "input_norm."), "weight", "bias", layer,
         Norm::Attention);
    qkv(attention + "query_key_value.", layer);
    state(attention + "query_key_value.");
    projection(attention + "dense.", layer);
    state(attention + "dense.");
    norm(stem + (older ? "post_attention_layernorm." : "post_attention_norm."), "weight", "bias",
         layer, Norm::Mlp);
    fc1(stem + "mlp.dense_h_to_4h.", layer);
    state(stem + "mlp.dense_h_to_4h.");
    fc2(stem + "mlp.dense_4h_to_h.", layer);
    state(stem + "mlp.dense_4h_to_h.");
  }

  const Sizes& s_;
  const Grid& g_;
  const HuggingFaceReference& hf_;
  RankCoordinates r_;
};

}  // namespace

void write_chunk(const Sizes& sizes, const Grid& grid, const HuggingFaceReference& hf,
                 RankCoordinates rank, const ChunkContent& content, const std::string& root,
                 std::vector<ReferenceTensor>& out) {
  ChunkWriter(sizes, grid, hf, rank, root, out).write(content);
}

}  // namespace recast::reference
