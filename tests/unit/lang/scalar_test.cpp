#include "engine/lang/scalar.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <span>
#include <vector>

#include "tests/support/lang_text.hpp"

namespace recast::lang {
namespace {

using tensor::Mapping;
using tensor::Sequence;
using tensor::Symbol;
using tensor::Value;

struct Row {
  std::string_view text;
  std::string_view outcome;
};

Value list(std::vector<Value> items) {
  return Value(Sequence{Sequence::Kind::List, std::move(items)});
}

const Names kNames{
    {"heads", Value(32)},
    {"groups", Value(8)},
    {"hidden", Value(4096)},
    {"tp.size", Value(4)},
    {"eps", Value(1e-6)},
    {"whole", Value(2.0)},
    {"tied", Value(false)},
    {"kind", Value("silu")},
    {"none", Value()},
    {"params_dtype", Value(Symbol{"torch", "bfloat16"})},
    {"architectures", list({Value("A"), Value("B")})},
    {"pair", Value(Sequence{Sequence::Kind::Tuple, {Value(1), Value(2)}})},
    {"rope", Value(Mapping{{{Value("factor"), Value(8.0)}, {Value("kind"), Value("x")}}})},
    {"nan", Value(std::numeric_limits<double>::quiet_NaN())},
    {"least", Value(std::numeric_limits<std::int64_t>::min())},
    {"most", Value(std::numeric_limits<std::int64_t>::max())},
};

void check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(value_of(row.text, kNames) == row.outcome);
  }
}

TEST_CASE("lang/evaluate: integers stay integers, one number makes a number") {
  static constexpr Row rows[] = {
      {"hidden / heads", "128"}, {"2 + 3 * 4", "14"},   {"(2 + 3) * 4", "20"},
      {"7 - 9", "-2"},           {"-heads", "-32"},     {"--heads", "32"},
      {"7 mod 4", "3"},          {"-7 mod 4", "1"},     {"7 mod -4", "-1"},
      {"-7 mod -4", "-3"},       {"8 mod 4", "0"},      {"heads / 2.0", "16.0"},
      {"3 / number(2)", "1.5"},  {"whole * 3", "6.0"},  {"1 + 0.5", "1.5"},
      {"-eps", "-1e-06"},        {"least mod -1", "0"}, {"-6 / 3", "-2"},
  };
  check(rows);
}

TEST_CASE("lang/evaluate: arithmetic that does not come out is refused with both values") {
  static constexpr Row rows[] = {
      {"heads / 3", "1:1 expr.not-whole: 'heads / 3' is 32 / 3, expected a whole quotient"},
      {"1 + (hidden + 1) / heads",
       "1:5 expr.not-whole: '(hidden + 1) / heads' is 4097 / 32, expected a whole quotient"},
      {"heads / (groups - 8)", "1:10 expr.division-by-zero: 'groups - 8' divides and is 0"},
      {"heads mod 0", "1:11 expr.division-by-zero: '0' divides and is 0"},
      {"1.0 / 0", "1:7 expr.division-by-zero: '0' divides and is 0"},
      {"most + 1", "1:1 expr.overflow: 'most + 1' is 9223372036854775807 + 1, which does not fit"},
      {"least - 1",
       "1:1 expr.overflow: 'least - 1' is -9223372036854775808 - 1, which does not fit"},
      {"most * 2", "1:1 expr.overflow: 'most * 2' is 9223372036854775807 * 2, which does not fit"},
      {"least / -1",
       "1:1 expr.overflow: 'least / -1' is -9223372036854775808 / -1, which does not fit"},
      {"-least", "1:1 expr.overflow: '-least' is -(-9223372036854775808), which does not fit"},
      {"1e300 * 1e300",
       "1:1 expr.overflow: '1e+300 * 1e+300' is 1e+300 * 1e+300, which does not fit"},
  };
  check(rows);
}

