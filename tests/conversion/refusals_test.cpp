// No argument is ignored: each refusal of the rules fires for the arguments that it names, and
// names them.

#include <doctest/doctest.h>

#include <set>

#include "engine/rules/sizes.hpp"
#include "tests/conversion/reference_checkpoint.hpp"

namespace recast::conversion {
namespace {

using tensor::Value;

struct Row {
  const char* argument;
  const char* value;      // as YAML
  const char* with = "";  // further arguments, "name=value"
};

/// What is said of a configuration with these fields and no others.
std::vector<std::string> said(const rules::RuleSet& rules, const Row& row) {
  Value config{tensor::Mapping{}};
  const auto set = [&](const std::string& text) {
    auto parsed = rules::parse_setting(text);
    REQUIRE(parsed.has_value());
    tensor::set_field(config, parsed->first, std::move(parsed->second), '.');
  };
  set(std::string(row.argument) + "=" + row.value);
  if (row.with[0] != '\0') set(row.with);
  DiagnosticSink sink;
  rules::check_config(rules, config, "somewhere", sink);
  std::vector<std::string> out;
  for (const Diagnostic& each : sink.all())
    out.push_back(each.message);
  return out;
}

void check_rows(const std::string& family, const std::string& framework,
                const std::vector<Row>& rows) {
  DiagnosticSink sink;
  const auto rules = library().rule_set(family, framework, sink);
  REQUIRE(rules.has_value());
  std::set<std::string> messages;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.argument));
    CAPTURE(std::string(row.value));
    const std::vector<std::string> found = said(*rules, row);
    REQUIRE(!found.empty());
    const std::string name =
        std::string(row.argument).substr(0, std::string(row.argument).find('.'));
    CHECK(found.front().find(name) != std::string::npos);
    messages.insert(found.begin(), found.end());
  }
  for (const rules::RefuseRule& rule : rules->dialect.refuse) {
    CAPTURE(rule.say);
    CHECK(messages.contains(rule.say));
  }
}

TEST_CASE("conversion/refusals: a configuration without any of these fields is refused nothing") {
  for (const std::string family : {"llama", "qwen2", "qwen3"})
    for (const std::string framework : {"megatron", "huggingface"}) {
      CAPTURE(family);
      CAPTURE(framework);
      DiagnosticSink sink;
      const auto rules = library().rule_set(family, framework, sink);
      REQUIRE(rules.has_value());
      CHECK(said(*rules, {"whatever", "1"}).empty());
    }
}

TEST_CASE("conversion/refusals: arguments of Megatron that change what weights mean") {
  check_rows("llama", "megatron",
             {{"rotary_interleaved", "true"},
              {"rotary_percent", "0.5"},
              {"apply_layernorm_1p", "true"},
              {"layernorm_zero_centered_gamma", "true"},
              {"multi_latent_attention", "true"},
              {"mtp_num_layers", "1"},
              {"attention_output_gate", "true"},
              {"qk_l2_norm", "true"},
              {"softmax_type", "learnable"},
              {"squared_relu", "true"},
              {"quick_geglu", "true"},
              {"fp8_param_gather", "true"},
              {"fp4_param_gather", "true"},
              {"heterogeneous_layers_config_path", "layers.json"},
              {"heterogeneous_layers_config_encoded_json", "'{}'"},
              {"is_hybrid_model", "true"},
              {"hybrid_override_pattern", "M*"},
              {"hybrid_layer_pattern", "M*"},
              {"spec", "[a, b]"},
              {"retro_add_retriever", "true"},
              {"encoder_pipeline_model_parallel_size", "1"},
              {"pipeline_model_parallel_split_rank", "1"},
              {"rope_type", "yarn"},
              {"mrope_section", "[1, 2]"},
              {"tensor_parallel_num_weight_shards", "2"},
              {"expert_tensor_parallel_num_weight_shards", "2"},
              {"gtp_weight_remat_size", "2"},
              {"expert_gtp_weight_remat_size", "2"},
              {"xiprelu", "true"},
              {"xiprelup", "true"},
              {"xielu", "true", "swiglu=true"},
              {"post_layer_norm", "true"},
              {"apply_norm_post_sub_block", "true"},
              {"attn_layernorm", "false"},
              {"mlp_layernorm", "false"},
              {"final_layernorm", "false"},
              {"layernorm_init", "1.0"},
              {"input_embeddings_multiplier", "2.0"},
              {"window_size", "[128, 0]"},
              {"no_rope_freq", "4"},
              {"apply_residual_connection_post_layernorm", "true"},
              {"use_mup", "true"},
              {"glu_linear_offset", "1.0"},
              {"activation_func_clamp_value", "7.0"},
              {"enable_mhc_connections", "true"},
              {"moe_layer_freq", "[0, 1]", "num_experts=4"},
              {"moe_latent_size", "64"},
              {"moe_mlp_glu_interleave_size", "32"},
              {"moe_shared_expert_glu_interleave_size", "32"},
              {"moe_extended_tp", "true"},
              {"expert_tensor_parallel_size", "4", "tensor_model_parallel_size=2"},
              {"experimental_attention_variant", "gated"},
              {"linear_attention_freq", "4"},
              {"position_embedding_type", "yarn"}});
}

