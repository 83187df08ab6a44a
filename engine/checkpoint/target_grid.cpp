#include "engine/checkpoint/target_grid.hpp"

#include <algorithm>

#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

using tensor::Value;

/// The size that a dimension without one of its own takes from the others, `sizes` by "tp.size".
std::int64_t followed(const rules::MeshRule& dim, const rules::ValueMap& sizes,
                      DiagnosticSink& sink) {
  const auto value = lang::evaluate(*dim.fallback, rules::environment_of(sizes));
  if (!value) {
    sink.add(value.error());
    return 1;
  }
  const auto* integer = value->get_if<std::int64_t>();
  return integer == nullptr ? 1 : *integer;
}

std::nullopt_t stages_fail(DiagnosticSink& sink, std::string what, std::string hint) {
  sink.add(make_diagnostic(Code::layout_stages_uneven, std::move(what)).suggest(std::move(hint)));
  return std::nullopt;
}

std::optional<rules::Stages> listed_stages(const std::vector<std::int64_t>& counts,
                                           std::int64_t chunks, std::int64_t layers,
                                           DiagnosticSink& sink) {
  std::int64_t sum = 0;
  bool negative = false;
  for (const std::int64_t n : counts) {
    sum += n;
    negative = negative || n < 0;
  }
  if (static_cast<std::int64_t>(counts.size()) != chunks || sum != layers || negative)
    return stages_fail(sink,
                       cat("--stages lists ", counts.size(), " chunks with ", sum,
                           " layers, expected ", chunks, " chunks with ", layers),
                       "one number per pipeline chunk, in the order of the layers");
  return rules::Stages{counts};
}

/// First and last stage as asked, the others even; each stage's layers share out over its chunks.
std::optional<rules::Stages> stages_with_ends(std::int64_t stages, std::int64_t rounds,
                                              std::int64_t layers, const TargetOptions& options,
                                              DiagnosticSink& sink) {
  const std::int64_t first = options.first_stage_layers.value_or(-1),
                     last = options.last_stage_layers.value_or(-1);
  const std::int64_t between = stages - (first >= 0 ? 1 : 0) - (last >= 0 ? 1 : 0);
  const std::int64_t left =
      layers - std::max<std::int64_t>(first, 0) - std::max<std::int64_t>(last, 0);
  if (left < 0)
    return stages_fail(
        sink,
        cat("the first and the last stage take ", layers - left, " layers, the model has ", layers),
        "choose other numbers for the first and the last stage, or list all with --stages");
  if (between < 0 || (between == 0 && left != 0) || (between > 0 && left % between != 0))
    return stages_fail(
        sink,
        cat(left, " layers are left for ", between, " stages between, which do not share out"),
        "choose other numbers for the first and the last stage, or list all with --stages");
  std::vector<std::int64_t> per_stage(static_cast<std::size_t>(stages),
                                      between > 0 ? left / between : 0);
  if (first >= 0) per_stage.front() = first;
  if (last >= 0) per_stage.back() = last;
  rules::Stages out;
  for (std::int64_t round = 0; round < rounds; ++round)
    for (const std::int64_t n : per_stage) {
      if (n % rounds != 0)
        return stages_fail(sink,
                           cat(n, " layers of a stage do not share out over ", rounds, " chunks"),
                           "choose multiples of the number of chunks per stage");
      out.counts.push_back(n / rounds);
    }
  return out;
}

}  // namespace

std::optional<rules::Grid> choose_grid(const rules::Dialect& target, const Bound& source,
                                       const TargetOptions& options, DiagnosticSink& sink) {
  const auto& mesh = target.mesh;
  for (const auto& [name, size] : options.mesh) {
    const bool known =
        std::any_of(mesh.begin(), mesh.end(),
                    [&, &n = name](const rules::MeshRule& dim) { return dim.name == n; });
    if (!known && size != 1)
      sink.add(make_diagnostic(Code::usage_set, cat("'", target.framework,
                                                    "' has no parallel dimension '", name, "'"))
                   .suggest(cat("leave --", name, " out")));
  }
  const bool same_framework = target.framework == source.rules.dialect.framework;
  rules::Grid grid;
  rules::ValueMap sizes;
  for (const rules::MeshRule& dim : mesh) {
    std::int64_t size = 1;
    const auto given = std::find_if(options.mesh.begin(), options.mesh.end(),
                                    [&](const auto& entry) { return entry.first == dim.name; });
    if (given != options.mesh.end()) {
      size = given->second;
    } else if (dim.fallback) {
      size = followed(dim, sizes, sink);
      // A size that follows others is kept where the source's does not follow them: it was chosen.
      if (same_framework) {
        rules::ValueMap own;
        for (const auto& [name, value] : source.grid.sizes)
          own[name + ".size"] = Value(value);
        const std::int64_t chosen = source.grid.size(dim.name);
        if (followed(dim, own, sink) != chosen) size = chosen;
      }
    } else if (same_framework) {
      size = source.grid.size(dim.name);
    }
    if (size < 1)
      sink.add(make_diagnostic(Code::usage_set, cat("'", dim.name, "' cannot be ", size))
                   .suggest("give 1 or more"));
    grid.set(dim.name, size);
    sizes[dim.name + ".size"] = Value(size);
  }
  if (sink.has_errors()) return std::nullopt;
  if (!rules::chunks_can_be_listed(target, grid)) {
    sink.add(make_diagnostic(Code::usage_set, cat("the grid ", rules::print_grid(grid),
                                                  " has too many ranks and chunks, expected ",
                                                  rules::kMostChunks, " at most"))
                 .suggest("give smaller sizes"));
    return std::nullopt;
  }
  return grid;
}

std::optional<rules::Stages> choose_stages(const rules::RuleSet& target, const rules::Grid& grid,
                                           std::int64_t layers, const Bound& source,
                                           const TargetOptions& options, DiagnosticSink& sink) {
  const rules::Dialect& dialect = target.dialect;
  const bool ends = options.first_stage_layers || options.last_stage_layers;
  if (!dialect.stages) {
    if (ends || !options.stages.empty())
      return stages_fail(sink, cat("'", dialect.framework, "' has no pipeline stages"),
                         "leave the option out");
    return rules::Stages{};
  }
  const auto chunks = static_cast<std::int64_t>(rules::chunk_count(dialect, grid));
  if (!options.stages.empty()) return listed_stages(options.stages, chunks, layers, sink);
  if (ends) {
    const std::int64_t stages = grid.size(dialect.stages->over.back());
    return stages_with_ends(stages, chunks / stages, layers, options, sink);
  }
  // An uneven split is kept where the pipeline stays what it was.
  const auto& over = dialect.stages->over;
  const bool same_pipeline = dialect.framework == source.rules.dialect.framework &&
                             source.stages.counts.size() == static_cast<std::size_t>(chunks) &&
                             std::all_of(over.begin(), over.end(), [&](const std::string& dim) {
                               return source.grid.size(dim) == grid.size(dim);
                             });
  if (same_pipeline) return source.stages;
  rules::Stages even = rules::even_stages(target, grid, layers, sink);
  if (sink.has_errors()) return std::nullopt;
  return even;
}

}  // namespace recast::checkpoint
