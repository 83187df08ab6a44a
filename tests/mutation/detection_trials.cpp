#include "tests/mutation/detection_trials.hpp"

#include <map>
#include <stdexcept>

#include "engine/rules/sizes.hpp"
#include "tests/mutation/family_trials.hpp"

namespace recast::mutation {
namespace {

using tensor::Value;

struct Named {
  const char* family;
  const char* architecture;
};
constexpr Named kArchitectures[] = {
    {"llama", "LlamaForCausalLM"}, {"mixtral", "MixtralForCausalLM"}, {"gpt2", "GPT2LMHeadModel"},
    {"gpt2", "GPT2Model"},         {"apertus", "ApertusForCausalLM"}, {"qwen2", "Qwen2ForCausalLM"},
    {"qwen3", "Qwen3ForCausalLM"}, {"", "SomethingElseForPrediction"}};

void add_huggingface(std::vector<Detection>& out) {
  const auto add = [&](const Value& architectures, const Value& type, const std::string& family) {
    Value config{tensor::Mapping{}};
    tensor::set_field(config, "architectures", architectures, '.');
    tensor::set_field(config, "model_type", type, '.');
    out.push_back({"huggingface", std::move(config), family});
  };
  for (const Named& one : kArchitectures) {
    const Value architectures(tensor::Sequence{tensor::Sequence::Kind::List, {one.architecture}});
    add(architectures, Value(), one.family);
    for (const Named& other : kArchitectures)
      add(architectures, Value(other.family), one.family);  // the class says how it computes
    add(Value(), Value(one.family), one.family);
  }
  add(Value(), Value(), "");
}

/// What the arguments are, as the models' code takes them.
std::string family_of(bool swiglu, bool xielu, bool experts, bool qk_norm, bool qkv_bias, bool bias,
                      const std::string& norm, const std::string& positions) {
  const bool rotary = norm == "RMSNorm" && positions == "rope";
  if (rotary && xielu && !swiglu && !experts && qk_norm && !qkv_bias) return "apertus";
  if (rotary && swiglu && experts && !qk_norm && !qkv_bias) return "mixtral";
  if (rotary && swiglu && !experts && !qk_norm && !qkv_bias) return "llama";
  if (rotary && swiglu && !experts && !qk_norm && qkv_bias && !bias) return "qwen2";
  if (rotary && swiglu && !experts && qk_norm && !qkv_bias && !bias) return "qwen3";
  const bool learned = norm != "RMSNorm" && positions != "rope" && positions != "none";
  if (learned && !swiglu && !xielu && !experts && !qk_norm) return "gpt2";
  return "";
}

void add_megatron(std::vector<Detection>& out) {
  for (int flags = 0; flags < 64; ++flags)
    for (const char* norm : {"", "RMSNorm", "LayerNorm"})
      for (const char* positions : {"", "rope", "learned_absolute", "none"}) {
        Value config{tensor::Mapping{}};
        const auto set = [&](const char* name, Value value) {
          tensor::set_field(config, name, std::move(value), '.');
        };
        const auto flag = [&](int bit) { return (flags >> bit & 1) != 0; };
        set("num_layers", Value(2));
        set("swiglu", Value(flag(0)));
        set("xielu", Value(flag(1)));
        set("num_experts", flag(2) ? Value(4) : Value());
        set("qk_layernorm", Value(flag(3)));
        set("add_qkv_bias", Value(flag(4)));
        set("add_bias_linear", Value(flag(5)));
        if (norm[0] != '\0') set("normalization", Value(norm));
        if (positions[0] != '\0') set("position_embedding_type", Value(positions));
        out.push_back(
            {"megatron", std::move(config),
             family_of(flag(0), flag(1), flag(2), flag(3), flag(4), flag(5), norm, positions)});
      }
  out.push_back({"megatron", Value(tensor::Mapping{}), ""});
}

}  // namespace

std::vector<Detection> detections() {
  std::vector<Detection> out;
  add_huggingface(out);
  add_megatron(out);
  return out;
}

std::string wrong_detection(const std::vector<Detection>& all, const rules::Library& rules) {
  // The same as detect_family() does, but rules are read once for all configurations.
  std::map<std::string, std::map<std::string, lang::ScalarExpr>> detect;
  DiagnosticSink sink;
  for (const char* framework : {"huggingface", "megatron"})
    for (const std::string& family : families())
      if (const auto set = rules.rule_set(family, framework, sink); set && set->dialect.detect)
        detect[framework].emplace(family, *set->dialect.detect);
  for (const Detection& one : all) {
    std::string found;
    for (const auto& [family, holds] : detect[one.framework]) {
      const auto value = lang::evaluate(holds, rules::config_environment(&one.config, nullptr));
      if (!value) return value.error().message;
      if (lang::is_true(*value)) found += (found.empty() ? "" : ", ") + family;
    }
    if (found != one.family)
      return tensor::print(one.config, 1000) + " is " + (found.empty() ? "none" : found) +
             ", expected " + (one.family.empty() ? "none" : one.family);
  }
  return {};
}

}  // namespace recast::mutation
