#include "engine/layout/decompose.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "engine/layout/affine.hpp"

namespace recast::layout {
namespace {

class Cutter {
 public:
  explicit Cutter(const Ranges& full) : full_(full) {}

  /// Restricts a row-major sequence to its flat indices [begin, end): a partial first row, whole
  /// rows, a partial last row; each may be empty.
  std::vector<PartBox> sequence(std::span<const Item> items, std::int64_t begin, std::int64_t end,
                                const PartBox& from) const {
    if (begin >= end) return {};
    if (items.empty()) return {from};
    const std::span<const Item> inner = items.subspan(1);
    const std::int64_t row = extent_of(inner, full_);
    std::vector<PartBox> boxes;
    const auto add = [&](std::int64_t row_begin, std::int64_t row_end, std::int64_t inner_begin,
                         std::int64_t inner_end) {
      for (const PartBox& outer : single(items.front(), row_begin, row_end, from)) {
        std::vector<PartBox> cut = sequence(inner, inner_begin, inner_end, outer);
        std::move(cut.begin(), cut.end(), std::back_inserter(boxes));
      }
    };
    std::int64_t first = begin / row;
    const std::int64_t last = end / row;
    if (first == last) {
      add(first, first + 1, begin - first * row, end - first * row);
      return boxes;
    }
    if (begin % row != 0) {
      add(first, first + 1, begin % row, row);
      ++first;
    }
    if (first < last) add(first, last, 0, row);
    if (end % row != 0) add(last, last + 1, 0, end % row);
    return boxes;
  }

  std::vector<PartBox> single(const Item& item, std::int64_t begin, std::int64_t end,
                              const PartBox& from) const {
    switch (item.kind) {
      case Item::Kind::Unit:
        return {from};
      case Item::Kind::Axis: {
        PartBox box = from;
        box.ranges[item.axis] = {full_[item.axis].start + begin, end - begin};
        return {std::move(box)};
      }
      case Item::Kind::Group:
        return sequence(item.items, begin, end, from);
      case Item::Kind::Sum:
        break;
    }
    std::vector<PartBox> boxes;
    std::int64_t before = 0;
    for (const Part& part : item.parts) {
      const std::int64_t extent = extent_of(part.items, full_);
      PartBox branch = from;
      if (part.label != kNoLabel) branch.label = part.label;
      std::vector<PartBox> cut = sequence(part.items, std::max<std::int64_t>(begin - before, 0),
                                          std::min(end - before, extent), branch);
      std::move(cut.begin(), cut.end(), std::back_inserter(boxes));
      before += extent;
    }
    return boxes;
  }

 private:
  const Ranges& full_;
};

}  // namespace

std::vector<PartBox> cut_dimension(const Layout& layout, const Ranges& ranges, std::size_t dim,
                                   std::int64_t begin, std::int64_t end) {
  if (begin >= end) return {};
  const Cutter cutter(ranges);
  std::vector<PartBox> boxes{{layout.label, ranges}};
  for (std::size_t i = 0; i < layout.dims.size(); ++i) {
    std::vector<PartBox> next;
    for (const PartBox& box : boxes) {
      const std::int64_t extent = extent_of(layout.dims[i], ranges);
      std::vector<PartBox> cut =
          cutter.single(layout.dims[i], i == dim ? begin : 0, i == dim ? end : extent, box);
      std::move(cut.begin(), cut.end(), std::back_inserter(next));
    }
    boxes = std::move(next);
  }
  return boxes;
}

}  // namespace recast::layout
