#include "engine/base/utf8.hpp"

#include <doctest/doctest.h>

namespace recast {
namespace {

TEST_CASE("base/utf8: a code point is decoded by its shortest form only") {
  struct Row {
    const char* text;
    char32_t value;
    std::size_t nbytes;
    bool valid;
  };
  static constexpr Row rows[] = {
      {"a", U'a', 1, true},
      {"\x7F", 0x7F, 1, true},
      {"\xC2\x80", 0x80, 2, true},
      {"\xDF\xBF", 0x7FF, 2, true},
      {"\xE0\xA0\x80", 0x800, 3, true},
      {"\xEF\xBF\xBF", 0xFFFF, 3, true},
      {"\xF0\x90\x80\x80", 0x10000, 4, true},
      {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4, true},
      {"\x80", 0xFFFD, 1, false},              // a continuation alone
      {"\xC3", 0xFFFD, 1, false},              // cut off
      {"\xC3(", 0xFFFD, 1, false},             // no continuation
      {"\xC0\x80", 0xFFFD, 1, false},          // overlong
      {"\xE0\x80\x80", 0xFFFD, 1, false},      // overlong
      {"\xF0\x80\x80\x80", 0xFFFD, 1, false},  // overlong
      {"\xED\xA0\x80", 0xFFFD, 1, false},      // a surrogate
      {"\xF4\x90\x80\x80", 0xFFFD, 1, false},  // over U+10FFFF
      {"\xFF", 0xFFFD, 1, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const CodePoint c = code_point_at(row.text, 0);
    CHECK(c.value == row.value);
    CHECK(c.nbytes == row.nbytes);
    CHECK(c.valid == row.valid);
  }
}

}  // namespace
}  // namespace recast
