#pragma once
// The Hugging Face side: all tensors in the order of the model's state dict, and where in them each
// logical element lies. Sources: huggingface/transformers
// src/transformers/models/<family>/modeling_<family>.py (order of registration); real files in
// tests/fixtures/hf.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/reference/model_sizes.hpp"
#include "tests/support/reference/reference_tensor.hpp"

namespace recast::reference {

enum class Norm { Attention, Mlp };
enum class Part { Weight, Bias };

/// Functions return ordinals and throw std::out_of_range for what the model does not have. `a` is a
/// query head, `b` a key/value head, `j` a component of a head, `c` a hidden index, `f` an index
/// into the inner size of an MLP.
class HuggingFaceReference {
 public:
  explicit HuggingFaceReference(const Sizes& sizes);

  const std::vector<ReferenceTensor>& tensors() const { return tensors_; }
  /// The tensor that holds the element, and its flat index in it.
  struct Place {
    std::size_t tensor;
    std::int64_t index;
  };
  Place place_of(std::uint32_t ordinal) const;

  std::uint32_t embed(std::int64_t row, std::int64_t c) const;
  std::uint32_t head(std::int64_t row, std::int64_t c) const;  // of a tied model: the embedding
  std::uint32_t position(std::int64_t row, std::int64_t c) const;
  std::uint32_t final_norm(Part part, std::int64_t c) const;

  std::uint32_t norm(std::int64_t layer, Norm which, Part part, std::int64_t c) const;
  std::uint32_t query(std::int64_t layer, std::int64_t a, std::int64_t j, std::int64_t c) const;
  std::uint32_t key(std::int64_t layer, std::int64_t b, std::int64_t j, std::int64_t c) const;
  std::uint32_t value(std::int64_t layer, std::int64_t b, std::int64_t j, std::int64_t c) const;
  std::uint32_t query_bias(std::int64_t layer, std::int64_t a, std::int64_t j) const;
  std::uint32_t key_bias(std::int64_t layer, std::int64_t b, std::int64_t j) const;
  std::uint32_t value_bias(std::int64_t layer, std::int64_t b, std::int64_t j) const;
  std::uint32_t out(std::int64_t layer, std::int64_t c, std::int64_t a, std::int64_t j) const;
  std::uint32_t out_bias(std::int64_t layer, std::int64_t c) const;
  std::uint32_t query_norm(std::int64_t layer, std::int64_t j) const;
  std::uint32_t key_norm(std::int64_t layer, std::int64_t j) const;

  std::uint32_t gate(std::int64_t layer, std::int64_t f, std::int64_t c) const;
  std::uint32_t up(std::int64_t layer, std::int64_t f, std::int64_t c) const;
  std::uint32_t down(std::int64_t layer, std::int64_t c, std::int64_t f) const;
  std::uint32_t gate_bias(std::int64_t layer, std::int64_t f) const;
  std::uint32_t up_bias(std::int64_t layer, std::int64_t f) const;
  std::uint32_t down_bias(std::int64_t layer, std::int64_t c) const;
  std::uint32_t alpha_p(std::int64_t layer) const;
  std::uint32_t alpha_n(std::int64_t layer) const;

  std::uint32_t router(std::int64_t layer, std::int64_t expert, std::int64_t c) const;
  std::uint32_t router_bias(std::int64_t layer, std::int64_t expert) const;
  std::uint32_t expert_gate(std::int64_t layer, std::int64_t expert, std::int64_t f,
                            std::int64_t c) const;
  std::uint32_t expert_up(std::int64_t layer, std::int64_t expert, std::int64_t f,
                          std::int64_t c) const;
  std::uint32_t expert_down(std::int64_t layer, std::int64_t expert, std::int64_t c,
                            std::int64_t f) const;
  std::uint32_t shared_gate_weight(std::int64_t layer, std::int64_t c) const;
  std::uint32_t shared_gate(std::int64_t layer, std::int64_t f, std::int64_t c) const;
  std::uint32_t shared_up(std::int64_t layer, std::int64_t f, std::int64_t c) const;
  std::uint32_t shared_down(std::int64_t layer, std::int64_t c, std::int64_t f) const;

 private:
  // clang-format off
  /// What a tensor is, whatever its family calls it.
  enum class Role {
    Embed, Position, FinalNorm, FinalNormBias, Head,
    AttentionNorm, AttentionNormBias, MlpNorm, MlpNormBias,
    Query, QueryBias, Key, KeyBias, Value, ValueBias, Fused, FusedBias, Out, OutBias, QueryNorm, KeyNorm,
    Gate, GateBias, Up, UpBias, Down, DownBias, AlphaP, AlphaN,
    Router, RouterBias, ExpertGate, ExpertUp, ExpertDown, SharedGateWeight, SharedGate, SharedUp, SharedDown
  };
  // clang-format on

  /// `unit` counts the tensors of a role: layers, or experts through all layers.
  void add(Role role, std::int64_t unit, const std::string& name, std::vector<std::int64_t> shape,
           Stored stored = Stored::Weight);
  void add_constant(const std::string& name, float value);
  void add_norm(Role role, std::int64_t layer, const std::string& stem);
  void add_attention(std::int64_t layer);
  void add_mlp(std::int64_t layer);
  void add_experts(std::int64_t layer);
  const ReferenceTensor& tensor(Role role, std::int64_t unit) const;
  std::uint32_t at(Role role, std::int64_t unit, std::int64_t index) const;
  /// Element (row, column) of a linear map `rows` × `columns`, which one family stores transposed.
  std::uint32_t linear(Role role, std::int64_t unit, std::int64_t row, std::int64_t column) const;
  std::int64_t expert_unit(std::int64_t layer, std::int64_t expert) const {
    return layer * s_.experts + expert;
  }

  Sizes s_;
  std::vector<ReferenceTensor> tensors_;
  std::vector<std::uint32_t> first_;  // ordinal of each tensor's first element
  std::vector<bool> aliases_;         // whose elements are another tensor's
  std::map<Role, std::vector<std::size_t>> by_role_;
  std::uint32_t next_ = 0;
};

/// The tensors of `HuggingFaceReference(sizes)`.
std::vector<ReferenceTensor> hf_tensors(const Sizes& sizes);

}  // namespace recast::reference
