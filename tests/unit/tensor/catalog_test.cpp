#include "engine/tensor/catalog.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace recast::tensor {
namespace {

using Numbers = std::vector<std::int64_t>;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST_CASE("tensor/catalog: elements are counted, and saturate instead of wrapping") {
  CHECK(element_count({}) == 1);
  CHECK(element_count({2, 3, 4}) == 24);
  CHECK(element_count({2, 0, 4}) == 0);
  CHECK(element_count({kMost, 2}) == kMost);
  CHECK(element_count({kMost, kMost, 0}) == 0);
}

TEST_CASE("tensor/catalog: row-major strides come from the extents behind") {
  CHECK(row_major({}) == Numbers{});
  CHECK(row_major({5}) == Numbers{1});
  CHECK(row_major({2, 3, 4}) == Numbers{12, 4, 1});
  CHECK(row_major({2, 0, 4}) == Numbers{4, 4, 1});
  CHECK(row_major({2, kMost, 4}) == Numbers{kMost, 4, 1});
}

TEST_CASE("tensor/catalog: a tensor is row-major where its strides matter") {
  struct Row {
    Numbers shape, strides;
    bool row_major;
  };
  static const Row rows[] = {
      {{}, {}, true},
      {{2, 3}, {3, 1}, true},
      {{2, 3}, {1, 2}, false},
      {{2, 3}, {4, 1}, false},
      {{2, 3}, {0, 1}, false},
      {{1, 3}, {77, 1}, true},
      {{2, 1, 3}, {3, 99, 1}, true},
      {{2, 0}, {9, 9}, true},
      {{1}, {0}, true},
      {{2}, {2}, false},
  };
  for (const Row& row : rows) {
    StoredTensor tensor;
    tensor.shape = row.shape;
    tensor.strides = row.strides;
    CHECK(is_row_major(tensor) == row.row_major);
  }
}

TEST_CASE("tensor/catalog: what row_major makes is row-major") {
  for (const Numbers& shape : {Numbers{}, {3}, {2, 3, 4}, {1, 1}, {0, 3}}) {
    StoredTensor tensor;
    tensor.shape = shape;
    tensor.strides = row_major(shape);
    CHECK(is_row_major(tensor));
  }
}

}  // namespace
}  // namespace recast::tensor