TEST_CASE("lang/evaluate: an operand of the wrong kind is named with its value") {
  static constexpr Row rows[] = {
      {"heads + none", "1:9 expr.type: 'none' is null, expected a number for '+'"},
      {"none + 1", "1:1 expr.type: 'none' is null, expected a number, a string or a list for '+'"},
      {"2 * (none)", "1:6 expr.type: 'none' is null, expected a number for '*'"},
      {"-none", "1:2 expr.type: 'none' is null, expected a number for '-'"},
      {"kind * 2", "1:1 expr.type: 'kind' is the string \"silu\", expected a number for '*'"},
      {"tied + 1",
       "1:1 expr.type: 'tied' is the flag false, expected a number, a string or a list for '+'"},
      {"eps mod 2", "1:1 expr.type: 'eps' is the number 1e-06, expected an integer for 'mod'"},
      {"7 mod whole", "1:7 expr.type: 'whole' is the number 2.0, expected an integer for 'mod'"},
      {"heads < 'a'",
       "1:9 expr.type: expected a number to compare with a number, found the string \"a\""},
      {"kind < 1",
       "1:8 expr.type: expected a string to compare with a string, found the integer 1"},
      {"none < 1", "1:1 expr.type: 'none' is null, expected a number or a string to order"},
      {"tied < true",
       "1:1 expr.type: 'tied' is the flag false, expected a number or a string to order"},
      {"kind + 1",
       "1:8 expr.type: expected a string to join to a string (text() makes one), found the "
       "integer 1"},
      {"architectures + kind",
       "1:17 expr.type: 'kind' is the string \"silu\", expected a list to join to a list"},
      {"1 in 2",
       "1:6 expr.type: expected a list, a mapping or a string to look in, found the "
       "integer 2"},
      {"1 in kind",
       "1:1 expr.type: expected a string to look for in a string, found the integer 1"},
      {"heads[0]",
       "1:1 expr.type: 'heads' is the integer 32, expected a list or a mapping to "
       "index"},
      {"none[0]", "1:1 expr.type: 'none' is null, expected a list or a mapping to index"},
      {"architectures['a']",
       "1:15 expr.type: expected an integer to index a list, found the string \"a\""},
      {"rope[0]", "1:6 expr.type: expected a string to look up in a mapping, found the integer 0"},
  };
  check(rows);
}

TEST_CASE("lang/evaluate: equality is by value and never an error") {
  static constexpr Row rows[] = {
      {"2 == 2.0", "true"},
      {"whole == 2", "true"},
      {"2 != 2.5", "true"},
      {"null == null", "true"},
      {"none == null", "true"},
      {"none != null", "false"},
      {"none == 0", "false"},
      {"none == false", "false"},
      {"tied == 0", "false"},
      {"kind == 'silu'", "true"},
      {"kind == 1", "false"},
      {"params_dtype == 'torch.bfloat16'", "true"},
      {"'torch.bfloat16' == params_dtype", "true"},
      {"params_dtype == 'bfloat16'", "false"},
      {"params_dtype == symbol('torch.bfloat16')", "true"},
      {"params_dtype == null", "false"},
      {"pair == [1, 2]", "true"},
      {"pair == [1.0, 2]", "true"},
      {"pair == [1]", "false"},
      {"[params_dtype] == ['torch.bfloat16']", "true"},
      {"nan == nan", "false"},
      {"nan != nan", "true"},
      {"most == number(most)", "false"},
      {"9007199254740993 == 9007199254740992.0", "false"},
  };
  check(rows);
}

TEST_CASE("lang/evaluate: order is exact between integers and numbers, bytewise for text") {
  static constexpr Row rows[] = {
      {"1 < 2", "true"},
      {"2 <= 2", "true"},
      {"2 > 2", "false"},
      {"3 >= 2", "true"},
      {"1 < 1.5", "true"},
      {"-1 > -1.5", "true"},
      {"2.5 > 2", "true"},
      {"2.0 >= 2", "true"},
      {"most < 1e19", "true"},
      {"least > -1e19", "true"},
      {"nan < 1", "false"},
      {"1 >= nan", "false"},
      {"'a' < 'b'", "true"},
      {"'a' < 'B'", "false"},
      {"'ab' > 'a'", "true"},
      {"params_dtype < 'u'", "true"},
      {"9007199254740993 > 9007199254740992.0", "true"},
  };
  check(rows);
}

