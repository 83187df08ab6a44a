#pragma once
// The reference: an independent statement of what two frameworks store of one model. It includes
// nothing of engine/ and knows no layout language; every tensor is filled by loops over the indices
// that the frameworks' own code uses.

#include <cstdint>

namespace recast::reference {

/// How the Hugging Face side names things; sizes and flags say the rest.
enum class Family { Llama, Mixtral, Gpt2, Apertus, Qwen2, Qwen3, QwenMoe };

struct Sizes {
  Family family = Family::Llama;
  std::int64_t layers = 6;
  std::int64_t hidden = 20;
  std::int64_t heads = 8;
  std::int64_t groups = 4;  // key/value heads
  std::int64_t head_dim = 10;
  std::int64_t ffn = 24;
  std::int64_t vocab = 50;
  std::int64_t positions = 0;     // rows of a learned table; 0 without one
  std::int64_t experts = 0;       // 0: every layer is dense
  std::int64_t dense_layers = 0;  // with experts: so many layers at the start are dense
  std::int64_t expert_ffn = 0;
  std::int64_t shared_ffn = 0;  // 0: no shared experts
  bool shared_gate = false;     // the shared experts' output is weighted: gate_weight [1, hidden]
  bool router_bias = false;     // a correction per expert, fp32 whatever the dtype of the model
  bool tied = false;
  bool tied_head_stored =
      false;  // Hugging Face: a pickled file keeps the tied head, safetensors does not
  bool gated = true;
  bool qkv_bias = false;
  bool out_bias = false;
  bool mlp_bias = false;
  bool norm_bias = false;
  bool qk_norm = false;
  bool xielu = false;  // activation with two trained scalars per layer

  std::int64_t rep() const { return heads / groups; }  // query heads per group
  bool is_moe(std::int64_t layer) const { return experts > 0 && layer >= dense_layers; }
};

/// Tiny models whose extents all differ, with more than one query head per group where the family
/// allows.
Sizes tiny(Family family);

}  // namespace recast::reference
