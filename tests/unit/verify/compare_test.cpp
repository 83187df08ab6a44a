#include "engine/verify/compare.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <memory>

#include "engine/verify/compare_limited.hpp"
#include "tests/unit/exec/small_plan.hpp"

namespace recast::verify {
namespace {

using exec::bytes_of;
using exec::SmallPlan;
using tensor::DType;

/// `attn.q[layer 2, hidden 3]`, turned on the right side.
SmallPlan turned(DType left, DType right) {
  SmallPlan made;
  const std::uint32_t t = made.logical("attn.q", {"layer", "hidden"});
  made.copy(t, {{0, 2}, {0, 3}}, made.source("a", left, 6), {0, {3, 1}}, made.target("b", right, 6),
            {0, {1, 2}});
  return made;
}

Comparison compare_bytes(const SmallPlan& made, const std::string& left, const std::string& right,
                         const Tolerance& tolerance = {}) {
  exec::SmallDisk disk(made, {left});
  disk.memory.put("right", right);
  const auto file = disk.memory.open("right").value();
  return compare_limited(disk.inputs, {file.get()}, made.target_places, tolerance,
                         exec::small_limits(2, 256), {})
      .value();
}

/// "differing/elements max" and the first difference.
std::string text(const Comparison& comparison) {
  std::string out;
  for (const TensorVerdict& each : comparison.verdicts) {
    out += cat(each.differing, "/", each.elements, " max ", each.max_absolute);
    if (!each.first) continue;
    out += " first";
    for (const std::int64_t i : each.first->index)
      out += cat(" ", i);
    out += cat(": ", each.first->left, " against ", each.first->right);
  }
  return out;
}

const std::vector<float> kLeft{0, 1, 2, 3, 4, 5};
const std::vector<float> kRight{0, 3, 1, 4, 2, 5};

}  // namespace

TEST_CASE("verify/compare: equal in another layout") {
  const Comparison outcome =
      compare_bytes(turned(DType::F32, DType::F32), bytes_of(kLeft), bytes_of(kRight));
  CHECK(outcome.equal());
  CHECK(text(outcome) == "0/6 max 0.000000");
  CHECK(outcome.bytes_read == 48);
}

TEST_CASE("verify/compare: differences are counted and the first is named in logical order") {
  std::vector<float> right = kRight;
  right[1] = 3.5F;  // layer 1, hidden 0
  right[4] = 6;     // layer 0, hidden 2: stored later, but first by index
  const Comparison outcome =
      compare_bytes(turned(DType::F32, DType::F32), bytes_of(kLeft), bytes_of(right));
  CHECK_FALSE(outcome.equal());
  CHECK(text(outcome) == "2/6 max 4.000000 first 0 2: 2 (0x40000000) against 6 (0x40c00000)");
}

TEST_CASE("verify/compare: bitwise, a NaN equals the same NaN only and zero has a sign") {
  const float quiet = std::bit_cast<float>(0x7fc00000U);
  const float other = std::bit_cast<float>(0x7fc00001U);
  const SmallPlan made = turned(DType::F32, DType::F32);
  const std::string left = bytes_of(std::vector<float>{quiet, quiet, 0, 0, 0, 0});
  CHECK(
      text(compare_bytes(made, left, bytes_of(std::vector<float>{quiet, 0, other, 0, -0.0F, 0}))) ==
      "2/6 max 0.000000 first 0 1: nan (0x7fc00000) against nan (0x7fc00001)");
}

TEST_CASE("verify/compare: bitwise, another type differs everywhere, and by how much is told") {
  const SmallPlan made = turned(DType::F32, DType::F64);
  const std::string right = bytes_of(std::vector<double>{0, 3, 1, 4, 2, 5});
  CHECK(text(compare_bytes(made, bytes_of(kLeft), right)) ==
        "6/6 max 0.000000 first 0 0: 0 (fp32 0x00000000) against 0 (fp64 0x0000000000000000)");
}

TEST_CASE("verify/compare: a tolerance is absolute plus relative to the right side") {
  struct Row {
    double absolute, relative;
    std::uint64_t differing;
  };
  static constexpr Row rows[] = {{0, 0, 3}, {0.25, 0, 2}, {0.5, 0, 1}, {0, 0.2, 1}, {0, 0.3, 0}};
  std::vector<double> right{0, 3, 1, 4, 2, 5};
  right[1] += 0.25, right[3] += 0.5, right[5] += 2;
  for (const Row& row : rows) {
    CAPTURE(row.absolute);
    CAPTURE(row.relative);
    const Comparison outcome = compare_bytes(turned(DType::F32, DType::F64), bytes_of(kLeft),
                                             bytes_of(right), {row.absolute, row.relative, false});
    CHECK(outcome.verdicts[0].differing == row.differing);
  }
}

TEST_CASE("verify/compare: with a tolerance NaN equals NaN and an infinity only itself") {
  const float inf = INFINITY;
  const float nan = NAN;
  const SmallPlan made = turned(DType::F32, DType::F32);
  const Tolerance loose{1e30, 1, false};
  const std::string left = bytes_of(std::vector<float>{nan, inf, inf, 1, nan, 1});
  //                 in right's order:    (0,0) (1,0) (0,1) (1,1) (0,2) (1,2)
  CHECK(text(compare_bytes(made, left, bytes_of(std::vector<float>{nan, inf, inf, 1, -inf, 1}),
                           loose)) == "3/6 max inf first 0 2: inf against -inf");
}

TEST_CASE("verify/compare: with a tolerance integers are compared bitwise") {
  SmallPlan made;
  const std::uint32_t t = made.logical("step", {});
  made.copy(t, {}, made.source("a", DType::I64, 1), {}, made.target("b", DType::I64, 1), {});
  CHECK(text(compare_bytes(made, bytes_of(std::vector<std::int64_t>{7}),
                           bytes_of(std::vector<std::int64_t>{8}), {9, 9, false})) ==
        "1/1 max 0.000000 first: 7 against 8");
}

TEST_CASE("verify/compare: every logical tensor has a verdict, also one that no copy states") {
  SmallPlan made = turned(DType::F32, DType::F32);
  made.logical("norm", {"hidden"});
  const Comparison outcome = compare_bytes(made, bytes_of(kLeft), bytes_of(kRight));
  REQUIRE(outcome.verdicts.size() == 2);
  CHECK(outcome.verdicts[1].logical == 1);
  CHECK(outcome.verdicts[1].elements == 0);
}

TEST_CASE("verify/compare: a file that cannot be read ends it") {
  const SmallPlan made = turned(DType::F32, DType::F32);
  exec::SmallDisk disk(made, {bytes_of(kLeft)});
  disk.memory.put("right", "short");
  const auto file = disk.memory.open("right").value();
  const auto outcome = compare(disk.inputs, {file.get()}, made.target_places, {}, {}, {});
  REQUIRE_FALSE(outcome);
  CHECK(code_name(outcome.error().code) == "io.read-failed");
}

}  // namespace recast::verify
