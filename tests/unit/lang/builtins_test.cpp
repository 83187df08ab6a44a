#include <doctest/doctest.h>

#include <set>
#include <span>

#include "engine/lang/builtin_table.hpp"
#include "tests/support/lang_text.hpp"

namespace recast::lang {
namespace {

struct Row {
  std::string_view text;
  std::string_view outcome;
};

const Names kNames{
    {"none", tensor::Value()},
    {"dtype", tensor::Value(tensor::Symbol{"torch", "bfloat16"})},
    {"map", tensor::Value(tensor::Mapping{{{tensor::Value("a"), tensor::Value(1)}}})},
    {"xs", tensor::Value(tensor::Sequence{tensor::Sequence::Kind::Tuple,
                                          {tensor::Value(3), tensor::Value("x")}})},
};

void check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(value_of(row.text, kNames) == row.outcome);
  }
}

TEST_CASE("lang/builtins: round_up gives the next multiple") {
  static constexpr Row rows[] = {
      {"round_up(100, 8)", "104"},
      {"round_up(104, 8)", "104"},
      {"round_up(0, 8)", "0"},
      {"round_up(-3, 8)", "0"},
      {"round_up(-9, 8)", "-8"},
      {"round_up(1, 0)", "1:13 expr.division-by-zero: '0' is the multiple to round to and is 0"},
      {"round_up(1, -8)",
       "1:13 expr.type: '-8' is the integer -8, expected a multiple above 0 for 'round_up'"},
      {"round_up(9223372036854775807, 2)",
       "1:1 expr.overflow: 'round_up' gives a value that does not fit"},
      {"round_up(1.5, 2)",
       "1:10 expr.type: expected an integer for 'round_up', found the number 1.5"},
      {"round_up(none, 2)", "1:10 expr.type: 'none' is null, expected an integer for 'round_up'"},
  };
  check(rows);
}

TEST_CASE("lang/builtins: min, max and sum take numbers, the first two also text") {
  static constexpr Row rows[] = {
      {"min(3, 1, 2)", "1"},
      {"max(3, 1, 2)", "3"},
      {"min([3, 1, 2])", "1"},
      {"max(1, 1.5)", "1.5"},
      {"min('b', 'a')", "\"a\""},
      {"min(4)", "4"},
      {"max(2, 2.0)", "2"},
      {"sum([1, 2, 3])", "6"},
      {"sum([])", "0"},
      {"sum([1, 0.5])", "1.5"},
      {"min([])", "1:5 expr.out-of-range: '[]' is empty, expected an item for 'min'"},
      {"max(1, 'a')",
       "1:8 expr.type: expected a number to compare with a number, found the string \"a\""},
      {"min(null)", "1:5 expr.type: expected a number or a string to order, found null"},
      {"sum(xs)",
       "1:5 expr.type: an item of 'xs' is the string \"x\", expected a list of numbers for 'sum'"},
      {"max(xs)",
       "1:5 expr.type: an item of 'xs' is the string \"x\", expected a number to compare "
       "with a number"},
      {"sum([9223372036854775807, 1])", "1:1 expr.overflow: 'sum' gives a value that does not fit"},
      {"sum(1)", "1:5 expr.type: expected a list for 'sum', found the integer 1"},
  };
  check(rows);
}

TEST_CASE("lang/builtins: len counts items, fields and bytes") {
  static constexpr Row rows[] = {
      {"len([1, 2])", "2"},
      {"len('größe')", "7"},
      {"len(map)", "1"},
      {"len(dtype)", "14"},
      {"len(none)",
       "1:5 expr.type: 'none' is null, expected a list, a mapping or a string for 'len'"},
  };
  check(rows);
}

TEST_CASE("lang/builtins: first and lookup find a value or a default") {
  static constexpr Row rows[] = {
      {"first(none, 0, 1)", "0"},
      {"first(none, false)", "false"},
      {"first(none, none)", "null"},
      {"lookup('b', [['a', 1], ['b', 2]])", "2"},
      {"lookup('c', [['a', 1], ['b', 2]])", "null"},
      {"lookup('c', [['a', 1]], 7)", "7"},
      {"lookup(2.0, [[2, 'two']])", "\"two\""},
      {"lookup(dtype, [['torch.bfloat16', 'bf16']])", "\"bf16\""},
      {"lookup(1, 2)",
       "1:11 expr.type: expected a list of [key, value] for 'lookup', found the integer 2"},
      {"lookup(1, [[1]])",
       "1:11 expr.type: '[[1]]' is the list [[1]], expected a list of [key, value] for 'lookup'"},
  };
  check(rows);
}

