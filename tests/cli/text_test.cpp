#include "cli/text.hpp"

#include <doctest/doctest.h>

#include <sstream>

namespace recast::cli {
namespace {

TEST_CASE("cli/text: what a terminal would obey is shown instead") {
  struct Row {
    std::string_view text;
    const char* shown;
  };
  static constexpr Row rows[] = {{"layers.0.weight", "layers.0.weight"},
                                 {"größe – 大", "größe – 大"},
                                 {"\x1b[2J", "\\x1b[2J"},
                                 {"a\nb\r\t\x7f", "a\\x0ab\\x0d\\x09\\x7f"},
                                 {"\xc2\x9b", "\\xc2\\x9b"},  // CSI as one character
                                 {"\xe2\x80\xae"
                                  "abc",
                                  "\\xe2\\x80\\xae"
                                  "abc"},  // right to left
                                 {"a\xff", "a\\xff"}};
  for (const Row& row : rows) {
    CAPTURE(row.shown);
    CHECK(printable(row.text) == row.shown);
  }
}

TEST_CASE("cli/text: long numbers have commas, shapes have brackets") {
  CHECK(with_commas(0) == "0");
  CHECK(with_commas(999) == "999");
  CHECK(with_commas(1000) == "1,000");
  CHECK(with_commas(18446744073709551615ULL) == "18,446,744,073,709,551,615");
  CHECK(print_shape({}) == "[]");
  CHECK(print_shape({2, 3}) == "[2, 3]");
}

TEST_CASE("cli/text: a table's columns stand under each other, by characters") {
  Table table({Table::Align::Left, Table::Align::Right, Table::Align::Left});
  table.row({"ä", "1", "x"});
  table.row({"long", "1,000", ""});
  std::ostringstream out;
  table.print(out, 2);
  CHECK(out.str() ==
        "  ä         1  x\n"
        "  long  1,000\n");
}

}  // namespace
}  // namespace recast::cli
