#include "tests/conversion/model_config.hpp"

#include <map>
#include <stdexcept>

namespace recast::conversion {
namespace {

using reference::Family;
using reference::Sizes;
using Fields = std::map<std::string, std::string>;

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

Fields gpt2(const Sizes& s) {
  return {{"n_layer", std::to_string(s.layers)},
          {"n_embd", std::to_string(s.hidden)},
          {"n_inner", std::to_string(s.ffn)},
          {"n_head", std::to_string(s.heads)},
          {"n_positions", std::to_string(s.positions)},
          {"activation_function", quoted("gelu_new")},
          {"layer_norm_epsilon", "1e-5"}};
}

Fields rotary(const Sizes& s) {
  return {{"num_hidden_layers", std::to_string(s.layers)},
          {"hidden_size", std::to_string(s.hidden)},
          {"intermediate_size", std::to_string(s.ffn)},
          {"num_attention_heads", std::to_string(s.heads)},
          {"num_key_value_heads", std::to_string(s.groups)},
          {"head_dim", std::to_string(s.head_dim)},
          {"max_position_embeddings", "64"},
          {"rms_norm_eps", "1e-5"},
          {"rope_parameters", R"({"rope_type": "default", "rope_theta": 10000.0})"}};
}

}  // namespace

std::string config_json(const Sizes& sizes) {
  Fields fields = sizes.family == Family::Gpt2 ? gpt2(sizes) : rotary(sizes);
  switch (sizes.family) {
    case Family::Llama:
      fields["model_type"] = quoted("llama");
      fields["hidden_act"] = quoted("silu");
      break;
    case Family::Gpt2:
      fields["model_type"] = quoted("gpt2");
      break;
    case Family::Apertus:
      fields["model_type"] = quoted("apertus");
      fields["hidden_act"] = quoted("xielu");
      break;
    case Family::Mixtral:
      fields["model_type"] = quoted("mixtral");
      fields["intermediate_size"] = std::to_string(sizes.expert_ffn);
      fields["num_local_experts"] = std::to_string(sizes.experts);
      break;
    case Family::Qwen2:
      fields["model_type"] = quoted("qwen2");
      break;
    case Family::Qwen3:
      fields["model_type"] = quoted("qwen3");
      break;
    default:
      throw std::invalid_argument("this family has no configuration here");
  }
  fields["vocab_size"] = std::to_string(sizes.vocab);
  fields["tie_word_embeddings"] = sizes.tied ? "true" : "false";
  std::string out;
  for (const auto& [name, value] : fields)
    out += (out.empty() ? "{" : ", ") + quoted(name) + ": " + value;
  return out + "}\n";
}

}  // namespace recast::conversion
