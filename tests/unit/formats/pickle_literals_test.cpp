#include "engine/formats/torch_zip/pickle_literals.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace recast::formats::pickle {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

TEST_CASE("formats/pickle-literals: integers drop bytes that only repeat the sign") {
  using namespace std::string_view_literals;
  CHECK(minimal_integer("\x00\x00\x00"sv) == ""sv);
  CHECK(minimal_integer("\x80\x00\x00"sv) == "\x80\x00"sv);
  CHECK(minimal_integer("\x80\xFF\xFF"sv) == "\x80"sv);
  CHECK(minimal_integer("\x7F\xFF"sv) == "\x7F\xFF"sv);
  CHECK(minimal_integer("\xFF"sv) == "\xFF"sv);
}

TEST_CASE("formats/pickle-literals: decimals of any size become two's complement") {
  const auto small = [](std::string_view decimal) {
    const auto bytes = integer_of_decimal(decimal, 100);
    return bytes ? small_integer(*bytes) : std::nullopt;
  };
  CHECK(small("0") == 0);
  CHECK(small("-0") == 0);
  CHECK(small("+7") == 7);
  CHECK(small("255") == 255);
  CHECK(small("-129") == -129);
  CHECK(small("9223372036854775807") == Limits::max());
  CHECK(small("-9223372036854775808") == Limits::min());
  CHECK(small("9223372036854775808") == std::nullopt);
  CHECK(integer_of_decimal("9223372036854775808", 100) == std::string("\0\0\0\0\0\0\0\x80\0", 9));
  CHECK(integer_of_decimal("-18446744073709551616", 100) == std::string("\0\0\0\0\0\0\0\0\xFF", 9));
  for (const char* wrong : {"", "-", "1a", "0x1", " 1", "1.0"}) {
    CAPTURE(wrong);
    CHECK(integer_of_decimal(wrong, 100) == std::nullopt);
  }
  CHECK(integer_of_decimal("12345", 4) == std::nullopt);
}

TEST_CASE("formats/pickle-literals: floats are read as repr writes them") {
  CHECK(float_of_repr("1e-05") == 1e-05);
  CHECK(float_of_repr("-0.5") == -0.5);
  CHECK(float_of_repr("inf") == std::numeric_limits<double>::infinity());
  CHECK(float_of_repr("-inf") == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(float_of_repr("nan").value_or(0)));
  for (const char* wrong : {"", "1.0x", "one"})
    CHECK(float_of_repr(wrong) == std::nullopt);
}

TEST_CASE("formats/pickle-literals: escapes of old strings") {
  CHECK(unescape_unicode("a\\u00e9\\U0001F600\\n\xE9") == "a\u00e9\U0001F600\\n\u00e9");
  CHECK(unescape_unicode("\\ud800") == "\xED\xA0\x80");
  CHECK(unescape_unicode("\\u12") == std::nullopt);
  CHECK(unescape_unicode("\\U00110000") == std::nullopt);
  CHECK(unescape_string(R"('a\'\\\n\x41\101\q')") == "a'\\\nAA\\q");
  CHECK(unescape_string("\"x\"") == "x");
  for (const char* wrong : {"", "'", "'a\"", "abc", "'\\'", "'\\x4'"}) {
    CAPTURE(wrong);
    CHECK(unescape_string(wrong) == std::nullopt);
  }
}

}  // namespace
}  // namespace recast::formats::pickle
