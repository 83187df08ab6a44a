#include "tests/conversion/refusal_cases.hpp"

namespace recast::conversion {
namespace {

struct Field {
  const char* argument;
  const char* value;
  std::vector<std::string> with = {};
};

void append(std::vector<ReadingCase>& to, const std::string& family, const std::string& framework,
            const std::vector<Field>& fields) {
  for (const Field& each : fields)
    to.push_back({family, framework, each.argument, each.value, each.with});
}

}  // namespace

const std::vector<ReadingCase>& reading_cases() {
  static const std::vector<ReadingCase> cases = [] {
    std::vector<ReadingCase> out;
    append(out, "llama", "megatron",
           {{"rotary_interleaved", "true"},
            {"rotary_percent", "0.5"},
            {"apply_layernorm_1p", "true"},
            {"layernorm_zero_centered_gamma", "true"},
            {"multi_latent_attention", "true"},
            {"mtp_num_layers", "1"},
            {"attention_output_gate", "true"},
            {"qk_l2_norm", "true"},
            {"softmax_type", "learnable"},
            {"softmax_type", "off-by-one"},
            {"softmax_scale", "0.5"},
            {"squared_relu", "true"},
            {"quick_geglu", "true"},
            {"fp8_param_gather", "true"},
            {"fp4_param_gather", "true"},
            {"heterogeneous_layers_config_path", "layers.json"},
            {"heterogeneous_layers_config_encoded_json", "'{}'"},
            {"is_hybrid_model", "true"},
            {"hybrid_override_pattern", "M*"},
            {"hybrid_layer_pattern", "M*"},
            {"hybrid_attention_ratio", "0.25"},
            {"hybrid_mlp_ratio", "0.5"},
            {"spec", "[a, b]"},
            {"yaml_cfg", "model.yaml"},
            {"retro_add_retriever", "true"},
            {"encoder_pipeline_model_parallel_size", "1"},
            {"encoder_tensor_model_parallel_size", "1"},
            {"pipeline_model_parallel_split_rank", "1"},
            {"decoder_num_layers", "2"},
            {"rope_type", "yarn"},
            {"mrope_section", "[1, 2]"},
            {"rotary_seq_len_interpolation_factor", "4", {"use_rope_scaling=true"}},
            {"use_rope_scaling", "true", {"rotary_seq_len_interpolation_factor=4"}},
            {"tensor_parallel_num_weight_shards", "2"},
            {"tensor_parallel_num_weight_shards", "2", {"tensor_model_parallel_size=4"}},
            {"expert_tensor_parallel_num_weight_shards", "2"},
            {"expert_tensor_parallel_num_weight_shards", "2", {"expert_tensor_parallel_size=4"}},
            {"gtp_weight_remat_size", "2"},
            {"expert_gtp_weight_remat_size", "2"},
            {"xiprelu", "true"},
            {"xiprelup", "true"},
            {"xielu", "true", {"swiglu=true"}},
            {"post_layer_norm", "true"},
            {"apply_norm_post_sub_block", "true"},
            {"attn_layernorm", "false"},
            {"mlp_layernorm", "false"},
            {"final_layernorm", "false"},
            {"layernorm_init", "1.0"},
            {"input_embeddings_multiplier", "2.0"},
            {"window_size", "[128, 0]"},
            {"no_rope_freq", "4"},
            {"no_rope_freq", "[0, 1]"},
            {"apply_residual_connection_post_layernorm", "true"},
            {"use_mup", "true"},
            {"glu_linear_offset", "1.0"},
            {"activation_func_clamp_value", "7.0"},
            {"enable_mhc_connections", "true"},
            {"moe_layer_freq", "[0, 1]", {"num_experts=4"}},
            {"moe_layer_freq", "2", {"num_experts=4"}},
            {"moe_router_topk_limited_devices", "2", {"num_experts=4"}},
            {"moe_router_load_balancing_type", "sinkhorn", {"num_experts=4"}},
            {"moe_router_load_balancing_type", "quantile_balancing", {"num_experts=4"}},
            {"moe_router_load_balancing_type", "[aux_loss, sinkhorn]", {"num_experts=4"}},
            {"moe_router_force_load_balancing", "true", {"num_experts=4"}},
            {"moe_router_force_biased", "0.5", {"num_experts=4"}},
            {"moe_latent_size", "64"},
            {"moe_mlp_glu_interleave_size", "32"},
            {"moe_shared_expert_glu_interleave_size", "32"},
            {"moe_extended_tp", "true"},
            {"expert_tensor_parallel_size", "4", {"tensor_model_parallel_size=2"}},
            {"experimental_attention_variant", "gated"},
            {"linear_attention_freq", "4"},
            {"linear_attention_type", "gated_delta_net"},
            {"head_wise_attn_gate", "true"},
            {"local_attention_every_n_layers", "2"},
            {"global_attention_every_n_layers", "2"},
            {"global_only_qkdim_reduction", "true"},
            {"qkdim_reduction_factor", "2"},
            {"token_self_attending", "false"},
            {"rotary_base_per_layer", "[10000, 500000]"},
            {"downscale_residual", "0.5"},
            {"single_residual_gain", "true"},
            {"enable_hyper_connections", "true"},
            {"model_spec", "[a, b]"},
            {"num_unique_layers", "2", {"num_layers=4"}},
            {"standalone_embedding_stage", "true"},
            {"moe_router_type", "sinkhorn", {"num_experts=4"}},
            {"expert_parallel", "true", {"num_experts=4"}},
            {"moe_frequency", "2", {"num_experts=4"}},
            {"moe_n_hash_layers", "3", {"num_experts=4"}},
            {"multi_query_attention", "true"},
            {"modelopt_enabled", "true"},
            {"enable_gpt_oss", "true"},
            {"export_offline_model", "true"},
            {"flextron", "true"},
            {"position_embedding_type", "yarn"},
            {"position_embedding_type", "mrope"}});
    append(out, "gpt2", "megatron",
           {{"disable_bias_linear", "true"},
            {"use_rotary_position_embeddings", "true", {"position_embedding_type=null"}},
            {"add_position_embedding", "false"}});
    append(out, "llama", "huggingface",
           {{"quantization_config.quant_method", "fp8"},
            {"compression_config.format", "int-quantized"},
            {"pruned_heads", "{0: [1]}"},
            {"rope_scaling.rope_type", "yarn"},
            {"rope_scaling.type", "dynamic"},
            {"rope_parameters.rope_type", "longrope"},
            {"rope_parameters.full_attention.rope_type", "default"},
            {"rope_parameters.sliding_attention.rope_type", "default"},
            {"rope_parameters.partial_rotary_factor", "0.5"},
            {"partial_rotary_factor", "0.5"},
            {"rope_theta", "10000", {"rope_parameters.rope_theta=500000.0"}},
            {"rope_parameters.rope_theta", "10000", {"rope_theta=500000.0"}},
            {"rope_scaling.rope_type", "linear", {"rope_parameters.rope_type=default"}},
            {"rope_scaling.type", "linear", {"rope_parameters.type=default"}},
            {"rope_scaling.factor", "4.0", {"rope_parameters.factor=8.0"}},
            {"rope_scaling.low_freq_factor", "4.0", {"rope_parameters.factor=8.0"}},
            {"rope_scaling.factor", "4.0", {"rope_parameters.low_freq_factor=8.0"}},
            {"rope_scaling.high_freq_factor", "4.0", {"rope_parameters.factor=8.0"}},
            {"rope_scaling.factor", "4.0", {"rope_parameters.high_freq_factor=8.0"}},
            {"rope_scaling.original_max_position_embeddings",
             "8192",
             {"rope_parameters.original_max_position_embeddings=64"}}});
    for (const char* family : {"qwen2", "qwen3"})
      append(out, family, "huggingface",
             {{"use_sliding_window", "true", {"max_window_layers=4", "num_hidden_layers=8"}},
              {"use_sliding_window", "true"},
              {"layer_types", "[full_attention, sliding_attention]"},
              {"layer_types", "[chunked_attention]", {"num_hidden_layers=1"}}});
    append(out, "gpt2", "huggingface",
           {{"activation_function", "relu"},
            {"num_key_value_heads", "2"},
            {"num_key_value_heads", "2", {"n_head=4"}}});
    append(out, "apertus", "huggingface",
           {{"rope_scaling", "null"},
            {"rope_parameters.rope_type", "null"},
            {"rope_scaling.rope_type", "null"},
            {"rope_scaling.type", "null"},
            {"rope_parameters.rope_theta", "10000.0"},
            {"qk_norm", "false", {"rope_parameters.rope_type=default"}},
            {"post_norm", "true", {"rope_parameters.rope_type=default"}},
            {"mlp_bias", "true", {"rope_parameters.rope_type=default"}}});
    return out;
  }();
  return cases;
}

const std::vector<ReadingCase>& harmless_cases() {
  static const std::vector<ReadingCase> cases = [] {
    std::vector<ReadingCase> out;
    for (const char* family : {"llama", "mixtral", "gpt2", "apertus", "qwen2", "qwen3"})
      append(out, family, "megatron",
             {{"rotary_percent", "1.0"},
              {"mtp_num_layers", "0"},
              {"softmax_type", "vanilla"},
              {"rope_type", "rope"},
              {"rotary_seq_len_interpolation_factor", "1", {"use_rope_scaling=true"}},
              {"rotary_seq_len_interpolation_factor", "4", {"use_rope_scaling=false"}},
              {"encoder_pipeline_model_parallel_size", "0"},
              {"encoder_tensor_model_parallel_size", "0"},
              {"hybrid_attention_ratio", "0.0"},
              {"hybrid_mlp_ratio", "0.0"},
              {"hybrid_override_pattern", "''"},
              {"window_size", "null", {"window_attn_skip_freq=4"}},
              {"no_rope_freq", "0"},
              {"attn_layernorm", "true"},
              {"mlp_layernorm", "true"},
              {"final_layernorm", "true"},
              {"input_embeddings_multiplier", "1.0"},
              {"glu_linear_offset", "0.0"},
              {"mup_output_mult", "1.0", {"use_mup=false"}},
              {"tensor_parallel_num_weight_shards", "2", {"tensor_model_parallel_size=2"}},
              {"gtp_weight_remat_size", "1", {"expert_gtp_weight_remat_size=1"}},
              {"moe_layer_freq", "[0, 1]"},
              {"moe_layer_freq", "1", {"num_experts=4"}},
              {"moe_layer_freq", "[1, 1]", {"num_experts=4"}},
              {"moe_router_topk_limited_devices", "null", {"num_experts=4"}},
              {"moe_router_load_balancing_type", "aux_loss", {"num_experts=4"}},
              {"moe_router_load_balancing_type", "[aux_loss, none]", {"num_experts=4"}},
              {"moe_router_load_balancing_type", "sinkhorn"},
              {"moe_router_force_load_balancing", "false", {"num_experts=4"}},
              {"expert_tensor_parallel_size", "2", {"tensor_model_parallel_size=2"}},
              {"expert_model_parallel_size", "1"},
              {"moe_router_type", "sinkhorn"},
              {"moe_frequency", "1", {"num_experts=4"}},
              {"expert_parallel", "false", {"num_experts=4"}},
              {"moe_n_hash_layers", "0", {"num_experts=4"}},
              {"num_unique_layers", "4", {"num_layers=4"}},
              {"qkdim_reduction_factor", "1"},
              {"standalone_embedding_stage", "false"},
              {"mla_down_proj_fusion", "false", {"multi_latent_attention=false"}}});
    append(out, "gpt2", "megatron",
           {{"add_position_embedding", "true"},
            {"disable_bias_linear", "false"},
            {"use_rotary_position_embeddings", "false"}});
    for (const char* family : {"llama", "mixtral", "apertus", "qwen2", "qwen3"})
      append(out, family, "huggingface",
             {{"rope_parameters.rope_type", "llama3"},
              {"rope_parameters.rope_theta",
               "10000",
               {"rope_theta=10000.0", "rope_parameters.rope_type=default"}},
              {"rope_scaling.type",
               "linear",
               {"rope_parameters.rope_type=linear", "rope_scaling.factor=2",
                "rope_parameters.factor=2.0"}},
              {"partial_rotary_factor", "1.0", {"rope_parameters.rope_type=default"}},
              {"quantization_config", "null", {"rope_parameters.rope_type=default"}},
              {"pruned_heads", "{}", {"rope_parameters.rope_type=default"}},
              {"sliding_window", "null", {"rope_parameters.rope_type=default"}},
              {"attention_bias", "false", {"rope_parameters.rope_type=default"}},
              {"mlp_bias", "false", {"rope_parameters.rope_type=default"}},
              {"qk_norm", "true", {"rope_parameters.rope_type=default"}},
              {"post_norm", "false", {"rope_parameters.rope_type=default"}}});
    for (const char* family : {"qwen2", "qwen3"})
      append(out, family, "huggingface",
             {{"use_sliding_window", "false", {"sliding_window=4096"}},
              {"use_sliding_window", "true", {"max_window_layers=8", "num_hidden_layers=8"}},
              {"layer_types", "[full_attention, full_attention]"}});
    append(out, "gpt2", "huggingface",
           {{"pruned_heads", "{}"},
            {"num_key_value_heads", "4", {"n_head=4"}},
            {"num_key_value_heads", "12"},
            {"activation_function", "gelu_new"}});
    return out;
  }();
  return cases;
}

const std::vector<WritingCase>& writing_cases() {
  static const std::vector<WritingCase> cases = {
      {"llama", "megatron", "names", {"names=legacy", "groups=2", "rope.theta=10000.0"}, {"tp=4"}},
      {"llama",
       "megatron",
       "checkpoint_version",
       {"names=legacy", "checkpoint_version=1.0", "groups=2", "heads=16", "rope.theta=10000.0"}},
      {"llama", "megatron", "rotary_base", {"names=legacy", "rope.theta=500000.0"}},
      {"llama",
       "megatron",
       "use_rope_scaling",
       {"names=legacy", "rope.theta=10000.0", "rope.kind=llama3", "rope.factor=8.0", "rope.low=1.0",
        "rope.high=4.0", "rope.original=8192"}},
      {"llama",
       "megatron",
       "rope.low",
       {"rope.kind=llama3", "rope.factor=8.0", "rope.low=2.0", "rope.high=4.0",
        "rope.original=8192"}},
      {"llama",
       "megatron",
       "rope.high",
       {"rope.kind=llama3", "rope.factor=8.0", "rope.low=1.0", "rope.high=5.0",
        "rope.original=8192"}},
      {"llama", "megatron", "ep", {"experts=null"}, {"ep=2"}},
      {"gpt2", "megatron", "ep", {}, {"ep=4"}},
      {"apertus", "megatron", "ep", {}, {"ep=2"}},
      {"qwen2", "megatron", "ep", {}, {"ep=2"}},
      {"qwen3", "megatron", "ep", {}, {"ep=2"}},
      {"llama", "megatron", "etp", {}, {"tp=2", "etp=1"}},
      {"mixtral", "megatron", "etp", {}, {"tp=2", "etp=4"}},
      {"mixtral", "megatron", "etp", {}, {"tp=6", "etp=4"}},
      {"mixtral",
       "megatron",
       "moe_router_topk",
       {"router.topk=1", "router.score=softmax", "router.pre_softmax=false"}},
      {"gpt2", "huggingface", "groups", {"groups=2", "heads=12"}},
      {"gpt2", "huggingface", "head_dim", {"head_dim=8", "hidden=768", "heads=12"}},
      {"mixtral", "huggingface", "shared_ffn", {"shared_ffn=64"}},
      {"mixtral", "huggingface", "expert_bias", {"expert_bias=true"}},
      {"mixtral", "huggingface", "router.score", {"router.score=sigmoid"}},
      {"mixtral", "huggingface", "router.pre_softmax", {"router.pre_softmax=true"}},
      {"mixtral", "huggingface", "router.scaling", {"router.scaling=2.5"}},
      {"mixtral", "huggingface", "router.groups", {"router.groups=2"}},
      {"mixtral", "huggingface", "router.group_topk", {"router.group_topk=1"}},
      {"mixtral", "huggingface", "router.probs_on_input", {"router.probs_on_input=true"}},
  };
  return cases;
}

const std::vector<FileCase>& file_cases() {
  static const std::vector<FileCase> cases = {
      {"huggingface", "adapter_config.json", "adapter"},
      {"huggingface", "hf_quant_config.json", "hf_quant_config.json"},
      {"huggingface", "quantize_config.json", "quantize_config.json"},
      {"huggingface", "quant_config.json", "quant_config.json"},
      {"megatron", "iter_0000010/.metadata", "torch_dist"},
      {"megatron", "global_step10", "DeepSpeed"},
  };
  return cases;
}

}  // namespace recast::conversion
