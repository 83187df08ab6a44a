#include "engine/rules/grid.hpp"

#include <algorithm>

#include "engine/base/join.hpp"
#include "engine/rules/chunks.hpp"

namespace recast::rules {
namespace {

using tensor::Value;

Value list_of(const std::vector<std::int64_t>& items) {
  tensor::Sequence list;
  for (const std::int64_t item : items)
    list.items.emplace_back(item);
  return list;
}

/// Layers of the first and last stage where all others are equal; null where that is not how the
/// layers lie.
void add_stage_ends(const RuleSet& rules, const Grid& grid, const Stages& stages,
                    ValueMap& values) {
  values["stages.first"] = Value();
  values["stages.last"] = Value();
  values["stages.listed"] = false;
  values["stages.even"] = stages.even();
  if (stages.even() || !rules.dialect.stages) return;
  // `over` names the stage's own dimension last: chunks of one stage lie that far apart.
  const auto count = static_cast<std::size_t>(grid.size(rules.dialect.stages->over.back()));
  const std::size_t rounds = stages.counts.size() / count;
  std::vector<std::int64_t> per_stage(count, 0);
  bool same_in_rounds = true;
  for (std::size_t i = 0; i < stages.counts.size(); ++i) {
    per_stage[i % count] += stages.counts[i];
    same_in_rounds = same_in_rounds && stages.counts[i] == stages.counts[i % count];
  }
  const bool middle_even =
      count < 4 || std::all_of(per_stage.begin() + 1, per_stage.end() - 1,
                               [&](std::int64_t n) { return n == per_stage[1]; });
  // A stage without layers can be listed, but no argument gives its number.
  const bool some_empty = std::find(per_stage.begin(), per_stage.end(), 0) != per_stage.end();
  if (!same_in_rounds || !middle_even || rounds == 0 || some_empty) {
    values["stages.listed"] = true;
    return;
  }
  values["stages.first"] = Value(per_stage.front());
  values["stages.last"] = Value(per_stage.back());
}

}  // namespace

std::int64_t Grid::size(std::string_view name) const noexcept {
  for (const auto& [dim, size] : sizes)
    if (dim == name) return size;
  return 1;
}

void Grid::set(const std::string& name, std::int64_t size) {
  for (auto& [dim, existing] : sizes)
    if (dim == name) {
      existing = size;
      return;
    }
  sizes.emplace_back(name, size);
}

std::string print_grid(const Grid& grid) {
  std::vector<std::pair<std::string, std::int64_t>> sizes = grid.sizes;
  std::erase_if(sizes, [](const auto& dim) { return dim.second == 1; });
  if (sizes.empty()) return "one rank";
  return joined(sizes, " ", [](const auto& dim) { return cat(dim.first, " ", dim.second); });
}

bool Stages::even() const noexcept {
  return std::all_of(counts.begin(), counts.end(),
                     [&](std::int64_t n) { return n == counts.front(); });
}

lang::Environment environment_of(const ValueMap& values) {
  return [&values](std::string_view name) -> const Value* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
  };
}

ValueMap grid_values(const RuleSet& rules, const Sizes& sizes, const Grid& grid,
                     const Stages& stages, const std::vector<std::int64_t>& extents) {
  ValueMap values = sizes.values;
  for (const auto& [name, size] : grid.sizes)
    values[name + ".size"] = Value(size);
  values["stages.counts"] = list_of(stages.counts);
  add_stage_ends(rules, grid, stages, values);
  for (std::size_t i = 0; i < extents.size(); ++i)
    values[rules.axes[i].name + ".extent"] = Value(extents[i]);
  return values;
}

std::vector<std::int64_t> axis_extents(const RuleSet& rules, const Sizes& sizes,
                                       std::vector<std::string>& unknown, DiagnosticSink& sink) {
  std::vector<std::int64_t> extents;
  const lang::Environment environment = environment_of(sizes.values);
  for (const AxisRule& axis : rules.axes) {
    std::int64_t extent = 0;
    bool known = true;
    for (const std::string& name : lang::names_in(axis.extent)) {
      const Value* value = sizes.find(name);
      if (value == nullptr || !value->is_null()) continue;
      known = false;
      if (std::find(unknown.begin(), unknown.end(), name) == unknown.end()) unknown.push_back(name);
    }
    if (known) {
      const auto value = lang::evaluate(axis.extent, environment);
      if (!value) {
        sink.add(value.error());
      } else if (const auto* integer = value->get_if<std::int64_t>();
                 integer != nullptr && *integer > 0) {
        extent = *integer;
      } else {
        sink.add(make_diagnostic(Code::layout_bad_extent, cat("axis '", axis.name, "' would have ",
                                                              tensor::print(*value), " indices"))
                     .at(axis.extent.span));
      }
    }
    extents.push_back(extent);
  }
  return extents;
}

Stages even_stages(const RuleSet& rules, const Grid& grid, std::int64_t layers,
                   DiagnosticSink& sink) {
  const auto chunks = static_cast<std::int64_t>(chunk_count(rules.dialect, grid));
  if (layers % chunks != 0)
    sink.add(
        make_diagnostic(
            Code::layout_stages_uneven,
            cat(layers, " layers do not share out equally over ", chunks, " pipeline chunks"))
            .suggest(
                "give --first-stage-layers and --last-stage-layers, or all of them with --stages"));
  Stages stages;
  for (std::int64_t i = 0; i < chunks; ++i)
    stages.counts.push_back(layers / chunks + (i < layers % chunks ? 1 : 0));
  return stages;
}

std::vector<LiveTensor> live_tensors(const RuleSet& rules, const lang::Environment& environment,
                                     DiagnosticSink& sink) {
  const auto holds = [&](const std::optional<lang::ScalarExpr>& condition) {
    if (!condition) return true;
    const auto value = lang::evaluate(*condition, environment);
    if (value) return lang::is_true(*value);
    sink.add(value.error());
    return false;
  };
  std::vector<LiveTensor> live;
  for (std::size_t i = 0; i < rules.tensors.size(); ++i) {
    const LogicalRule& rule = rules.tensors[i];
    LiveTensor tensor{holds(rule.when), static_cast<layout::LabelId>(i)};
    if (rule.same_as != layout::kNoLabel && holds(rule.same_when)) tensor.elements = rule.same_as;
    live.push_back(tensor);
  }
  return live;
}

bool names_can_be_listed(const RuleSet& rules, const std::vector<std::int64_t>& extents,
                         DiagnosticSink& sink) {
  constexpr std::int64_t kMost = 1'000'000;
  for (const TensorRule& rule : rules.dialect.tensors)
    for (const layout::AxisId axis : rule.name_axes) {
      if (extents[axis] <= kMost) continue;
      sink.add(make_diagnostic(
                   Code::rule_size_value,
                   cat("axis '", rules.axes[axis].name, "' has ", extents[axis],
                       " entries, each with tensors of its own, expected ", kMost, " at most"))
                   .note("the axis is declared here", rules.axes[axis].span)
                   .suggest("the configuration may be damaged"));
      return false;
    }
  return true;
}

}  // namespace recast::rules
