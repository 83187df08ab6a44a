#include <doctest/doctest.h>

#include "engine/base/render.hpp"
#include "tests/support/lang_text.hpp"

// Whole messages as users see them: place, line, caret, hint.

namespace recast::lang {
namespace {

struct Row {
  std::string_view text;
  std::string_view message;
};

template <class T>
std::string rendered(const Result<T>& result) {
  return result ? "no error" : render_text(result.error());
}

// clang-format off
TEST_CASE("lang/messages: what a layout lacks") {
  static constexpr Row rows[] = {
      {R"(attn.q: (group rep dim)",
       R"(rule:1:23: error[expr.syntax]: expected an axis or ')' to close the group, found the end
    1 | attn.q: (group rep dim
      |                       ^
hint: close '(' with ')'; labels stand in front of the whole or of a part of '[ ]'
)"},
      {R"(attn.q: group ))",
       R"(rule:1:15: error[expr.syntax]: expected an axis, '1', '(', '[' or the end, found ')'
    1 | attn.q: group )
      |               ^
hint: labels stand in front of the whole or of a part of '[ ]'
)"},
      {R"([mlp.gate: | mlp.up: ffn])",
       R"(rule:1:12: error[expr.syntax]: expected an axis, '1', '(' or '[' after ':', found '|'
    1 | [mlp.gate: | mlp.up: ffn]
      |            ^
hint: name at least one axis, or write 1 for a unit dimension
)"},
      {R"([mlp.gate: ffn; mlp.up: ffn])",
       R"(rule:1:15: error[expr.syntax]: expected an axis, '|' or ']' to close the sum, found ';'
    1 | [mlp.gate: ffn; mlp.up: ffn]
      |               ^
hint: separate the parts of a sum by '|'
)"},
      {R"(attn.q group)",
       R"(rule:1:5: error[expr.syntax]: expected ':' after a label, or an axis of lower-case letters, digits and '_', found '.'
    1 | attn.q group
      |     ^
hint: labels may contain '.' and end in ':' or '?:', axes may not
)"},
      {R"(attn.q? group)",
       R"(rule:1:9: error[expr.syntax]: expected ':' after the label, found 'group'
    1 | attn.q? group
      |         ^^^^^
hint: write 'label?: axes'
)"},
      {R"(128 group)",
       R"(rule:1:1: error[expr.syntax]: expected the unit dimension '1', found '128'
    1 | 128 group
      | ^^^
hint: a dimension is an axis or 1; extents stand under 'axes'
)"},
      {R"(group, rep)",
       R"(rule:1:6: error[expr.syntax]: expected an axis, '1', '(', '[' or the end, found ','
    1 | group, rep
      |      ^
hint: separate dimensions by blanks
)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(rendered(parse_layout(source(row.text))) == row.message);
  }
}

TEST_CASE("lang/messages: what a scalar lacks") {
  static constexpr Row rows[] = {
      {R"(hidden /)",
       R"(rule:1:9: error[expr.syntax]: expected a value after '/', found the end
    1 | hidden /
      |         ^
hint: write a number, a 'string', a name, a list or an expression in parentheses
)"},
      {R"(heads == 1 && tied)",
       R"(rule:1:12: error[expr.syntax]: expected an operator or the end, found '&'
    1 | heads == 1 && tied
      |            ^
hint: write 'and'
)"},
      {R"(kind == "silu")",
       R"(rule:1:9: error[expr.syntax]: expected a value after '==', found '"'
    1 | kind == "silu"
      |         ^
hint: strings stand in single quotes: 'text'
)"},
      {R"(1 + if a then b else c)",
       R"(rule:1:5: error[expr.syntax]: expected a value after '+', found 'if'
    1 | 1 + if a then b else c
      |     ^^
hint: put 'if … then … else …' in parentheses here
)"},
      {R"(a == 1 == b)",
       R"(rule:1:8: error[expr.syntax]: expected no second comparison, found '=='
    1 | a == 1 == b
      |        ^^
hint: comparisons do not chain: join two with 'and', or use parentheses
)"},
      {R"(if a: 1)",
       R"(rule:1:5: error[expr.syntax]: expected 'then' after the condition, found ':'
    1 | if a: 1
      |     ^
hint: write 'if condition then value else value'
)"},
      {R"(if a then 1)",
       R"(rule:1:12: error[expr.syntax]: expected 'else' and the other value, found the end
    1 | if a then 1
      |            ^
hint: write 'if condition then value else value'
)"},
      {R"(a = 1)",
       R"(rule:1:3: error[expr.syntax]: expected '==' to compare, found '='
    1 | a = 1
      |   ^
hint: write '==' for equality; nothing is assigned here
)"},
      {R"('abc)",
       R"(rule:1:5: error[expr.syntax]: expected ' to close the string, found the end
    1 | 'abc
      |     ^
hint: close the string; write '' for a quote inside it
)"},
      {R"(2nd)",
       R"(rule:1:1: error[expr.syntax]: expected the number to end, found '2nd'
    1 | 2nd
      | ^^^
hint: separate it from what follows; names begin with a letter or '_'
)"},
      {R"([1; 2])",
       R"(rule:1:3: error[expr.syntax]: expected ',' or ']' to close the list, found ';'
    1 | [1; 2]
      |   ^
hint: close '[' with ']'
)"},
      {R"((1, 2))",
       R"(rule:1:3: error[expr.syntax]: expected an operator or ')', found ','
    1 | (1, 2)
      |   ^
hint: close '(' with ')'
)"},
      {R"(min(1; 2))",
       R"(rule:1:6: error[expr.syntax]: expected ',' or ')' to close the argument list, found ';'
    1 | min(1; 2)
      |      ^
hint: close '(' with ')'
)"},
      {R"(a[1, 2])",
       R"(rule:1:4: error[expr.syntax]: expected ']' to close the index, found ','
    1 | a[1, 2]
      |    ^
hint: close '[' with ']'
)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(rendered(parse_scalar(source(row.text))) == row.message);
  }
}

std::string rendered_value(std::string_view text) {
  const auto expr = parse_scalar(source(text));
  return expr ? rendered(evaluate(*expr, Environment{})) : rendered(expr);
}

TEST_CASE("lang/messages: what a scalar cannot mean") {
  static constexpr Row rows[] = {
      {R"(roundup(1, 2))",
       R"(rule:1:1: error[expr.unknown-function]: there is no function 'roundup'
    1 | roundup(1, 2)
      | ^^^^^^^
hint: did you mean 'round_up'?
)"},
      {R"(sqrt(1))",
       R"(rule:1:1: error[expr.unknown-function]: there is no function 'sqrt'
    1 | sqrt(1)
      | ^^^^
hint: use one of: round_up, min, max, sum, len, first, integer, number, text, symbol, lookup, repeat, join, starts_with, ends_with, all, any, is_whole
)"},
      {R"(1 + len(1, 2))",
       R"(rule:1:5: error[expr.arguments]: 'len' has 2 arguments, expected 1
    1 | 1 + len(1, 2)
      |     ^^^^^^^^^
hint: write len(x)
)"},
      {R"(10000000000000000000)",
       R"(rule:1:1: error[expr.overflow]: the number 10000000000000000000 does not fit, expected at most 64 bits
    1 | 10000000000000000000
      | ^^^^^^^^^^^^^^^^^^^^
hint: write a number that fits; 1e20 is a float
)"},
      {R"(a + 1)",
       R"(rule:1:1: error[expr.unknown-name]: 'a' is not known here, expected a declared name
    1 | a + 1
      | ^
hint: declare it, or check its spelling
)"},
      {R"(1 + null)",
       R"(rule:1:5: error[expr.type]: expected a number for '+', found null
    1 | 1 + null
      |     ^^^^
hint: give it a value, or a default: 'first(x, default)'
)"},
      {R"('a' * 2)",
       R"(rule:1:1: error[expr.type]: expected a number for '*', found the string "a"
    1 | 'a' * 2
      | ^^^
hint: check where the value comes from; integer(), number(), text() convert
)"},
      {R"(2 * (10 / 4))",
       R"(rule:1:6: error[expr.not-whole]: '10 / 4' is 10 / 4, expected a whole quotient
    1 | 2 * (10 / 4)
      |      ^^^^^^
hint: check the two sizes; for a fraction divide numbers: 'number(x) / y'
)"},
      {R"(10 / (2 - 2))",
       R"(rule:1:7: error[expr.division-by-zero]: '2 - 2' divides and is 0
    1 | 10 / (2 - 2)
      |       ^^^^^
hint: check the size, or guard it: 'if x == 0 then … else …'
)"},
      {R"(9223372036854775807 + 1)",
       R"(rule:1:1: error[expr.overflow]: '9223372036854775807 + 1' is 9223372036854775807 + 1, which does not fit
    1 | 9223372036854775807 + 1
      | ^^^^^^^^^^^^^^^^^^^^^^^
hint: check the sizes: integers have 64 bits, numbers the range of a 64-bit float
)"},
      {R"([1][1])",
       R"(rule:1:5: error[expr.out-of-range]: index 1 is outside of '[1]', which has 1 item
    1 | [1][1]
      |     ^
hint: items count from 0
)"},
      {R"(min([]))",
       R"(rule:1:5: error[expr.out-of-range]: '[]' is empty, expected an item for 'min'
    1 | min([])
      |     ^^
hint: give it an item, or guard it with len()
)"},
      {R"(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1)",
       R"(rule:1:65: error[expr.too-deep]: the expression nests deeper than 64 levels
    1 | ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1
      |                                                                 ^
hint: split the expression; name its parts as sizes
)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(rendered_value(row.text) == row.message);
  }
}

TEST_CASE("lang/messages: what a name lacks") {
  static constexpr Row rows[] = {
      {R"(layers.{layer.weight)",
       R"(rule:1:21: error[expr.syntax]: expected ':' and a width, or '}' to close the place, found the end
    1 | layers.{layer.weight
      |                     ^
hint: close '{' with '}'; write '{{' for the character '{'
)"},
      {R"(layers.größe.layer}.weight)",
       R"(rule:1:19: error[expr.syntax]: expected text, a place '{…}' or the end, found '}'
    1 | layers.größe.layer}.weight
      |                   ^
hint: write '}}' for the character '}' and ']]' for ']'
)"},
      {R"(layers.{layer:x})",
       R"(rule:1:15: error[expr.syntax]: expected a width after ':', found 'x'
    1 | layers.{layer:x}
      |               ^
hint: write '{name:02}' for at least two digits
)"},
      {R"(layers.{layer:99})",
       R"(rule:1:15: error[expr.syntax]: expected a width of 1 to 32 digits, found '99'
    1 | layers.{layer:99}
      |               ^^
hint: write '{name:02}' for at least two digits
)"},
      {R"(layers[0].w)",
       R"(rule:1:9: error[expr.syntax]: expected ' if ' and a condition, found ']'
    1 | layers[0].w
      |         ^
hint: write '[text if condition]'; write '[[' for the character '['
)"},
      {R"(layers[])",
       R"(rule:1:8: error[expr.syntax]: expected text or a place after '[', found ']'
    1 | layers[]
      |        ^
hint: write '[text if condition]'; write '[[' for the character '['
)"},
      {R"(layers.*)",
       R"(rule:1:8: error[expr.syntax]: expected a name, found '*'
    1 | layers.*
      |        ^
hint: patterns stand under 'ignore' only; name the places: '{layer}'
)"},
      {R"(layers[a if b)",
       R"(rule:1:14: error[expr.syntax]: expected an operator or ']' to close the option, found the end
    1 | layers[a if b
      |              ^
hint: close '[' with ']'
)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(rendered(parse_template(source(row.text), TemplateKind::Name)) == row.message);
  }
}

TEST_CASE("lang/messages: what a pattern cannot hold") {
  static constexpr Row rows[] = {
      {R"(layers[a if b])",
       R"(rule:1:7: error[expr.syntax]: expected a pattern without options, found '['
    1 | layers[a if b]
      |       ^
hint: write two patterns, or '[[' for the character '['
)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(rendered(parse_template(source(row.text), TemplateKind::Ignore)) == row.message);
  }
}

// clang-format on

}  // namespace
}  // namespace recast::lang
