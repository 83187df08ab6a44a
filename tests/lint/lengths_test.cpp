#include <doctest/doctest.h>

#include "tests/lint/lint.hpp"

namespace recast::lint {
namespace {

std::string lines(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += "x\n";
  return out;
}

TEST_CASE("lint/lengths: 400 lines pass, 401 do not") {
  CHECK(check_lengths({{"a.cpp", lines(400)}}).empty());
  CHECK(listing(check_lengths({{"a.cpp", lines(401)}})) ==
        "a.cpp: 401 lines, more than 400, without a line '// long because: …' that says why\n");
}

TEST_CASE("lint/lengths: a reason makes room, an empty one does not") {
  CHECK(check_lengths({{"a.cpp", "// long because: it is a table\n" + lines(500)}}).empty());
  CHECK(check_lengths({{"a.py", lines(500) + "# long because: it is a table"}}).empty());
  CHECK(check_lengths({{"a.cpp", "// long because:\n" + lines(500)}}).size() == 1);
  CHECK(check_lengths({{"a.cpp", "text // long because: x\n" + lines(500)}}).size() == 1);
}

}  // namespace
}  // namespace recast::lint