TEST_CASE("conversion/refusals: constants that a configuration of Megatron contradicts") {
  DiagnosticSink sink;
  const auto rules = library().rule_set("llama", "megatron", sink);
  REQUIRE(rules.has_value());
  for (const Row& row : {Row{"normalization", "LayerNorm"}, Row{"swiglu", "false"},
                         Row{"add_bias_linear", "true"}, Row{"add_qkv_bias", "true"},
                         Row{"qk_layernorm", "true"}, Row{"position_embedding_type", "alibi"}}) {
    CAPTURE(std::string(row.argument));
    const auto found = said(*rules, row);
    REQUIRE(found.size() == 1);
    CHECK(found.front().find(row.argument) != std::string::npos);
  }
}

TEST_CASE("conversion/refusals: fields of config.json that change what weights mean") {
  check_rows("llama", "huggingface",
             {{"quantization_config.quant_method", "fp8"},
              {"rope_scaling.rope_type", "yarn"},
              {"rope_parameters.rope_type", "longrope"},
              {"partial_rotary_factor", "0.5"}});
  check_rows("qwen2", "huggingface",
             {{"quantization_config.quant_method", "fp8"},
              {"rope_scaling.type", "dynamic"},
              {"partial_rotary_factor", "0.5"},
              {"layer_types", "[full_attention, sliding_attention]"}});
  check_rows("gpt2", "huggingface",
             {{"quantization_config.quant_method", "fp8"},
              {"activation_function", "relu"},
              {"num_key_value_heads", "2"}});
  struct Constant {
    const char* family;
    Row row;
  };
  for (const Constant& each :
       {Constant{"llama", {"attention_bias", "true"}}, Constant{"llama", {"mlp_bias", "true"}},
        Constant{"llama", {"hidden_act", "gelu"}}, Constant{"qwen2", {"hidden_act", "gelu"}},
        Constant{"qwen3", {"attention_bias", "true"}},
        Constant{"gpt2", {"scale_attn_weights", "false"}},
        Constant{"gpt2", {"scale_attn_by_inverse_layer_idx", "true"}},
        Constant{"gpt2", {"reorder_and_upcast_attn", "true"}},
        Constant{"gpt2", {"add_cross_attention", "true"}}}) {
    CAPTURE(std::string(each.family));
    CAPTURE(std::string(each.row.argument));
    DiagnosticSink sink;
    const auto rules = library().rule_set(each.family, "huggingface", sink);
    REQUIRE(rules.has_value());
    const auto found = said(*rules, each.row);
    REQUIRE(found.size() == 1);
    CHECK(found.front().find(each.row.argument) != std::string::npos);
  }
}

TEST_CASE("conversion/refusals: an Apertus that does not say its rotary positions is two models") {
  DiagnosticSink sink;
  const auto rules = library().rule_set("apertus", "huggingface", sink);
  REQUIRE(rules.has_value());
  CHECK(said(*rules, {"rope_theta", "10000.0"}) ==
        std::vector<std::string>{"the configuration does not say the kind of rotary positions "
                                 "(rope_parameters, rope_scaling)"});
  CHECK(said(*rules, {"rope_parameters.rope_type", "default"}).empty());
}

}  // namespace
}  // namespace recast::conversion
