#include <doctest/doctest.h>

#include "tests/lint/lint.hpp"

namespace recast::lint {
namespace {

const TextFile kCodes = {"codes.def",
                         "// a comment\n"
                         "RECAST_CODE(io_full, \"io.full\", Error, \"the disk is full\")\n"
                         "RECAST_CODE(io_lost, \"io.lost\", Error, \"the disk is gone\")\n"};

TEST_CASE("lint/codes: a code is tested by its name or by its enumerator") {
  CHECK(listing(check_codes(kCodes, {{"a.txt", "error[io.full]: x"},
                                     {"b.cpp", "CHECK(code == Code::io_lost);"}})) == "");
}

TEST_CASE("lint/codes: a code that no test mentions is told") {
  CHECK(listing(check_codes(kCodes, {{"a.txt", "error[io.full]"}})) ==
        "codes.def:3: no test mentions 'io.lost'\n");
}

TEST_CASE("lint/codes: part of a longer name is no mention") {
  CHECK(
      check_codes(kCodes, {{"a.txt", "io.full-of-it audio.full io.lost_and_found Code::io_full2"}})
          .size() == 2);
}

TEST_CASE("lint/codes: a table without codes, or with half a row, is a problem") {
  CHECK(listing(check_codes({"codes.def", "// nothing\n"}, {})) ==
        "codes.def: there is no code in it\n");
  CHECK(listing(check_codes({"codes.def", "RECAST_CODE(io_full, x)\n"}, {})) ==
        "codes.def:1: a row without an enumerator and a name\n");
}

}  // namespace
}  // namespace recast::lint
