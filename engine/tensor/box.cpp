#include "engine/tensor/box.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include "engine/base/checked.hpp"

namespace recast::tensor {

bool Box::operator==(const Box& other) const noexcept {
  return rank == other.rank &&
         std::equal(start.begin(), start.begin() + rank, other.start.begin()) &&
         std::equal(extent.begin(), extent.begin() + rank, other.extent.begin());
}

std::int64_t volume(const Box& box) noexcept {
  std::int64_t product = 1;
  for (std::size_t axis = 0; axis < box.rank; ++axis) {
    if (box.extent[axis] == 0) return 0;
    product =
        checked_mul(product, box.extent[axis]).value_or(std::numeric_limits<std::int64_t>::max());
  }
  return product;
}

std::optional<Box> intersect(const Box& a, const Box& b) noexcept {
  assert(a.rank == b.rank);
  Box common;
  common.rank = a.rank;
  for (std::size_t axis = 0; axis < a.rank; ++axis) {
    const std::int64_t begin = std::max(a.start[axis], b.start[axis]);
    const std::int64_t end =
        std::min(a.start[axis] + a.extent[axis], b.start[axis] + b.extent[axis]);
    if (end <= begin) return std::nullopt;
    common.start[axis] = begin;
    common.extent[axis] = end - begin;
  }
  return common;
}

std::vector<Box> subtract(const Box& a, const Box& b) {
  if (volume(a) == 0) return {};
  const std::optional<Box> common = intersect(a, b);
  if (!common) return {a};
  // Axis by axis: what lies before and after the common part is cut off, and the rest goes on.
  std::vector<Box> out;
  Box rest = a;
  for (std::size_t axis = 0; axis < a.rank; ++axis) {
    const std::int64_t end = rest.start[axis] + rest.extent[axis];
    const std::int64_t common_end = common->start[axis] + common->extent[axis];
    if (rest.start[axis] < common->start[axis]) {
      Box before = rest;
      before.extent[axis] = common->start[axis] - rest.start[axis];
      out.push_back(before);
    }
    if (common_end < end) {
      Box after = rest;
      after.start[axis] = common_end;
      after.extent[axis] = end - common_end;
      out.push_back(after);
    }
    rest.start[axis] = common->start[axis];
    rest.extent[axis] = common->extent[axis];
  }
  return out;
}

bool contains(const Box& outer, const Box& inner) noexcept {
  assert(outer.rank == inner.rank);
  if (volume(inner) == 0) return true;
  const std::optional<Box> common = intersect(outer, inner);
  return common && *common == inner;
}

}  // namespace recast::tensor