TEST_CASE("lang/builtins: integer, number, text and symbol convert") {
  static constexpr Row rows[] = {
      {"integer(2.0)", "2"},
      {"integer('12')", "12"},
      {"integer('1e3')", "1000"},
      {"integer('9223372036854775807')", "9223372036854775807"},
      {"integer(-7)", "-7"},
      {"integer(none)", "null"},
      {"integer(1.5)", "1:9 expr.not-whole: '1.5' is the number 1.5, expected a whole number"},
      {"integer('1.5')",
       "1:9 expr.not-whole: ''1.5'' is the string \"1.5\", expected a whole number"},
      {"integer(1e30)", "1:1 expr.overflow: 'integer' gives a value that does not fit"},
      {"integer('12a')",
       "1:9 expr.type: expected a number or the text of one for 'integer', found "
       "the string \"12a\""},
      {"integer('')",
       "1:9 expr.type: expected a number or the text of one for 'integer', found "
       "the string \"\""},
      {"integer(true)",
       "1:9 expr.type: expected a number or the text of one for 'integer', found "
       "the flag true"},
      {"number(2)", "2.0"},
      {"number('1e-5')", "1e-05"},
      {"number(none)", "null"},
      {"number([])",
       "1:8 expr.type: '[]' is the list [], expected a number or the text of one for "
       "'number'"},
      {"text(5)", "\"5\""},
      {"text(5.0)", "\"5.0\""},
      {"text('a')", "\"a\""},
      {"text(dtype)", "\"torch.bfloat16\""},
      {"text(true)", "\"true\""},
      {"text(null)", "\"null\""},
      {"text([1, 'a'])", R"("[1, \"a\"]")"},
      {"symbol('torch.nn.Linear') == 'torch.nn.Linear'", "true"},
      {"symbol(dtype) == dtype", "true"},
      {"symbol('torch')",
       "1:8 expr.type: expected 'module.name' for 'symbol', found the string "
       "\"torch\""},
      {"symbol('torch.')",
       "1:8 expr.type: expected 'module.name' for 'symbol', found the string "
       "\"torch.\""},
      {"symbol(none)", "1:8 expr.type: 'none' is null, expected a string for 'symbol'"},
      {"is_whole(2)", "true"},
      {"is_whole(2.0)", "true"},
      {"is_whole(2.5)", "false"},
      {"is_whole('2')", "1:10 expr.type: expected a number for 'is_whole', found the string \"2\""},
  };
  check(rows);
}

TEST_CASE("lang/builtins: a symbol is a module and a name") {
  const auto expr = parse_scalar(source("symbol('torch.nn.Linear')"));
  REQUIRE(expr);
  const auto value = evaluate(*expr, Environment{});
  REQUIRE(value);
  CHECK(*value == tensor::Value(tensor::Symbol{"torch.nn", "Linear"}));
}

TEST_CASE("lang/builtins: repeat, join, starts_with and ends_with work on text") {
  static constexpr Row rows[] = {
      {"repeat('ab', 3)", "\"ababab\""},
      {"repeat('ab', 0)", "\"\""},
      {"repeat('', 9223372036854775807)", "\"\""},
      {"repeat('*', [2, 1])", R"(["**", "*"])"},
      {"repeat('a', 9223372036854775807)",
       "1:1 expr.overflow: 'repeat' gives a value that does not fit"},
      {"repeat('a', [10000000, 10000000])",
       "1:1 expr.overflow: 'repeat' gives a value that does not fit"},
      {"repeat('a', -1)",
       "1:13 expr.type: '-1' is the integer -1, expected a count of 0 or more, "
       "or a list of such for 'repeat'"},
      {"join([1, 'a', dtype], '|')", "\"1|a|torch.bfloat16\""},
      {"join([], ',')", "\"\""},
      {"join(repeat('t', [2, 2]), '|')", "\"tt|tt\""},
      {"join('a', 1)", "1:6 expr.type: expected a list for 'join', found the string \"a\""},
      {"starts_with('torch.x', 'torch.')", "true"},
      {"starts_with('x', 'torch.')", "false"},
      {"ends_with('a.bin', '.bin')", "true"},
      {"ends_with('a.bin', 'bin.')", "false"},
      {"starts_with(none, 'a')",
       "1:13 expr.type: 'none' is null, expected a string for 'starts_with'"},
  };
  check(rows);
}

TEST_CASE("lang/builtins: all and any look at truth") {
  static constexpr Row rows[] = {
      {"all([1, 'a', true])", "true"},
      {"all([1, 0])", "false"},
      {"all([])", "true"},
      {"any([0, null, 'a'])", "true"},
      {"any([0, null])", "false"},
      {"any([])", "false"},
      {"all(1)", "1:5 expr.type: expected a list for 'all', found the integer 1"},
  };
  check(rows);
}

TEST_CASE("lang/builtins: the table is consistent and every function can be called by its name") {
  std::set<std::string_view> names;
  for (const BuiltinRow& row : builtin_table()) {
    CAPTURE(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(builtin_named(row.name) == row.builtin);
    CHECK(&builtin_row(row.builtin) == &row);
    CHECK(row.signature.starts_with(cat(row.name, "(")));
    CHECK((row.max_args < 0 || row.max_args >= row.min_args));
    std::string call = cat(row.name, "(");
    for (int i = 0; i < row.min_args; ++i)
      call += i == 0 ? "a" : ", a";
    CHECK(scalar_of(call + ")") == call + ")");
  }
  CHECK(builtin_named("none") == std::nullopt);
}

}  // namespace
}  // namespace recast::lang
