#include "tests/mutation/name_trials.hpp"

#include <algorithm>
#include <vector>

#include "engine/checkpoint/file_patterns.hpp"
#include "engine/checkpoint/names.hpp"

namespace recast::mutation {
namespace {

using Names = std::vector<std::string>;
using rules::Dialect;
using tensor::Value;

/// What stands in a folder, or in a file, and whether some patterns of the rules are for it.
struct Matched {
  const char* framework;
  std::vector<lang::NameTemplate> (*patterns)(const Dialect&);
  Names theirs, others;
};

const std::vector<Matched>& matched() {
  static const auto recognise = [](const Dialect& rules) { return rules.recognise; };
  static const auto refused = [](const Dialect& rules) {
    return checkpoint::names_of(rules.refuse_files);
  };
  static const auto ignored = [](const Dialect& rules) {
    return checkpoint::names_of(rules.ignore_files);
  };
  static const auto left_behind = [](const Dialect& rules) {
    return rules.carry ? rules.carry->except : std::vector<lang::NameTemplate>{};
  };
  static const std::vector<Matched> all = {
      {"megatron",
       recognise,
       {"latest_checkpointed_iteration.txt", "iter_0000010", "release", "mp_rank_00",
        "mp_rank_01_002_003", ".metadata"},
       {"config.json", "model.safetensors", "iter", "global_step10", "released"}},
      {"megatron",
       refused,
       {".metadata", "iter_0000010/.metadata", "run/iter_0000010/.metadata", "global_step10"},
       {"iter_0000010/metadata.json", "global", "mp_rank_00"}},
      {"megatron",
       ignored,
       {"mp_rank_00/distrib_optim.pt", "mp_rank_00/layer_wise_optimizer_3.pt"},
       {"mp_rank_00/model_optim_rng.pt", "distrib_optim.pt", "mp_rank_00/optim.pt"}},
      {"huggingface",
       recognise,
       {"config.json", "model.safetensors", "model.fp32.safetensors.index.json",
        "pytorch_model.bin"},
       {"latest_checkpointed_iteration.txt", "model.safetensors.tmp", "config.yaml"}},
      {"huggingface",
       refused,
       {"hf_quant_config.json", "quantize_config.json", "quant_config.json", "adapter_config.json"},
       {"config.json", "generation_config.json", "model.safetensors"}},
      {"huggingface",
       left_behind,
       {"model.safetensors", "onnx/model.safetensors", "1/pytorch_model.bin", "original/x.pth",
        "run/training.pt", "run/last.ckpt", "tf/tf_model.h5", "flax/flax_model.msgpack",
        "onnx/model.onnx", "q/model.Q4_K_M.gguf", "mlx/weights.npz",
        "fp16/model.safetensors.index.json", "fp16/model.safetensors.index.fp16.json"},
       {"tokenizer.json", "tokenizer.model", "generation_config.json", "README.md", "index.json"}},
  };
  return all;
}

/// Tensors that are no part of a model, and some that are.
struct Stored {
  const char* framework;
  std::vector<std::string> families;
  Names ignored, others;
};

const std::vector<Stored>& stored() {
  static const std::vector<Stored> all = {
      {"megatron",
       {"llama", "gpt2", "mixtral"},
       {"model/decoder.layers.0.self_attention.core_attention._extra_state",
        "model/rotary_pos_emb.inv_freq",
        "model/decoder.layers.1.self_attention.rotary_emb.inv_freq",
        "model/language_model/encoder/layers.0.self_attention.rotary_emb.inv_freq",
        "optimizer/state/exp_avg", "opt_param_scheduler/state/lr", "rng_state/0/cuda_rng_state",
        "rerun_state_machine/state/0"},
       {"model/decoder.final_layernorm.weight", "model/optimizer/exp_avg",
        "model/decoder.layers.0.mlp.extra_weight", "model/rotary_pos_emb.weight",
        "state/optimizer/exp_avg"}},
      {"huggingface",
       {"llama", "mixtral", "apertus", "qwen2", "qwen3"},
       {"model.layers.3.self_attn.rotary_emb.inv_freq", "model.rotary_emb.inv_freq",
        "model.layers.0.self_attn.rotary_emb.cos_cached",
        "model.layers.0.mlp.down_proj._extra_state"},
       {"model.layers.0.mlp.down_proj.weight", "model.layers.0.self_attn.inv_freq",
        "model.layers.0.self_attn.rotary_emb.weight", "rotary_emb.inv_freq"}},
      {"huggingface",
       {"gpt2"},
       {"transformer.h.0.attn.bias", "h.11.attn.bias", "transformer.h.0.attn.masked_bias",
        "h.0.attn.masked_bias"},
       {"transformer.h.0.attn.c_attn.bias", "transformer.h.0.ln_1.bias", "h.0.attn.c_proj.bias"}},
  };
  return all;
}

bool matches(const rules::RuleSet& rules, const Matched& one) {
  DiagnosticSink sink;
  const auto set = checkpoint::pattern_set(one.patterns(rules.dialect), {}, sink);
  const auto known = [&](const std::string& name) { return !set->matching(name).empty(); };
  return set && std::all_of(one.theirs.begin(), one.theirs.end(), known) &&
         std::none_of(one.others.begin(), one.others.end(), known);
}

bool matches(const rules::RuleSet& rules, const Stored& one) {
  DiagnosticSink sink;
  rules::Grid grid;
  for (const rules::MeshRule& dim : rules.dialect.mesh)
    grid.set(dim.name, 1);
  const checkpoint::IgnoreSet set(rules, grid, sink);
  const auto known = [&](const std::string& name) { return set.match(name) != nullptr; };
  return !sink.has_errors() && std::all_of(one.ignored.begin(), one.ignored.end(), known) &&
         std::none_of(one.others.begin(), one.others.end(), known);
}

std::string written(const lang::NameTemplate& name, const rules::ValueMap& values) {
  const auto text = lang::expand(name, rules::environment_of(values));
  return text ? *text : "";
}

/// A rank's names, as Megatron's get_checkpoint_name() makes them.
std::string wrong_rank(const Dialect& rules) {
  struct Rank {
    std::int64_t tp, pp, pps, ep, eps, vpp, vpps;
    const char* folder;
    const char* root;
  };
  for (const Rank& at : {Rank{0, 0, 1, 0, 1, 0, 1, "mp_rank_00", "model"},
                         Rank{12, 0, 1, 0, 1, 0, 1, "mp_rank_12", "model"},
                         Rank{1, 2, 4, 0, 1, 1, 2, "mp_rank_01_002", "model1"},
                         Rank{1, 0, 1, 3, 4, 0, 1, "mp_rank_01_003", "model"},
                         Rank{1, 2, 3, 3, 5, 0, 2, "mp_rank_01_002_003", "model0"},
                         Rank{0, 0, 2, 0, 2, 0, 1, "mp_rank_00_000_000", "model"}}) {
    const rules::ValueMap values = {{"tp", Value(at.tp)},        {"pp", Value(at.pp)},
                                    {"ep", Value(at.ep)},        {"vpp", Value(at.vpp)},
                                    {"pp.size", Value(at.pps)},  {"ep.size", Value(at.eps)},
                                    {"vpp.size", Value(at.vpps)}};
    const std::string folder = at.folder;
    if (written(*rules.file, values) != folder + "/model_optim_rng.pt" ||
        written(*rules.root, values) != at.root || rules.file_also.size() != 1 ||
        written(rules.file_also.front(), values) != folder + "/model_rng.pt")
      return folder;
  }
  return {};
}

std::string wrong_file(const std::string& framework, const Dialect& rules) {
  if (framework == "megatron") {
    if (written(*rules.folder, {{"iteration", Value(10)}}) != "iter_0000010") return "iter_0000010";
    if (written(*rules.folder, {{"iteration", Value("release")}}) != "release") return "release";
    if (rules.tracker_file != "latest_checkpointed_iteration.txt" ||
        rules.tracker_size != "iteration" || rules.tracker_words != Names{"release"})
      return "tracker";
    if (rules.container != "torch" || rules.config_at != "args" ||
        rules.config_class != "argparse.Namespace")
      return "container";
    return wrong_rank(rules);
  }
  const rules::ValueMap second = {{"part", Value(2)}, {"parts", Value(30)}};
  const auto is = [&](const rules::WeightsRule& weights, const char* container, const char* one,
                      const char* part, const char* index) {
    return weights.container == container && weights.one == one && weights.index == index &&
           written(weights.part, second) == part;
  };
  if (rules.weights.size() != 2 ||
      !is(rules.weights[0], "safetensors", "model.safetensors", "model-00002-of-00030.safetensors",
          "model.safetensors.index.json") ||
      !is(rules.weights[1], "torch", "pytorch_model.bin", "pytorch_model-00002-of-00030.bin",
          "pytorch_model.bin.index.json"))
    return "weights";
  // transformers refuses safetensors without this entry; 5 GB is what save_pretrained cuts at.
  Value metadata{tensor::Mapping{}};
  tensor::set_field(metadata, "format", Value("pt"));
  if (rules.metadata != metadata || rules.max_shard_size != "5GB") return "metadata";
  return rules.config_file == "config.json" ? "" : "config.json";
}

}  // namespace

std::string wrong_name(const rules::Library& library, const std::string& family,
                       const std::string& framework) {
  DiagnosticSink sink;
  const auto rules = library.rule_set(family, framework, sink);
  if (!rules) return "no rules";
  for (const Matched& one : matched())
    if (one.framework == framework && !matches(*rules, one)) return one.theirs.front();
  for (const Stored& one : stored())
    if (one.framework == framework &&
        std::find(one.families.begin(), one.families.end(), family) != one.families.end() &&
        !matches(*rules, one))
      return one.ignored.front();
  return wrong_file(framework, rules->dialect);
}

}  // namespace recast::mutation
