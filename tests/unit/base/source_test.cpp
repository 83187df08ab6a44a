#include "engine/base/source.hpp"

#include <doctest/doctest.h>

#include <string>

namespace recast {
namespace {

std::string place(const std::string& text, std::size_t offset, std::size_t first_line = 1) {
  const LineColumn at = line_column(SourceText{"f", text, first_line}, offset);
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

TEST_CASE("base/source: lines and columns count from 1, columns in code points") {
  struct Row {
    const char* text;
    std::size_t offset;
    const char* place;
  };
  static constexpr Row rows[] = {
      {"", 0, "1:1"},
      {"", 7, "1:1"},
      {"ab\ncd", 0, "1:1"},
      {"ab\ncd", 2, "1:3"},
      {"ab\ncd", 3, "2:1"},
      {"ab\ncd", 5, "2:3"},
      {"ab\ncd", 99, "2:3"},
      {"\n\n", 2, "3:1"},
      {"a\xC3\xA9z", 3, "1:3"},
      {"\xFF\xFFz", 2, "1:3"},
      {"\xE2\x82\xACz", 3, "1:2"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CAPTURE(row.offset);
    CHECK(place(row.text, row.offset) == row.place);
  }
}

TEST_CASE("base/source: a text that was cut out of a file counts lines from where it stood") {
  CHECK(place("a\nb", 0, 41) == "41:1");
  CHECK(place("a\nb", 2, 41) == "42:1");
}

TEST_CASE("base/source: a line comes without its end, whichever that is") {
  const SourceText source{"f", "one\r\ntwo\n\nlast", 1};
  CHECK(line_at(source, 0) == "one");
  CHECK(line_at(source, 3) == "one");
  CHECK(line_at(source, 5) == "two");
  CHECK(line_at(source, 9) == "");
  CHECK(line_at(source, 10) == "last");
  CHECK(line_at(source, 99) == "last");
}

TEST_CASE("base/source: a part of a span is clamped to the span") {
  const SourceSpan all = make_source("f", "0123456789");
  const SourceSpan middle = all.sub(2, 6);
  CHECK(middle.text() == "2345");
  CHECK(middle.sub(1, 3).text() == "34");
  CHECK(middle.sub(1, 99).text() == "345");
  CHECK(middle.sub(99, 99).text() == "");
  CHECK(middle.sub(3, 1).text() == "");
}

TEST_CASE("base/source: a span without a source is false and covers nothing") {
  CHECK(!SourceSpan{});
  CHECK(SourceSpan{}.text() == "");
  CHECK(make_source("f", ""));
}

TEST_CASE("base/source: a span past the end of its text covers what there is") {
  SourceSpan span = make_source("f", "abc");
  span.end = 50;
  CHECK(span.text() == "abc");
  span.begin = 50;
  CHECK(span.text() == "");
}

}  // namespace
}  // namespace recast
