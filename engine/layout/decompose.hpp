#pragma once
// A range of a flattened dimension as boxes: a range over a mixed-radix index of n axes is at most
// 2n − 1 boxes.

#include <cstdint>
#include <vector>

#include "engine/layout/layout.hpp"

namespace recast::layout {

/// A box of one part: `ranges` differs from the full ranges only in the axes of the cut dimension.
struct PartBox {
  LabelId label = kNoLabel;
  Ranges ranges;
};

/// The elements of `layout` (restricted to `ranges`) whose index in dimension `dim` lies in
/// [begin, end), as disjoint boxes, in the order of their addresses. A part of another dimension's
/// sum comes once per box.
std::vector<PartBox> cut_dimension(const Layout& layout, const Ranges& ranges, std::size_t dim,
                                   std::int64_t begin, std::int64_t end);

}  // namespace recast::layout
