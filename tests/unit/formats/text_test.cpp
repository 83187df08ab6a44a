#include "engine/formats/text.hpp"

#include <doctest/doctest.h>

namespace recast::formats::tests {
namespace {

TEST_CASE("formats/text: UTF-8 is told from other bytes") {
  struct Row {
    std::string_view text;
    bool utf8;
    bool with_surrogates;
  };
  static constexpr Row rows[] = {
      {"", true, true},
      {"größe", true, true},
      {"\xF0\x9F\x98\x80", true, true},
      {"\xED\xA0\x80", false, true},  // a lone surrogate, as Python writes it
      {"\xED\xA0", false, false},     // cut
      {"\xC0\x80", false, false},     // overlong
      {"a\xFF", false, false},
      {"\xF4\x90\x80\x80", false, false},  // over U+10FFFF
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(is_utf8(row.text) == row.utf8);
    CHECK(is_utf8(row.text, Surrogates::Allowed) == row.with_surrogates);
  }
}

TEST_CASE("formats/text: text for a message keeps what can be shown and is cut at its limit") {
  CHECK(shown("größe") == "größe");
  CHECK(shown(std::string_view("a\0\n\xFF\x7F", 5)) == "a\\x00\\x0a\\xff\\x7f");
  CHECK(shown("abcdef", 3) == "abc…");
  CHECK(shown("abc", 3) == "abc");
}

}  // namespace
}  // namespace recast::formats::tests
