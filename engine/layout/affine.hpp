#pragma once
// A layout is affine: within one stored tensor, the element of a part at global indices i lies at
// `offset + Σ stride(axis) · (i(axis) − start(axis))`, in elements, over the axes of that part.

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/layout/layout.hpp"

namespace recast::layout {

struct AffinePart {
  LabelId label = kNoLabel;
  std::int64_t offset = 0;
  std::vector<std::pair<AxisId, std::int64_t>>
      strides;  // each axis of the part that the layout mentions, once
};

struct Affine {
  std::vector<std::int64_t> shape;
  std::vector<AffinePart> parts;  // in the order of the expression
};

/// How many indices an item, or a row-major sequence of items, spans.
std::int64_t extent_of(const Item& item, const Ranges& ranges);
std::int64_t extent_of(std::span<const Item> items, const Ranges& ranges);

/// The shape that a layout has when each axis is restricted to its range.
std::vector<std::int64_t> shape_of(const Layout& layout, const Ranges& ranges);

/// Offsets and strides of all parts. `dim_strides`: the stored tensor's strides in elements, one
/// per dimension; empty: it lies row-major.
Affine affine(const Layout& layout, const Ranges& ranges,
              std::span<const std::int64_t> dim_strides = {});

}  // namespace recast::layout
