#include "tests/support/reference/model_sizes.hpp"

namespace recast::reference {

Sizes tiny(Family family) {
  Sizes s;
  s.family = family;
  switch (family) {
    case Family::Llama:
      break;
    case Family::Mixtral:
      s.experts = 12;
      s.expert_ffn = 16;
      break;
    case Family::Gpt2:
      s.groups = s.heads;
      s.head_dim = 3;
      s.hidden = s.heads * s.head_dim;
      s.ffn = 32;
      s.positions = 14;
      s.tied = true;
      s.gated = false;
      s.qkv_bias = s.out_bias = s.mlp_bias = s.norm_bias = true;
      break;
    case Family::Apertus:
      s.gated = false;
      s.qk_norm = true;
      s.xielu = true;
      break;
    case Family::Qwen2:
      s.qkv_bias = true;
      s.tied = true;
      break;
    case Family::Qwen3:
      s.qk_norm = true;
      break;
    case Family::QwenMoe:
      s.qk_norm = true;
      s.experts = 12;
      s.dense_layers = 1;
      s.expert_ffn = 16;
      s.shared_ffn = 32;
      s.shared_gate = true;
      s.router_bias = true;
      break;
  }
  return s;
}

}  // namespace recast::reference
