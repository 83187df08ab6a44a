#include "cli/shared_options.hpp"

#include <utility>

#include "engine/base/spell.hpp"

namespace recast::cli {
namespace {

constexpr std::int64_t kMostRanks =
    1 << 20;  // along one dimension of the mesh; keeps products inside 64 bits
constexpr std::int64_t kMostLayers = 1 << 20;
constexpr std::int64_t kMostThreads = 4096;

}  // namespace

void declare(OptionParser& parser, SourceOptions& options) {
  parser.title("Source");
  parser.option("--from", "FRAMEWORK", "the source's framework (default: detected)",
                take_text(options.from));
  parser.option("--family", "FAMILY", "the model's family (default: detected)",
                take_text(options.family));
  parser.repeated_option("--set", "SIZE=VALUE",
                         "give or override a size of the model (vocab=32000)",
                         take_assignments(options.sets));
  parser.repeated_option("--rules", "DIR", "add rules, or override those that are there",
                         take_texts(options.rules));
}

void declare(OptionParser& parser, TargetOptions& options) {
  parser.title("Target");
  parser.required_option("--to", "FRAMEWORK", "the framework to write for", take_text(options.to));
  parser.option("--tp", "N", "tensor-parallel size", take_whole(options.tp, 1, kMostRanks));
  parser.option("--pp", "N", "pipeline-parallel size", take_whole(options.pp, 1, kMostRanks));
  parser.option("--vpp", "N", "chunks per pipeline stage", take_whole(options.vpp, 1, kMostRanks));
  parser.option("--ep", "N", "expert-parallel size", take_whole(options.ep, 1, kMostRanks));
  parser.option("--etp", "N", "tensor-parallel size of the experts",
                take_whole(options.etp, 1, kMostRanks));
  parser.option("--stages", "LIST",
                "layers of each pipeline stage: 6,8,8,6 (default: the source's where its pipeline "
                "is kept, else even)",
                take_wholes(options.stages));
  parser.option("--first-stage-layers", "N", "layers of the first stage; the others are even",
                take_whole(options.first_stage_layers, 0, kMostLayers));
  parser.option("--last-stage-layers", "N", "layers of the last stage; the others are even",
                take_whole(options.last_stage_layers, 0, kMostLayers));
  parser.exclusive("--stages", {"--first-stage-layers", "--last-stage-layers"});
  parser.option("--dtype", "TYPE", "cast to fp16, bf16, fp32 or fp64 (default: as stored)",
                take_dtype(options.dtype));
  parser.option("--max-shard-size", "SIZE",
                "cut the weights into files of at most this size (5GB, 512MiB)",
                take_size(options.max_shard_nbytes));
  parser.option("--tokenizer", "DIR", "take the tokenizer's files from this folder",
                take_text(options.tokenizer));
  parser.option("--args", "FILE", "further arguments of the target framework, as JSON",
                take_text(options.args_file));
}

void declare(OptionParser& parser, RunOptions& options) {
  parser.title("Machine");
  parser.option("--threads", "N", "worker threads (default: one per core)",
                take_whole(options.threads, 1, kMostThreads));
  parser.option("--memory", "SIZE", "bytes for all buffers together (default: 256MiB)",
                take_size(options.memory_nbytes));
}

void declare(OptionParser& parser, OutputOptions& options) {
  parser.title("Output");
  parser.flag("--quiet", "neither progress, notes nor a summary; problems only", options.quiet);
  parser.flag("--json", "the result as JSON on standard output", options.json);
  parser.option("--diagnostics", "FORM", "'text' (default) or 'json', one object per line",
                take_word(options.diagnostics, {"text", "json"}));
}

Take take_assignments(std::vector<Assignment>& into) {
  return [&into](std::string_view option, const std::string& value) -> Result<void> {
    const std::size_t equals = value.find('=');
    if (equals == 0 || equals == std::string::npos)
      return make_diagnostic(Code::usage_bad_value,
                             cat("option '", option, "' is '", value, "', expected SIZE=VALUE"));
    into.push_back({value.substr(0, equals), value.substr(equals + 1)});
    return {};
  };
}

Take take_dtype(std::optional<tensor::DType>& into) {
  return [&into](std::string_view option, const std::string& value) -> Result<void> {
    into = tensor::dtype_of(value);
    if (!into || !tensor::is_castable(*into))
      return make_diagnostic(Code::usage_bad_value, cat("option '", option, "' is '", value,
                                                        "', expected fp16, bf16, fp32 or fp64"));
    return {};
  };
}

}  // namespace recast::cli
