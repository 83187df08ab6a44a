#include "engine/tensor/box.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <string>

namespace recast::tensor {
namespace {

Box box(std::initializer_list<std::pair<std::int64_t, std::int64_t>> axes) {
  Box out;
  for (const auto& [start, extent] : axes) {
    out.start[out.rank] = start;
    out.extent[out.rank++] = extent;
  }
  return out;
}

std::string text(const Box& one) {
  std::string out;
  for (std::size_t axis = 0; axis < one.rank; ++axis)
    out += "[" + std::to_string(one.start[axis]) + "+" + std::to_string(one.extent[axis]) + "]";
  return out;
}

std::string text(const std::vector<Box>& boxes) {
  std::string out;
  for (const Box& one : boxes)
    out += text(one) + " ";
  return out;
}

bool has(const Box& one, std::int64_t i, std::int64_t j, std::int64_t k) {
  const std::array<std::int64_t, 3> at = {i, j, k};
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (at[axis] < one.start[axis] || at[axis] >= one.start[axis] + one.extent[axis]) return false;
  return true;
}

TEST_CASE("tensor/box: equality looks at the axes that there are") {
  Box a = box({{1, 2}});
  Box b = box({{1, 2}});
  b.start[5] = 9;
  CHECK(a == b);
  CHECK(!(a == box({{1, 3}})));
  CHECK(!(a == box({{0, 2}})));
  CHECK(!(a == box({{1, 2}, {0, 1}})));
}

TEST_CASE("tensor/box: the volume of a scalar is one, of an empty box none") {
  CHECK(volume(Box{}) == 1);
  CHECK(volume(box({{3, 2}, {0, 5}})) == 10);
  CHECK(volume(box({{3, 2}, {0, 0}})) == 0);
  CHECK(volume(box({{0, std::int64_t{1} << 40}, {0, std::int64_t{1} << 40}})) ==
        std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("tensor/box: the common part is cut on every axis, and none if one axis has none") {
  CHECK(text(*intersect(box({{0, 4}, {2, 6}}), box({{2, 4}, {0, 4}}))) == "[2+2][2+2]");
  CHECK(!intersect(box({{0, 4}, {0, 2}}), box({{0, 4}, {2, 2}})));
  CHECK(!intersect(box({{0, 0}}), box({{0, 4}})));
  CHECK(intersect(Box{}, Box{}) == Box{});
}

TEST_CASE("tensor/box: what is left lies before and after, axis by axis") {
  CHECK(text(subtract(box({{0, 4}, {0, 4}}), box({{1, 2}, {1, 2}}))) ==
        "[0+1][0+4] [3+1][0+4] [1+2][0+1] [1+2][3+1] ");
  CHECK(text(subtract(box({{0, 4}}), box({{0, 4}}))) == "");
  CHECK(text(subtract(box({{0, 4}}), box({{9, 1}}))) == "[0+4] ");
  CHECK(text(subtract(box({{0, 4}}), box({{1, 0}}))) == "[0+4] ");
  CHECK(text(subtract(box({{0, 0}}), box({{0, 4}}))) == "");
  CHECK(subtract(Box{}, Box{}).empty());
}

TEST_CASE("tensor/box: a box contains itself, its parts and what is empty") {
  const Box outer = box({{2, 4}, {0, 3}});
  CHECK(contains(outer, outer));
  CHECK(contains(outer, box({{3, 1}, {1, 2}})));
  CHECK(contains(outer, box({{99, 0}, {1, 2}})));
  CHECK(!contains(outer, box({{1, 2}, {0, 1}})));
  CHECK(!contains(outer, box({{5, 2}, {0, 1}})));
  CHECK(!contains(outer, box({{9, 1}, {0, 1}})));
  CHECK(contains(Box{}, Box{}));
}

TEST_CASE("tensor/box: each element of a box is in the common part or in one box of the rest") {
  constexpr unsigned kSeed = 7;
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  const auto draw = [&](int limit) {
    return static_cast<std::int64_t>(random() % static_cast<unsigned>(limit));
  };
  for (int round = 0; round < 300; ++round) {
    const Box a = box({{draw(4), draw(4)}, {draw(4), draw(4)}, {draw(4), draw(4)}});
    const Box b = box({{draw(4), draw(4)}, {draw(4), draw(4)}, {draw(4), draw(4)}});
    CAPTURE(text(a));
    CAPTURE(text(b));
    const auto common = intersect(a, b);
    const auto rest = subtract(a, b);
    CHECK(rest.size() <= 6);
    bool as_claimed = true;
    for (int i = 0; i < 8; ++i)
      for (int j = 0; j < 8; ++j)
        for (int k = 0; k < 8; ++k) {
          const bool in_common = common && has(*common, i, j, k);
          as_claimed &= in_common == (has(a, i, j, k) && has(b, i, j, k));
          int times = in_common ? 1 : 0;
          for (const Box& part : rest)
            times += has(part, i, j, k) ? 1 : 0;
          as_claimed &= times == (has(a, i, j, k) ? 1 : 0);
        }
    CHECK(as_claimed);
    CHECK(contains(b, a) == rest.empty());
  }
}

}  // namespace
}  // namespace recast::tensor
