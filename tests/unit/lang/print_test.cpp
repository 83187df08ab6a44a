#include "engine/lang/print.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tests/support/lang_text.hpp"

namespace recast::lang {
namespace {

TEST_CASE("lang/print: a number reads back as itself and keeps its point") {
  struct Row {
    double number;
    std::string_view text;
  };
  static constexpr Row rows[] = {
      {1.0, "1.0"},
      {0.0, "0.0"},
      {-2.0, "-2.0"},
      {0.1, "0.1"},
      {1e-6, "1e-06"},
      {1e22, "1e+22"},
      {500000.0, "5e+05"},
      {1.0 / 3, "0.3333333333333333"},
      {std::numeric_limits<double>::denorm_min(), "5e-324"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(print_number(row.number) == row.text);
    if (row.number >= 0) {
      const auto back = parse_scalar(source(row.text));
      REQUIRE(back);
      CHECK(std::get<ScalarLiteral>(back->nodes[0].node).value == tensor::Value(row.number));
    }
  }
}

TEST_CASE("lang/print: part of an expression prints without the rest") {
  const auto expr = parse_scalar(source("(a + b) * c"));
  REQUIRE(expr);
  const auto& root = std::get<ScalarBinary>(expr->nodes.back().node);
  CHECK(print(*expr, root.lhs) == "a + b");
  CHECK(print(*expr, root.rhs) == "c");
}

TEST_CASE("lang/same: layouts differ by any label, mark, axis or shape") {
  static constexpr std::string_view texts[] = {
      "",      "a",       "b",       "a b",     "(a b)",      "a 1",         "q: a",
      "q?: a", "r: a",    "[a]",     "[a | b]", "[q: a | b]", "[q?: a | b]", "[q: a | r: b]",
      "[a b]", "((a) b)", "(a (b))", "[b | a]",
  };
  for (const std::string_view left : texts) {
    for (const std::string_view right : texts) {
      CAPTURE(left);
      CAPTURE(right);
      CHECK(same(*parse_layout(source(left)), *parse_layout(source(right))) == (left == right));
    }
  }
}

TEST_CASE("lang/same: scalars differ by any literal, name, operator or shape") {
  static constexpr std::string_view texts[] = {
      "1",
      "2",
      "1.0",
      "'1'",
      "true",
      "false",
      "null",
      "a",
      "b",
      "-a",
      "not a",
      "a + b",
      "b + a",
      "a - b",
      "a == b",
      "a in b",
      "[]",
      "[a]",
      "[a, b]",
      "a[b]",
      "min(a)",
      "max(a)",
      "min(a, b)",
      "a + b + c",
      "a + (b + c)",
      "if a then b else c",
      "if b then a else c",
  };
  for (const std::string_view left : texts) {
    for (const std::string_view right : texts) {
      CAPTURE(left);
      CAPTURE(right);
      CHECK(same(*parse_scalar(source(left)), *parse_scalar(source(right))) == (left == right));
    }
  }
}

TEST_CASE("lang/same: templates differ by any text, place, width, star or option") {
  static constexpr std::string_view texts[] = {
      "", "a", "{a}", "{b}", "{a:02}", "{a:03}", "a{a}", "{a}a", "{a + 1}",
  };
  for (const std::string_view left : texts) {
    for (const std::string_view right : texts) {
      CAPTURE(left);
      CAPTURE(right);
      CHECK(same(*parse_template(source(left), TemplateKind::Name),
                 *parse_template(source(right), TemplateKind::Name)) == (left == right));
    }
  }
  const auto option = [](std::string_view text) {
    return *parse_template(source(text), TemplateKind::File);
  };
  CHECK(same(option("[a if b]"), option("[a if  b]")));
  CHECK(!same(option("[a if b]"), option("[a if c]")));
  CHECK(!same(option("[a if b]"), option("[b if b]")));
  const auto pattern = [](std::string_view text) {
    return *parse_template(source(text), TemplateKind::Ignore);
  };
  CHECK(!same(pattern("*"), pattern("**")));
  CHECK(same(pattern("*"), pattern("*")));
}

TEST_CASE("lang/same: the order in which nodes are kept does not matter") {
  ScalarExpr swapped;  // a - b, with b's node first
  swapped.nodes.push_back({ScalarName{"b"}, {}});
  swapped.nodes.push_back({ScalarName{"a"}, {}});
  swapped.nodes.push_back({ScalarBinary{BinaryOp::Subtract, 1, 0}, {}});
  CHECK(print(swapped) == "a - b");
  CHECK(same(swapped, *parse_scalar(source("a - b"))));
}

}  // namespace
}  // namespace recast::lang
