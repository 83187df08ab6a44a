#pragma once
// A layout expression resolved against the axes and tensors of one family: names have become ids,
// optional parts that the family lacks are gone, product axes are spelled out.

#include <cstdint>
#include <string>
#include <vector>

namespace recast::layout {

using AxisId = std::uint8_t;
/// Number of a logical tensor in its family; kNoLabel where a sum carries the labels.
using LabelId = std::int32_t;
inline constexpr LabelId kNoLabel = -1;

struct Part;

struct Item {
  enum class Kind : std::uint8_t { Unit, Axis, Group, Sum };
  Kind kind = Kind::Unit;
  AxisId axis = 0;          // Axis
  std::vector<Item> items;  // Group
  std::vector<Part> parts;  // Sum
};

struct Part {
  LabelId label = kNoLabel;
  std::vector<Item> items;
};

/// One item per dimension of the stored tensor.
struct Layout {
  LabelId label = kNoLabel;
  std::vector<Item> dims;
};

/// The part of an axis that is laid out: global indices [start, start + extent).
struct Range {
  std::int64_t start = 0;
  std::int64_t extent = 0;
  bool operator==(const Range&) const = default;
};
/// One range per AxisId of the family.
using Ranges = std::vector<Range>;

}  // namespace recast::layout
