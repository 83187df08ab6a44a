#include "engine/base/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace recast {
namespace {

Result<int> even(int number) {
  if (number % 2 != 0) return make_diagnostic(Code::io_read_failed, cat(number, " is odd"));
  return number;
}

Result<void> must_be_even(int number) {
  RECAST_TRY(even(number));
  return {};
}

Result<std::string> sum(int a, int b) {
  RECAST_ASSIGN(const int first, even(a));
  RECAST_ASSIGN(const int second, even(b));
  RECAST_TRY(must_be_even(first + second));
  return std::to_string(first + second);
}

TEST_CASE("base/result: the first error leaves, a value goes on") {
  CHECK(*sum(2, 4) == "6");
  CHECK(sum(3, 5).error().message == "3 is odd");
  CHECK(sum(2, 5).error().message == "5 is odd");
  CHECK(must_be_even(2).has_value());
  CHECK(must_be_even(1).error().message == "1 is odd");
}

TEST_CASE("base/result: a value that can only be moved can be taken out") {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(made).value();
  CHECK(*taken == 7);
}

TEST_CASE("base/result: the value of an error is a bug") {
  CHECK_THROWS_AS((void)even(1).value(), InternalError);
}

}  // namespace
}  // namespace recast