TEST_CASE("lang/evaluate: 'in' looks into lists, mappings and text, and nothing is in null") {
  static constexpr Row rows[] = {
      {"'A' in architectures", "true"},
      {"'C' in architectures", "false"},
      {"2.0 in [1, 2]", "true"},
      {"'il' in kind", "true"},
      {"'x' in kind", "false"},
      {"'factor' in rope", "true"},
      {"'x' in rope", "false"},
      {"1 in none", "false"},
      {"null in [null]", "true"},
      {"params_dtype in ['torch.bfloat16']", "true"},
      {"'float' in params_dtype", "true"},
  };
  check(rows);
}

TEST_CASE("lang/evaluate: '+' joins text and lists") {
  static constexpr Row rows[] = {
      {"'a' + kind", "\"asilu\""},
      {"params_dtype + '!'", "\"torch.bfloat16!\""},
      {"architectures + [1]", R"(["A", "B", 1])"},
      {"pair + []", "[1, 2]"},
  };
  check(rows);
}

TEST_CASE("lang/evaluate: an index takes items of lists and fields of mappings") {
  static constexpr Row rows[] = {
      {"architectures[1]", "\"B\""},
      {"[[1, 2], [3]][0][1]", "2"},
      {"rope['factor']", "8.0"},
      {"rope['absent']", "null"},
      {"architectures[2]",
       "1:15 expr.out-of-range: index 2 is outside of 'architectures', which has 2 items"},
      {"architectures[-1]",
       "1:15 expr.out-of-range: index -1 is outside of 'architectures', which has 2 items"},
      {"[7][1]", "1:5 expr.out-of-range: index 1 is outside of '[7]', which has 1 item"},
  };
  check(rows);
}

TEST_CASE("lang/evaluate: truth") {
  static constexpr Row rows[] = {
      {"not null", "true"},
      {"not 0", "true"},
      {"not 0.0", "true"},
      {"not ''", "true"},
      {"not []", "true"},
      {"not false", "true"},
      {"not 1", "false"},
      {"not 'x'", "false"},
      {"not [0]", "false"},
      {"not nan", "false"},
      {"not rope", "false"},
      {"not -1", "false"},
      {"1 and 'x'", "true"},
      {"1 and null", "false"},
      {"0 or []", "false"},
      {"0 or 2", "true"},
      {"not params_dtype", "false"},
      {"if kind then 1 else 2", "1"},
      {"if none then 1 else 2", "2"},
  };
  check(rows);
  CHECK(!is_true(Value(Mapping{})));
  CHECK(is_true(Value(tensor::Bytes{})));
}

TEST_CASE("lang/evaluate: a branch that is not taken is not looked at") {
  static constexpr Row rows[] = {
      {"true or missing", "true"},
      {"false and missing", "false"},
      {"if true then 1 else missing", "1"},
      {"if false then missing else 2", "2"},
      {"first(1, missing)", "1"},
      {"false or missing",
       "1:10 expr.unknown-name: 'missing' is not known here, expected a declared name"},
      {"first(null, missing)",
       "1:13 expr.unknown-name: 'missing' is not known here, expected a declared name"},
      {"lookup(1, [[1, 2]], missing)",
       "1:21 expr.unknown-name: 'missing' is not known here, expected a declared name"},
  };
  check(rows);
}

TEST_CASE("lang/evaluate: an environment is asked for the whole dotted name, once per use") {
  std::vector<std::string> asked;
  const Value one(1);
  const auto expr = parse_scalar(source("a.b + c * a.b"));
  REQUIRE(expr);
  const auto value = evaluate(*expr, [&](std::string_view name) {
    asked.emplace_back(name);
    return &one;
  });
  CHECK(outcome(value) == "2");
  CHECK(asked == std::vector<std::string>{"a.b", "c", "a.b"});
}

TEST_CASE("lang/evaluate: without an environment no name is known") {
  const auto expr = parse_scalar(source("1 + x"));
  REQUIRE(expr);
  CHECK(outcome(evaluate(*expr, Environment{})) ==
        "1:5 expr.unknown-name: 'x' is not known here, expected a declared name");
}

TEST_CASE("lang/names: in the order of the text, once each, calls not among them") {
  const auto expr = parse_scalar(source("if b then min(a, b.c) else [x, a][first(y)]"));
  REQUIRE(expr);
  CHECK(names_in(*expr) == std::vector<std::string>{"b", "a", "b.c", "x", "y"});
}

}  // namespace
}  // namespace recast::lang
