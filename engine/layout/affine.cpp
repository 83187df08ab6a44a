#include "engine/layout/affine.hpp"

#include <algorithm>
#include <iterator>

namespace recast::layout {
namespace {

/// Turns items into strides; every sum forks the parts met so far, one branch per part of the sum.
class PartWriter {
 public:
  explicit PartWriter(const Ranges& ranges) : ranges_(ranges) {}

  // A dimension, part or group is a row-major sequence; the last item advances by `stride`.
  std::vector<AffinePart> sequence(std::span<const Item> items, std::int64_t stride,
                                   std::vector<AffinePart> parts) const {
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
      parts = single(*item, stride, std::move(parts));
      stride *= extent_of(*item, ranges_);
    }
    return parts;
  }

  std::vector<AffinePart> single(const Item& item, std::int64_t stride,
                                 std::vector<AffinePart> parts) const {
    switch (item.kind) {
      case Item::Kind::Unit:
        return parts;
      case Item::Kind::Axis:
        for (AffinePart& part_so_far : parts)
          part_so_far.strides.emplace_back(item.axis, stride);
        return parts;
      case Item::Kind::Group:
        return sequence(item.items, stride, std::move(parts));
      case Item::Kind::Sum:
        break;
    }
    std::vector<AffinePart> forked;
    std::int64_t before = 0;
    for (const Part& part : item.parts) {
      std::vector<AffinePart> branch = parts;
      for (AffinePart& part_so_far : branch) {
        part_so_far.offset += before * stride;
        if (part.label != kNoLabel) part_so_far.label = part.label;
      }
      branch = sequence(part.items, stride, std::move(branch));
      std::move(branch.begin(), branch.end(), std::back_inserter(forked));
      before += extent_of(part.items, ranges_);
    }
    return forked;
  }

 private:
  const Ranges& ranges_;
};

}  // namespace

std::int64_t extent_of(std::span<const Item> items, const Ranges& ranges) {
  std::int64_t extent = 1;
  for (const Item& item : items)
    extent *= extent_of(item, ranges);
  return extent;
}

std::int64_t extent_of(const Item& item, const Ranges& ranges) {
  switch (item.kind) {
    case Item::Kind::Unit:
      return 1;
    case Item::Kind::Axis:
      return ranges[item.axis].extent;
    case Item::Kind::Group:
      return extent_of(item.items, ranges);
    case Item::Kind::Sum:
      break;
  }
  std::int64_t extent = 0;
  for (const Part& part : item.parts)
    extent += extent_of(part.items, ranges);
  return extent;
}

std::vector<std::int64_t> shape_of(const Layout& layout, const Ranges& ranges) {
  std::vector<std::int64_t> shape;
  shape.reserve(layout.dims.size());
  for (const Item& dim : layout.dims)
    shape.push_back(extent_of(dim, ranges));
  return shape;
}

Affine affine(const Layout& layout, const Ranges& ranges,
              std::span<const std::int64_t> dim_strides) {
  Affine result;
  result.shape = shape_of(layout, ranges);
  std::vector<std::int64_t> strides(dim_strides.begin(), dim_strides.end());
  if (strides.empty()) {
    strides.assign(result.shape.size(), 1);
    for (std::size_t i = strides.size(); i-- > 1;)
      strides[i - 1] = strides[i] * result.shape[i];
  }
  const PartWriter writer(ranges);
  result.parts.push_back({layout.label, 0, {}});
  for (std::size_t i = 0; i < layout.dims.size(); ++i)
    result.parts = writer.single(layout.dims[i], strides[i], std::move(result.parts));
  return result;
}

}  // namespace recast::layout
