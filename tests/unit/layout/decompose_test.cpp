#include "engine/layout/decompose.hpp"

#include <doctest/doctest.h>

#include "tests/unit/layout/layout_text.hpp"

namespace recast::layout {
namespace {

/// "0: [0,1) [0,3) [0,4) [0,5)": the label, then the range of each axis.
std::string print(const std::vector<PartBox>& boxes) {
  std::string out;
  for (const PartBox& box : boxes) {
    out += std::to_string(box.label) + ":";
    for (const Range& range : box.ranges)
      out += " [" + std::to_string(range.start) + "," + std::to_string(range.start + range.extent) +
             ")";
    out += "\n";
  }
  return out;
}

TEST_CASE("layout/decompose: a cut between parts gives whole parts") {
  CHECK(print(cut_dimension(fused(), fused_ranges(), 0, 12, 32)) ==
        "1: [0,1) [0,3) [0,4) [0,5)\n"
        "2: [0,1) [0,3) [0,4) [0,5)\n"
        "0: [1,2) [0,3) [0,4) [0,5)\n");
}

TEST_CASE(
    "layout/decompose: a cut through a composite gives a part of a row, whole rows and a part of a "
    "row") {
  const Layout layout{0, {group({axis(0), axis(1)})}};
  CHECK(print(cut_dimension(layout, {{0, 5}, {10, 4}}, 0, 3, 14)) ==
        "0: [0,1) [13,14)\n"
        "0: [1,3) [10,14)\n"
        "0: [3,4) [10,12)\n");
}

TEST_CASE("layout/decompose: a cut inside one row is one box, an empty one is none") {
  const Layout layout{0, {group({axis(0), axis(1)})}};
  CHECK(print(cut_dimension(layout, {{0, 5}, {0, 4}}, 0, 5, 7)) == "0: [1,2) [1,3)\n");
  CHECK(cut_dimension(layout, {{0, 5}, {0, 4}}, 0, 7, 7).empty());
}

TEST_CASE("layout/decompose: other dimensions stay whole") {
  CHECK(print(cut_dimension(fused(), fused_ranges(), 1, 2, 4)) ==
        "0: [0,2) [0,3) [0,4) [2,4)\n"
        "1: [0,2) [0,3) [0,4) [2,4)\n"
        "2: [0,2) [0,3) [0,4) [2,4)\n");
}

}  // namespace
}  // namespace recast::layout
