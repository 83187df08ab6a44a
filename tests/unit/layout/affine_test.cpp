#include "engine/layout/affine.hpp"

#include <doctest/doctest.h>

#include "tests/unit/layout/layout_text.hpp"

namespace recast::layout {
namespace {

std::string print(const AffinePart& part) {
  std::string out = std::to_string(part.label) + " at " + std::to_string(part.offset) + ":";
  for (const auto& [id, stride] : part.strides)
    out += " " + std::to_string(id) + "*" + std::to_string(stride);
  return out;
}

TEST_CASE(
    "layout/affine: each part of a sum begins where the one before ends, and all share the strides "
    "around them") {
  const Affine affine = layout::affine(fused(), fused_ranges());
  CHECK(affine.shape == std::vector<std::int64_t>{2 * (3 + 2) * 4, 5});
  REQUIRE(affine.parts.size() == 3);
  CHECK(print(affine.parts[0]) == "0 at 0: 2*5 1*20 0*100 3*1");
  CHECK(print(affine.parts[1]) == "1 at 60: 2*5 0*100 3*1");
  CHECK(print(affine.parts[2]) == "2 at 80: 2*5 0*100 3*1");
}

TEST_CASE(
    "layout/affine: a range that is cut off changes shapes and strides, not the way they are "
    "packed") {
  Ranges ranges = fused_ranges();
  ranges[0] = {1, 1};
  ranges[3] = {2, 3};
  const Affine affine = layout::affine(fused(), ranges);
  CHECK(affine.shape == std::vector<std::int64_t>{20, 3});
  CHECK(print(affine.parts[1]) == "1 at 36: 2*3 0*60 3*1");
}

TEST_CASE("layout/affine: dimensions may have strides of their own") {
  const std::vector<std::int64_t> strides{1, 100};
  CHECK(print(layout::affine(fused(), fused_ranges(), strides).parts[2]) ==
        "2 at 16: 2*1 0*20 3*100");
}

TEST_CASE("layout/affine: units and empty layouts") {
  const Layout one{7, {}};
  CHECK(layout::affine(one, {}).shape.empty());
  CHECK(print(layout::affine(one, {}).parts[0]) == "7 at 0:");
  const Layout padded{7, {unit(), axis(0), unit()}};
  CHECK(layout::affine(padded, {{4, 3}}).shape == std::vector<std::int64_t>{1, 3, 1});
  CHECK(print(layout::affine(padded, {{4, 3}}).parts[0]) == "7 at 0: 0*1");
}

}  // namespace
}  // namespace recast::layout
