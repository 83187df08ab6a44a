#include "engine/base/checked.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace recast {
namespace {

TEST_CASE_TEMPLATE("base/checked: a sum or product that does not fit is none", T, std::int64_t,
                   std::uint64_t) {
  constexpr T kMost = std::numeric_limits<T>::max();
  CHECK(checked_add(T{2}, T{3}) == T{5});
  CHECK(checked_add(kMost, T{0}) == kMost);
  CHECK(checked_add(kMost, T{1}) == std::nullopt);
  CHECK(checked_mul(T{2}, T{3}) == T{6});
  CHECK(checked_mul(kMost, T{1}) == kMost);
  CHECK(checked_mul(kMost, T{2}) == std::nullopt);
  CHECK(checked_mul(kMost, T{0}) == T{0});
}

TEST_CASE("base/checked: the least signed number has no opposite") {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  CHECK(checked_mul(kLeast, std::int64_t{-1}) == std::nullopt);
  CHECK(checked_add(kLeast, std::int64_t{-1}) == std::nullopt);
}

}  // namespace
}  // namespace recast
