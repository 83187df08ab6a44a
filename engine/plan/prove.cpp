#include <utility>
#include <vector>

#include "engine/plan/cover.hpp"
#include "engine/plan/solve.hpp"
#include "engine/tensor/catalog.hpp"

namespace recast::plan {
namespace {

/// The least and greatest address of a strided box.
std::pair<std::int64_t, std::int64_t> reach(
    std::int64_t offset, const tensor::Box& box,
    const std::array<std::int64_t, tensor::kMaxRank>& stride) {
  std::int64_t low = offset, high = offset;
  for (std::size_t i = 0; i < box.rank; ++i) {
    const std::int64_t step = stride[i] * (box.extent[i] - 1);
    (step < 0 ? low : high) += step;
  }
  return {low, high};
}

void not_proven(DiagnosticSink& sink, std::string what) {
  sink.add(make_diagnostic(Code::plan_not_proven, std::move(what))
               .suggest("this is a mistake in a rule or in recast; nothing was written"));
}

}  // namespace

void prove(const Plan& plan, DiagnosticSink& sink) {
  std::vector<std::vector<StridedBox>> written(plan.targets.size());
  std::vector<std::int64_t> volumes(plan.targets.size(), 0);
  const auto add = [&](TensorIndex into, const tensor::Box& box, std::int64_t offset,
                       const std::array<std::int64_t, tensor::kMaxRank>& stride) {
    if (tensor::volume(box) == 0) return;
    const std::int64_t size = tensor::element_count(plan.targets[into].shape);
    const auto [low, high] = reach(offset, box, stride);
    if (low < 0 || high >= size)
      not_proven(sink, cat("'", plan.targets[into].name, "' has ", size,
                           " elements and would be written at ", low < 0 ? low : high));
    written[into].emplace_back(offset, box, stride);
    volumes[into] += tensor::volume(box);
  };
  for (const Copy& copy : plan.copies) {
    add(copy.into, copy.box, copy.into_offset, copy.into_stride);
    // A source may have any strides; how far it reaches was checked when it was read.
    if (const auto [low, high] = reach(copy.from_offset, copy.box, copy.from_stride); low < 0)
      not_proven(sink, cat("'", plan.sources[copy.from].name, "' would be read at ", low));
  }
  for (const Fill& fill : plan.fills)
    add(fill.into, fill.box, fill.into_offset, fill.into_stride);
  if (sink.has_errors()) return;
  for (std::size_t i = 0; i < plan.targets.size(); ++i) {
    const std::int64_t size = tensor::element_count(plan.targets[i].shape);
    if (volumes[i] != size)
      not_proven(sink, cat("'", plan.targets[i].name, "' has ", size, " elements, of which ",
                           volumes[i], " would be written"));
    else if (!covers_exactly(std::move(written[i]), size))
      not_proven(sink, cat("'", plan.targets[i].name, "' would be written twice in places"));
  }
}

}  // namespace recast::plan
