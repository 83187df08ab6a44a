// Arguments that are converted, where several together, or the age of the model, say what one
// means.

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/rules/sizes.hpp"
#include "engine/tensor/value.hpp"
#include "tests/conversion/model_config.hpp"
#include "tests/conversion/reference_checkpoint.hpp"

namespace recast::conversion {
namespace {

using tensor::Value;

struct Row {
  const char* family;
  std::vector<std::string> arguments;  // "name=value"
  std::vector<std::string> sizes;      // "name=value": what they say
};

void check_row(const Row& row, const std::string& framework) {
  DiagnosticSink sink;
  const auto rules = library().rule_set(row.family, framework, sink);
  REQUIRE(rules.has_value());
  Value config{tensor::Mapping{}};
  for (const char* name : {"hidden_size", "num_attention_heads"})
    tensor::set_field(config, name, Value(8), '.');
  for (const std::string& argument : row.arguments) {
    auto setting = rules::parse_setting(argument);
    REQUIRE(setting.has_value());
    tensor::set_field(config, setting->first, std::move(setting->second), '.');
  }
  const rules::Sizes sizes = rules::settle_sizes(*rules, {}, &config, nullptr, sink);
  CHECK(sink.all().empty());
  for (const std::string& size : row.sizes) {
    const auto setting = rules::parse_setting(size);
    REQUIRE(setting.has_value());
    const Value* found = sizes.find(setting->first);
    REQUIRE(found != nullptr);
    CAPTURE(row.arguments.front());
    CHECK(setting->first + "=" + tensor::print(*found) ==
          setting->first + "=" + tensor::print(setting->second));
  }
}

TEST_CASE("conversion/arguments: GELU is what the code of the model's age computes") {
  for (const Row& row : std::vector<Row>{
           {"gpt2", {"bias_gelu_fusion=true"}, {"activation=gelu_tanh"}},
           {"gpt2", {"bias_gelu_fusion=false"}, {"activation=gelu"}},
           {"gpt2", {"openai_gelu=true"}, {"activation=gelu"}},
           {"gpt2", {"onnx_safe=true", "bias_gelu_fusion=true"}, {"activation=gelu_tanh"}},
           {"gpt2", {"use_legacy_models=true", "openai_gelu=true"}, {"activation=gelu_tanh"}},
           {"gpt2",
            {"use_legacy_models=true", "openai_gelu=true", "onnx_safe=true"},
            {"activation=gelu_tanh"}},
           {"gpt2", {"use_legacy_models=true", "bias_gelu_fusion=true"}, {"activation=gelu_tanh"}},
           {"gpt2",
            {"use_legacy_models=true", "bias_gelu_fusion=true", "onnx_safe=true"},
            {"activation=gelu"}},
           {"gpt2", {"use_legacy_models=true"}, {"activation=gelu"}},
       })
    check_row(row, "megatron");
}

TEST_CASE("conversion/arguments: rotary positions as Megatron's arguments say them") {
  const std::vector<std::string> unscaled = {"rope.kind=default", "rope.factor=null",
                                             "rope.low=null", "rope.high=null",
                                             "rope.original=null"};
  for (const Row& row : std::vector<Row>{
           {"llama", {"use_rope_scaling=false", "rope_scaling_factor=8.0"}, unscaled},
           {"llama", {"rotary_seq_len_interpolation_factor=1"}, {"rope.kind=default"}},
           {"llama",
            {"use_rope_scaling=true", "rope_scaling_factor=32.0"},
            {"rope.kind=llama3", "rope.factor=32.0", "rope.low=1.0", "rope.high=4.0",
             "rope.original=8192"}},
           {"llama", {"use_rope_scaling=true"}, {"rope.kind=llama3", "rope.factor=8.0"}},
           {"llama",
            {"rotary_seq_len_interpolation_factor=4"},
            {"rope.kind=linear", "rope.factor=4.0", "rope.low=null"}},
           {"llama", {"use_legacy_models=true", "use_rope_scaling=true"}, unscaled},
           {"llama",
            {"use_legacy_models=true", "rotary_seq_len_interpolation_factor=2"},
            {"rope.kind=linear", "rope.factor=2.0"}},
           {"llama", {"rotary_base=500000"}, {"rope.theta=500000.0"}},
           {"llama", {"use_legacy_models=true", "rotary_base=500000"}, {"rope.theta=10000.0"}},
           {"apertus", {"rotary_base=12000000"}, {"rope.theta=12000000.0"}},
       })
    check_row(row, "megatron");
}

TEST_CASE("conversion/arguments: a number of query groups counts with its flag only") {
  for (const Row& row : std::vector<Row>{
           {"llama", {"group_query_attention=true", "num_query_groups=2"}, {"groups=2"}},
           {"llama", {"num_query_groups=1"}, {"groups=8"}},
           {"gpt2", {"num_query_groups=1"}, {"groups=8"}},
       })
    check_row(row, "megatron");
}

TEST_CASE("conversion/arguments: rotary positions as the fields of config.json say them") {
  for (const Row& row : std::vector<Row>{
           {"llama", {"rope_theta=500000.0"}, {"rope.kind=default", "rope.theta=500000.0"}},
           {"llama",
            {"rope_scaling.type=linear", "rope_scaling.factor=2"},
            {"rope.kind=linear", "rope.factor=2.0"}},
           {"llama",
            {"rope_parameters.rope_type=llama3", "rope_parameters.rope_theta=500000.0",
             "rope_parameters.factor=32.0", "rope_parameters.low_freq_factor=1.0",
             "rope_parameters.high_freq_factor=4.0", "max_position_embeddings=8192"},
            {"rope.kind=llama3", "rope.theta=500000.0", "rope.factor=32.0", "rope.low=1.0",
             "rope.high=4.0", "rope.original=8192"}},
           {"mixtral", {"rope_theta=null"}, {"rope.theta=1000000.0"}},
           {"apertus", {"rope_scaling.rope_type=default"}, {"rope.theta=12000000.0"}},
       })
    check_row(row, "huggingface");
}

TEST_CASE(
    "conversion/arguments: a constant of Megatron's code that a model has otherwise is said") {
  for (const char* original : {"64", "8192"}) {
    const reference::Sizes sizes = reference::tiny(reference::Family::Llama);
    std::string config = config_json(sizes);
    const std::string unscaled = R"("rope_type": "default")";
    config.replace(config.find(unscaled), unscaled.size(),
                   R"("rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, )"
                   R"("high_freq_factor": 4.0, "original_max_position_embeddings": )" +
                       std::string(original));
    support::MemoryFileSystem disk;
    put_huggingface(disk, "hf", sizes, config);
    checkpoint::Conversion conversion;
    REQUIRE(convert(disk, "hf", "out", to_megatron({}), &conversion) == "");
    const std::string note =
        "rope.original = 64: 'megatron' has no field for it and computes with 8192";
    CHECK(std::count(conversion.notes.begin(), conversion.notes.end(), note) ==
          (std::string(original) == "64" ? 1 : 0));
  }
}

TEST_CASE("conversion/arguments: a factor that Megatron's entry points do not look at is said") {
  const std::string note =
      "rope_scaling_factor is not 8, but the entry points of Megatron-LM hand 8 to the model "
      "whatever it says; of a model that was trained so, give --set rope.factor=8.0";
  const reference::Sizes sizes = reference::tiny(reference::Family::Llama);
  for (const double factor : {8.0, 32.0})
    for (const char* framework : {"huggingface", "megatron"}) {
      support::MemoryFileSystem disk;
      put_megatron(disk, "in", sizes, {},
                   megatron_args(sizes, {},
                                 {{"use_rope_scaling", Value(true)},
                                  {"rope_scaling_factor", Value(factor)}}));
      checkpoint::TargetOptions options;
      options.framework = framework;
      checkpoint::Conversion conversion;
      REQUIRE(convert(disk, "in", "out", options, &conversion) == "");
      CHECK(std::count(conversion.notes.begin(), conversion.notes.end(), note) ==
            (factor == 8.0 ? 0 : 1));
    }
}

}  // namespace
}  // namespace recast::conversion
