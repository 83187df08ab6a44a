#include "engine/plan/region_index.hpp"

#include <doctest/doctest.h>

#include "engine/plan/region.hpp"

namespace recast::plan {
namespace {

tensor::Box box(std::int64_t layer, std::int64_t layers, std::int64_t row, std::int64_t rows) {
  tensor::Box out;
  out.rank = 2;
  out.start = {layer, row};
  out.extent = {layers, rows};
  return out;
}

std::vector<std::uint32_t> near(const RegionIndex& index, const tensor::Box& at) {
  std::vector<std::uint32_t> out;
  index.for_each_near(at, [&](std::uint32_t id) { out.push_back(id); });
  return out;
}

TEST_CASE("plan/region_index: boxes are found by the axes that make cells, each once") {
  RegionIndex index({0}, {4});
  index.insert(box(0, 1, 0, 5), 10);
  index.insert(box(1, 3, 0, 5), 11);
  index.insert(box(2, 1, 5, 5), 12);
  CHECK(near(index, box(0, 1, 0, 9)) == std::vector<std::uint32_t>{10});
  CHECK(near(index, box(2, 1, 7, 1)) == std::vector<std::uint32_t>{11, 12});
  CHECK(near(index, box(0, 4, 0, 1)) == std::vector<std::uint32_t>{10, 11, 12});
  CHECK(near(index, box(3, 1, 0, 1)) == std::vector<std::uint32_t>{11});
}

TEST_CASE("plan/region_index: an empty box, of a stage without layers, meets no cell") {
  RegionIndex index({0}, {4});
  index.insert(box(4, 0, 0, 5), 9);  // behind the last cell
  index.insert(box(3, 1, 0, 5), 10);
  CHECK(near(index, box(4, 0, 0, 5)).empty());
  CHECK(near(index, box(3, 1, 0, 5)) == std::vector<std::uint32_t>{10});
}

TEST_CASE("plan/region_index: without such axes everything is near") {
  RegionIndex index({}, {});
  index.insert(box(0, 1, 0, 1), 1);
  index.insert(box(3, 1, 3, 1), 2);
  CHECK(near(index, box(7, 1, 7, 1)) == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("plan/region: what is taken from boxes leaves the rest, disjoint") {
  const std::vector<tensor::Box> rest =
      without({box(0, 2, 0, 4), box(2, 2, 0, 4)}, box(1, 2, 1, 2));
  std::int64_t volume = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    volume += tensor::volume(rest[i]);
    CHECK_FALSE(tensor::intersect(rest[i], box(1, 2, 1, 2)).has_value());
    for (std::size_t j = i + 1; j < rest.size(); ++j)
      CHECK_FALSE(tensor::intersect(rest[i], rest[j]).has_value());
  }
  CHECK(volume == 16 - 4);
  CHECK(without({box(0, 2, 0, 4)}, box(0, 2, 0, 4)).empty());
}

}  // namespace
}  // namespace recast::plan
