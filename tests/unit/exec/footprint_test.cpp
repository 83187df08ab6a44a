#include "engine/exec/footprint.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/base/diagnostic.hpp"

namespace recast::exec {
namespace {

/// "base+run" and "extent*stride" per axis, outermost first.
std::string text(const Footprint& footprint) {
  std::string out = cat(footprint.base, "+", footprint.run);
  for (std::size_t k = 0; k < footprint.rank; ++k) {
    out += cat(" ", footprint.axes[k].extent, "*", footprint.axes[k].stride);
  }
  return out;
}

Footprint make(std::int64_t at, std::int64_t nbytes, const std::vector<std::int64_t>& extents,
               const std::vector<std::int64_t>& strides) {
  return footprint_of(0, at, nbytes, extents, strides);
}

}  // namespace

TEST_CASE("exec/footprint: a box is runs under the axes that do not continue them") {
  struct Row {
    const char* why;
    std::vector<std::int64_t> extents;
    std::vector<std::int64_t> strides;
    const char* expected;
  };
  const std::vector<Row> rows{
      {"no axes", {}, {}, "100+2"},
      {"row-major", {3, 4, 5}, {20, 5, 1}, "100+120"},
      {"row-major, axes in another order", {5, 3, 4}, {1, 20, 5}, "100+120"},
      {"columns of a matrix", {3, 4}, {10, 1}, "100+8 3*20"},
      {"outer axes that continue each other", {3, 4, 2}, {40, 10, 1}, "100+4 12*20"},
      {"extents of one", {1, 3, 1}, {7, 1, 9}, "100+6"},
      {"a repeated element", {6, 3}, {0, 1}, "100+6"},
      {"backwards", {4}, {-1}, "94+8"},
      {"backwards rows", {3, 2}, {-10, 1}, "60+4 3*20"},
      {"an overlapping view is the interval that it spans", {3, 4}, {2, 1}, "100+16"},
      {"a diagonal", {3}, {11}, "100+2 3*22"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    CHECK(text(make(100, 2, row.extents, row.strides)) == row.expected);
  }
}

TEST_CASE("exec/footprint: neighbours under the same axes join, and then continue them") {
  Footprint q = make(0, 2, {8, 4}, {10, 1});  // 8 rows of 10: the first 4, the last 6
  const Footprint k = make(8, 2, {8, 6}, {10, 1});
  REQUIRE(join(q, k));
  CHECK(text(q) == "0+20 8*20");
  collapse(q);
  CHECK(text(q) == "0+160");
}

TEST_CASE("exec/footprint: what does not touch or has other axes does not join") {
  const Footprint rows = make(0, 1, {3, 4}, {10, 1});
  const Footprint others[] = {
      make(5, 1, {3, 4}, {10, 1}),  // a gap
      make(4, 1, {2, 4}, {10, 1}),  // fewer rows
      make(4, 1, {3, 4}, {11, 1}),  // rows further apart
      make(4, 1, {3, 7}, {10, 1}),  // would reach into the next row
      footprint_of(1, 4, 1, std::vector<std::int64_t>{3, 4}, std::vector<std::int64_t>{10, 1}),
  };
  for (const Footprint& other : others) {
    CAPTURE(text(other));
    Footprint grown = rows;
    CHECK_FALSE(join(grown, other));
    CHECK(text(grown) == text(rows));
  }
}

TEST_CASE("exec/footprint: short gaps are read through, long ones are not") {
  Footprint dense = make(0, 1, {4, 60}, {100, 1});
  read_through_gaps(dense, 40);
  CHECK(text(dense) == "0+360");
  Footprint wide = make(0, 1, {4, 60}, {101, 1});
  read_through_gaps(wide, 40);
  CHECK(text(wide) == "0+60 4*101");
  Footprint sparse = make(0, 1, {4, 10}, {30, 1});  // a gap of 20, longer than the runs
  read_through_gaps(sparse, 40);
  CHECK(text(sparse) == "0+10 4*30");
}

TEST_CASE(
    "exec/footprint: packed memory follows the runs, with rows apart that would share cache sets") {
  const Footprint rows = make(1000, 1, {3, 100}, {5000, 1});
  const Packing packing = pack(rows);
  CHECK(packing.nbytes == 3 * 128);
  CHECK(packed_distance(rows, packing, 0) == 0);
  CHECK(packed_distance(rows, packing, 99) == 99);
  CHECK(packed_distance(rows, packing, 5000) == 128);
  CHECK(packed_distance(rows, packing, -2 * 5000) == -2 * 128);
  CHECK(packed_distance(rows, packing, 2 * 5000 + 7) == 2 * 128 + 7);
  CHECK(pack(make(0, 1, {3, 4096}, {5000, 1})).stride[0] == 4096 + 64);
  CHECK(pack(make(0, 1, {3, 10}, {5000, 1})).stride[0] == 10);
}

TEST_CASE("exec/footprint: runs are visited by rising addresses, until one is refused") {
  const Footprint rows = make(0, 1, {2, 3, 4}, {1000, 10, 1});
  std::vector<std::int64_t> at;
  for_each_run(rows, pack(rows), [&](std::int64_t address, std::int64_t) {
    at.push_back(address);
    return true;
  });
  CHECK(at == std::vector<std::int64_t>{0, 10, 20, 1000, 1010, 1020});
  int visits = 0;
  for_each_run(rows, pack(rows), [&](std::int64_t, std::int64_t) { return ++visits < 2; });
  CHECK(visits == 2);
}

}  // namespace recast::exec
