#include "engine/checkpoint/compare.hpp"

#include <algorithm>

#include "engine/checkpoint/write.hpp"
#include "engine/plan/solve.hpp"

namespace recast::checkpoint {
namespace {

using tensor::Value;

enum class Knowledge { None, Default, Told };

/// What a side knows of a size: constants of a framework's code count for nothing, a default for
/// what it is where the other side tells.
Knowledge knowledge(const Bound& bound, const std::string& name) {
  const auto origin = bound.sizes.origins.find(name);
  if (origin == bound.sizes.origins.end() || origin->second == rules::Origin::Unknown)
    return Knowledge::None;
  const auto& notes = bound.sizes.notes;
  const bool constant = std::any_of(notes.begin(), notes.end(),
                                    [&](const rules::SizeNote& note) { return note.size == name; });
  if (constant) return Knowledge::None;
  return origin->second == rules::Origin::Default ? Knowledge::Default : Knowledge::Told;
}

/// Sizes of the model; what belongs to training (dropout, losses) may differ.
std::vector<SizeDifference> compare_sizes(const Bound& left, const Bound& right) {
  std::vector<SizeDifference> out;
  for (std::size_t i = 0; i < left.rules.family_size_count; ++i) {
    if (left.rules.sizes[i].training) continue;
    const std::string& name = left.rules.sizes[i].name;
    const Value* a = left.sizes.find(name);
    const Value* b = right.sizes.find(name);
    if (a == nullptr || b == nullptr || *a == *b) continue;
    const Knowledge of_left = knowledge(left, name), of_right = knowledge(right, name);
    if (of_left == Knowledge::None || of_right == Knowledge::None ||
        (of_left == Knowledge::Default && of_right == Knowledge::Default))
      continue;
    out.push_back({name, tensor::print(*a), tensor::print(*b)});
  }
  return out;
}

/// What one framework has no word for it takes to be as usual there.
std::vector<std::string> not_held(const Bound& left, const Bound& right) {
  if (left.rules.dialect.framework == right.rules.dialect.framework) return {};
  std::vector<std::string> out = rules::not_held(right.rules, left.sizes);
  for (std::string& other : rules::not_held(left.rules, right.sizes))
    out.push_back(std::move(other));
  return out;
}

bool is_padded(const Bound& bound, std::size_t axis) {
  const auto& pads = bound.rules.dialect.pad;
  return std::any_of(pads.begin(), pads.end(),
                     [&](const rules::PadRule& pad) { return pad.axis == axis; });
}

/// Cuts padding off: regions end at the true extent wherever one side knows it.
void clip(Bound& bound, const Bound& other) {
  for (std::size_t axis = 0; axis < bound.placement.extents.size(); ++axis) {
    if (!is_padded(bound, axis) && !is_padded(other, axis)) continue;
    std::int64_t& extent = bound.placement.extents[axis];
    for (const Bound* side : {static_cast<const Bound*>(&bound), &other}) {
      std::vector<std::string> unknown;
      DiagnosticSink quiet;
      const auto extents = rules::axis_extents(side->rules, side->sizes, unknown, quiet);
      if (axis < extents.size() && extents[axis] > 0) extent = std::min(extent, extents[axis]);
    }
  }
  for (rules::Region& region : bound.placement.regions) {
    const auto& axes = bound.rules.tensors[static_cast<std::size_t>(region.label)].axes;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::int64_t end = bound.placement.extents[axes[i]];
      region.box.extent[i] =
          std::max<std::int64_t>(0, std::min(region.box.extent[i], end - region.box.start[i]));
    }
  }
  std::erase_if(bound.placement.regions,
                [](const rules::Region& region) { return tensor::volume(region.box) == 0; });
}

/// Only what is stored: absent tensors of the right side are not compared.
void keep_present(Bound& bound) {
  std::erase_if(bound.placement.regions,
                [&](const rules::Region& region) { return !bound.present[region.tensor]; });
}

}  // namespace

std::optional<ModelComparison> compare_models(const io::FileSystem& files, const Compared& left,
                                              const Compared& right,
                                              const verify::Tolerance& tolerance,
                                              bool check_replicas, const exec::Options& options,
                                              const exec::ProgressSink& progress,
                                              DiagnosticSink& sink) {
  if (left.bound.rules.family != right.bound.rules.family) {
    sink.add(make_diagnostic(
        Code::plan_unknown_family,
        cat("'", left.opened.path, "' is '", left.bound.rules.family, "', '", right.opened.path,
            "' is '", right.bound.rules.family, "': they cannot be compared")));
    return std::nullopt;
  }
  ModelComparison out;
  out.sizes = compare_sizes(left.bound, right.bound);
  out.not_held = not_held(left.bound, right.bound);
  Bound a = left.bound, b = right.bound;
  clip(a, right.bound);
  clip(b, left.bound);
  keep_present(b);
  // Models of different shapes have no elements to compare.
  bool same_shape = true;
  for (std::size_t axis = 0; axis < a.placement.extents.size(); ++axis) {
    if (a.placement.extents[axis] == b.placement.extents[axis]) continue;
    same_shape = false;
    out.sizes.push_back({cat("axis '", a.rules.axes[axis].name, "'"),
                         std::to_string(a.placement.extents[axis]),
                         std::to_string(b.placement.extents[axis])});
  }
  if (!same_shape) return out;
  const plan::Target target{{b.rules, b.placement, b.live}, std::nullopt, b.sizes, false};
  plan::Solution solution = plan::solve(source_of(a), target, sink);
  if (sink.has_errors()) return std::nullopt;
  out.not_compared = std::move(solution.dropped);
  out.plan = std::move(solution.plan);
  for (std::size_t i = 0; i < out.plan.targets.size(); ++i) {
    plan::PlanTensor& tensor = out.plan.targets[i];
    tensor.file = b.stored_file[i];
    tensor.index = b.stored_index[i];
    tensor.dtype = b.dtypes[i];
  }
  const auto run = [&]() -> Result<void> {
    RECAST_ASSIGN(const OpenPayload from, open_payload(files, left.opened, out.plan.sources));
    RECAST_ASSIGN(const OpenPayload into, open_payload(files, right.opened, out.plan.targets));
    const exec::Inputs inputs{out.plan, from.borrowed(), from.places};
    // The right side's constants and replicas are those of a plan that reads it.
    const Bound& own = right.bound;
    const plan::Solution mirrored =
        plan::solve(source_of(own),
                    {{own.rules, own.placement, own.live}, std::nullopt, own.sizes, false}, sink);
    if (sink.has_errors())
      return make_diagnostic(Code::plan_refused, "the right side cannot be read by itself");
    const exec::Inputs other{mirrored.plan, into.borrowed(), into.places};
    RECAST_TRY(exec::check_constants(inputs));
    RECAST_TRY(exec::check_constants(other));
    if (check_replicas) {
      RECAST_ASSIGN(out.replica_nbytes, exec::check_replicas(inputs, UINT64_MAX, options));
      RECAST_ASSIGN(const std::uint64_t nbytes, exec::check_replicas(other, UINT64_MAX, options));
      out.replica_nbytes += nbytes;
    }
    RECAST_ASSIGN(out.tensors, verify::compare(inputs, into.borrowed(), into.places, tolerance,
                                               options, progress));
    return {};
  };
  if (auto done = run(); !done) {
    sink.add(std::move(done).error());
    return std::nullopt;
  }
  return out;
}

}  // namespace recast::checkpoint
