#include "engine/tensor/catalog.hpp"

#include <algorithm>
#include <limits>

#include "engine/base/checked.hpp"

namespace recast::tensor {

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::int64_t element_count(const std::vector<std::int64_t>& shape) noexcept {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::int64_t count = 1;
  for (const std::int64_t extent : shape)
    count = checked_mul(count, extent).value_or(kMost);
  return count;
}

std::vector<std::int64_t> row_major(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis > 1; --axis) {
    // An empty axis counts as one, as every framework does it.
    const std::int64_t extent = std::max<std::int64_t>(shape[axis - 1], 1);
    strides[axis - 2] = checked_mul(strides[axis - 1], extent).value_or(kMost);
  }
  return strides;
}

bool is_row_major(const StoredTensor& tensor) noexcept {
  if (element_count(tensor.shape) == 0) return true;
  std::int64_t expected = 1;
  for (std::size_t axis = tensor.shape.size(); axis > 0; --axis) {
    const std::int64_t extent = tensor.shape[axis - 1];
    // The stride of an axis with one element is never used.
    if (extent != 1 && tensor.strides[axis - 1] != expected) return false;
    expected = checked_mul(expected, extent).value_or(kMost);
  }
  return true;
}

}  // namespace recast::tensor
