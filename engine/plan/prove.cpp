#include <algorithm>
#include <map>

#include "engine/plan/solve.hpp"
#include "engine/tensor/catalog.hpp"

namespace recast::plan {
namespace {

struct Written {
  std::uint32_t logical;
  const tensor::Box* box;
};

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
  std::vector<std::vector<Written>> written(plan.targets.size());
  std::vector<std::int64_t> volumes(plan.targets.size(), 0);
  const auto add = [&](TensorIndex into, std::uint32_t logical, const tensor::Box& box,
                       std::int64_t offset,
                       const std::array<std::int64_t, tensor::kMaxRank>& stride) {
    const std::int64_t size = tensor::element_count(plan.targets[into].shape);
    const auto [low, high] = reach(offset, box, stride);
    if (low < 0 || high >= size)
      not_proven(sink, cat("'", plan.targets[into].name, "' has ", size,
                           " elements and would be written at ", low < 0 ? low : high));
    written[into].push_back({logical, &box});
    volumes[into] += tensor::volume(box);
  };
  for (const Copy& copy : plan.copies) {
    add(copy.into, copy.logical, copy.box, copy.into_offset, copy.into_stride);
    const auto [low, high] = reach(copy.from_offset, copy.box, copy.from_stride);
    if (low < 0)
      not_proven(sink, cat("'", plan.sources[copy.from].name, "' would be read at ", low));
    (void)high;  // a source may have any strides; its reach was checked when it was read
  }
  for (const Fill& fill : plan.fills)
    add(fill.into, fill.logical, fill.box, fill.into_offset, fill.into_stride);
  for (std::size_t i = 0; i < plan.targets.size(); ++i) {
    const std::int64_t size = tensor::element_count(plan.targets[i].shape);
    if (volumes[i] != size)
      not_proven(sink, cat("'", plan.targets[i].name, "' has ", size, " elements, of which ",
                           volumes[i], " would be written"));
    for (std::size_t a = 0; a < written[i].size(); ++a)
      for (std::size_t b = a + 1; b < written[i].size(); ++b)
        if (written[i][a].logical == written[i][b].logical &&
            tensor::intersect(*written[i][a].box, *written[i][b].box))
          not_proven(sink, cat("'", plan.targets[i].name, "' would be written twice in places"));
  }
}

}  // namespace recast::plan
