#pragma once
// Small questions about the boxes of logical tensors that placements hold.

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/rules/placement.hpp"

namespace recast::plan {

inline std::size_t at(layout::LabelId label) {
  return static_cast<std::size_t>(label);
}

/// The element offset, in the stored tensor, of a box's first element; the box lies inside the
/// region's.
std::int64_t offset_of(const rules::Region& region, const tensor::Box& box);

/// The box of all elements of a logical tensor, given the extent of each axis.
tensor::Box whole_box(const rules::LogicalRule& tensor, const std::vector<std::int64_t>& extents);

/// `attn.q[layer 3, group 0…1, …]`.
std::string print_box(const rules::RuleSet& rules, layout::LabelId label, const tensor::Box& box);

/// Boxes that together are `box` without what `taken` holds, disjoint if `box` was.
std::vector<tensor::Box> without(const std::vector<tensor::Box>& boxes, const tensor::Box& taken);

}  // namespace recast::plan
