#pragma once
// The slow oracle of layouts: a layout is packed literally, element by element, into nested lists
// that are then read off. It shares no code with engine/layout and knows no stride.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/random.hpp"

namespace recast::packing {

struct Item;
using Sequence = std::vector<Item>;
struct Part {
  int label = -1;  // -1: a nested sum carries the labels
  Sequence items;
};
struct Item {
  enum class Kind { Unit, Axis, Group, Sum };
  Kind kind = Kind::Unit;
  int axis = 0;
  Sequence items;
  std::vector<Part> parts;
};
struct Layout {
  int label = -1;
  Sequence dims;
};

/// Global indices [start, start + extent), per axis.
struct Range {
  std::int64_t start = 0, extent = 1;
};
using Ranges = std::vector<Range>;

/// One element: whose it is and which, by axis.
struct Element {
  int label = -1;
  std::map<int, std::int64_t> index;
  bool operator==(const Element&) const = default;
  auto operator<=>(const Element&) const = default;
};

struct Packed {
  std::vector<std::int64_t> shape;
  std::vector<Element> elements;  // row-major
};

Packed pack(const Layout& layout, const Ranges& ranges);

/// The elements whose index in dimension `dim` lies in [begin, end), in their order.
Packed slice(const Packed& packed, std::size_t dim, std::int64_t begin, std::int64_t end);

/// Axes of each label, sorted by label, each in the order in which the layout mentions them.
std::map<int, std::vector<int>> axes_of(const Layout& layout);

/// A random layout of axes 0 … axes-1; labels count on from `label`. With `sums`, some dimensions
/// hold several tensors.
Layout random_layout(Random& random, int axes, int label, bool sums);

/// A random layout of one tensor that has exactly these axes.
Layout random_layout_of(Random& random, std::vector<int> axes, int label);

/// As a rule writes it, with the names of axes and labels.
std::string print(const Layout& layout, const std::vector<std::string>& axes,
                  const std::vector<std::string>& labels);

}  // namespace recast::packing
