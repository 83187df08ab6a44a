#pragma once
// The grid of ranks, the pipeline's stages and the extents of axes: what is known once sizes are
// settled and a topology is chosen, and what expressions may call it.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/rules/rule_set.hpp"
#include "engine/rules/sizes.hpp"

namespace recast::rules {

/// Sizes of the mesh, in the dialect's order of dimensions.
struct Grid {
  std::vector<std::pair<std::string, std::int64_t>> sizes;
  std::int64_t size(std::string_view name) const noexcept;  // 1 if there is no such dimension
  void set(const std::string& name, std::int64_t size);
};

/// "tp 4 pp 2", "one rank": dimensions of 1 are left out.
std::string print_grid(const Grid& grid);

/// Layers per chunk, in the order of the forward pass (the slowest dimension of `stages.over`
/// first).
struct Stages {
  std::vector<std::int64_t> counts;
  bool even() const noexcept;
};

/// What expressions may name once the grid is known: sizes, `tp.size` …, `vocab.extent` …,
/// `stages.counts`, `stages.even`, `stages.first`, `stages.last`, `stages.listed`, and coordinates
/// where they have a value.
ValueMap grid_values(const RuleSet& rules, const Sizes& sizes, const Grid& grid,
                     const Stages& stages, const std::vector<std::int64_t>& extents);
lang::Environment environment_of(const ValueMap& values);

/// The extents of all axes over the sizes, without padding. Axes whose size is unknown get 0 and
/// are named in `unknown`.
std::vector<std::int64_t> axis_extents(const RuleSet& rules, const Sizes& sizes,
                                       std::vector<std::string>& unknown, DiagnosticSink& sink);

/// Even stages; reports layout.stages-uneven when the layers do not divide.
Stages even_stages(const RuleSet& rules, const Grid& grid, std::int64_t layers,
                   DiagnosticSink& sink);

/// Whether a tensor of the inventory is there at all, and whether it shares the elements of
/// another.
struct LiveTensor {
  bool live = true;
  layout::LabelId elements = layout::kNoLabel;  // itself or the tensor it is the same as
};
std::vector<LiveTensor> live_tensors(const RuleSet& rules, const lang::Environment& environment,
                                     DiagnosticSink& sink);

/// Whether the names of all tensors can be written out: a damaged configuration may say of an axis
/// in a name that it has billions of entries. `extents`: of all axes. Codes: rule.size-value.
bool names_can_be_listed(const RuleSet& rules, const std::vector<std::int64_t>& extents,
                         DiagnosticSink& sink);

}  // namespace recast::rules
