#include "engine/lang/parser.hpp"

#include <doctest/doctest.h>

#include "tests/support/lang_text.hpp"

namespace recast::lang {
namespace {

struct Row {
  std::string_view text;
  std::string_view outcome;
};

TEST_CASE("lang/parse: a layout keeps its axes, groups, sums and labels") {
  static constexpr Row rows[] = {
      {"attn.q: (group rep dim) hidden", "attn.q: (group rep dim) hidden"},
      {"(group [attn.q: rep dim | attn.k: dim | attn.v: dim]) hidden",
       "(group [attn.q: rep dim | attn.k: dim | attn.v: dim]) hidden"},
      {"[mlp.gate?: ffn | mlp.up: ffn] hidden", "[mlp.gate?: ffn | mlp.up: ffn] hidden"},
      {"  embed :vocab\n hidden ", "embed: vocab hidden"},
      {"mlp.bias ? : ffn", "mlp.bias?: ffn"},
      {"xielu.beta:", "xielu.beta:"},
      {"", ""},
      {"1 hidden 1", "1 hidden 1"},
      {"(a)(b)1(c)", "(a) (b) 1 (c)"},
      {"[[a: x | b: y] | c: z]", "[[a: x | b: y] | c: z]"},
      {"(group dim [q: rep | k: 1 | v: 1])", "(group dim [q: rep | k: 1 | v: 1])"},
      {"hidden (expert [moe.gate: expert_ffn | moe.up: expert_ffn])",
       "hidden (expert [moe.gate: expert_ffn | moe.up: expert_ffn])"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(layout_of(row.text) == row.outcome);
  }
}

TEST_CASE("lang/parse: a layout that makes no sense says what was expected where") {
  static constexpr Row rows[] = {
      {"(a b", "1:5 expr.syntax: expected an axis or ')' to close the group, found the end"},
      {"()", "1:2 expr.syntax: expected an axis, '1', '(' or '[' after '(', found ')'"},
      {"a)", "1:2 expr.syntax: expected an axis, '1', '(', '[' or the end, found ')'"},
      {"[a: | b: x]", "1:5 expr.syntax: expected an axis, '1', '(' or '[' after ':', found '|'"},
      {"[a: x | ]", "1:9 expr.syntax: expected an axis, '1', '(' or '[' after '|', found ']'"},
      {"[a: x b: y]", "1:8 expr.syntax: expected an axis, '|' or ']' to close the sum, found ':'"},
      {"attn.q (a b)",
       "1:5 expr.syntax: expected ':' after a label, or an axis of lower-case letters, digits "
       "and '_', found '.'"},
      {"attn.q? a", "1:9 expr.syntax: expected ':' after the label, found 'a'"},
      {"headDim",
       "1:1 expr.syntax: expected ':' after a label, or an axis of lower-case letters, digits "
       "and '_', found 'headDim'"},
      {"12 a", "1:1 expr.syntax: expected the unit dimension '1', found '12'"},
      {"a 2", "1:3 expr.syntax: expected an axis, '1', '(', '[' or the end, found '2'"},
      {"a: b: c", "1:5 expr.syntax: expected an axis, '1', '(', '[' or the end, found ':'"},
      {"größe", "1:3 expr.syntax: expected an axis, '1', '(', '[' or the end, found 'ö'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(layout_of(row.text) == row.outcome);
  }
}

TEST_CASE("lang/parse: every node of a layout spans its text") {
  const auto layout = parse_layout(source("q: (a [b?: c | d: 1])"));
  REQUIRE(layout);
  std::string spans;
  for (const LayoutNode& node : layout->nodes)
    spans += cat(node.span.text(), ";");
  CHECK(spans == "a;c;1;[b?: c | d: 1];(a [b?: c | d: 1]);");
  CHECK(layout->label_span.text() == "q");
  CHECK(std::get<LayoutSum>(layout->nodes[3].node).parts[0].label_span.text() == "b");
}

TEST_CASE("lang/parse: a span inside a file gives places in that file") {
  const SourceSpan file = make_source("model.yaml", "tensors:\n  q: \"a b)\"\n");
  const auto layout = parse_layout(file.sub(15, 19));
  REQUIRE(!layout);
  CHECK(outcome(layout.error()) ==
        "2:10 expr.syntax: expected an axis, '1', '(', '[' or the end, found ')'");
}

// Each row is printed with all operands in parentheses that are not the precedence's doing.
TEST_CASE("lang/parse: operators bind as they do in arithmetic and in logic") {
  static constexpr Row rows[] = {
      {"a + b * c", "a + b * c"},
      {"(a + b) * c", "(a + b) * c"},
      {"a - (b - c)", "a - (b - c)"},
      {"(a - b) - c", "a - b - c"},
      {"(-a) * b", "-a * b"},
      {"-(a * b)", "-(a * b)"},
      {"-(a[0])", "-a[0]"},
      {"(-a)[0]", "(-a)[0]"},
      {"not (a == b)", "not a == b"},
      {"(not a) == b", "(not a) == b"},
      {"(not a) and b", "not a and b"},
      {"not (a and b)", "not (a and b)"},
      {"a or (b and c)", "a or b and c"},
      {"(a or b) and c", "(a or b) and c"},
      {"(a + b) == (c * d)", "a + b == c * d"},
      {"(a == b) == c", "(a == b) == c"},
      {"(a in b) or c", "a in b or c"},
      {"a mod b * c / d", "a mod b * c / d"},
      {"if a then b else (if c then d else e)", "if a then b else if c then d else e"},
      {"(if a then b else c) + 1", "(if a then b else c) + 1"},
      {"- - a", "--a"},
      {"not not a", "not not a"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(scalar_of(row.text) == row.outcome);
  }
}

TEST_CASE("lang/parse: unary minus binds tighter than '*'") {
  const auto expr = parse_scalar(source("-a * b"));
  REQUIRE(expr);
  const auto* root = std::get_if<ScalarBinary>(&expr->nodes.back().node);
  REQUIRE(root);
  CHECK(root->op == BinaryOp::Multiply);
  CHECK(expr->nodes[root->lhs].span.text() == "-a");
}

TEST_CASE("lang/parse: literals, lists, calls and indices") {
  static constexpr Row rows[] = {
      {"9223372036854775807", "9223372036854775807"},
      {"1.50", "1.5"},
      {"1e3", "1000.0"},
      {"2E-3", "0.002"},
      {"1e300", "1e+300"},
      {"'it''s'", "'it''s'"},
      {"''", "''"},
      {"''''", "''''"},
      {"[ ]", "[]"},
      {"[1,'a' , null,true,false]", "[1, 'a', null, true, false]"},
      {"round_up( vocab ,128*tp.size )", "round_up(vocab, 128 * tp.size)"},
      {"min([1, 2])", "min([1, 2])"},
      {"a.b.c[0][i+1]", "a.b.c[0][i + 1]"},
      {"rope.in", "rope.in"},
      {"order", "order"},
      {"first", "first"},
      {"((a))", "a"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(scalar_of(row.text) == row.outcome);
  }
}

TEST_CASE("lang/parse: a scalar that makes no sense says what was expected where") {
  static constexpr Row rows[] = {
      {"", "1:1 expr.syntax: expected a value at the beginning, found the end"},
      {"a +", "1:4 expr.syntax: expected a value after '+', found the end"},
      {"a * * b", "1:5 expr.syntax: expected a value after '*', found '*'"},
      {"a b", "1:3 expr.syntax: expected an operator or the end, found 'b'"},
      {"(a", "1:3 expr.syntax: expected an operator or ')', found the end"},
      {"a)", "1:2 expr.syntax: expected an operator or the end, found ')'"},
      {"[1, ]", "1:5 expr.syntax: expected a value after ',', found ']'"},
      {"[1 2]", "1:4 expr.syntax: expected ',' or ']' to close the list, found '2'"},
      {"len(a", "1:6 expr.syntax: expected ',' or ')' to close the argument list, found the end"},
      {"a[0", "1:4 expr.syntax: expected ']' to close the index, found the end"},
      {"a[]", "1:3 expr.syntax: expected a value after '[', found ']'"},
      {"'abc", "1:5 expr.syntax: expected ' to close the string, found the end"},
      {"a = b", "1:3 expr.syntax: expected '==' to compare, found '='"},
      {"a < b < c", "1:7 expr.syntax: expected no second comparison, found '<'"},
      {"a == b != c", "1:8 expr.syntax: expected no second comparison, found '!='"},
      {"a <= ", "1:6 expr.syntax: expected a value after '<=', found the end"},
      {"a == and", "1:6 expr.syntax: expected a value after '==', found 'and'"},
      {"not", "1:4 expr.syntax: expected a value after 'not', found the end"},
      {"if a b", "1:6 expr.syntax: expected 'then' after the condition, found 'b'"},
      {"if a then b", "1:12 expr.syntax: expected 'else' and the other value, found the end"},
      {"if a thenb", "1:6 expr.syntax: expected 'then' after the condition, found 'thenb'"},
      {"2x", "1:1 expr.syntax: expected the number to end, found '2x'"},
      {"1.", "1:2 expr.syntax: expected the number to end, found '.'"},
      {"\"a\"", "1:1 expr.syntax: expected a value at the beginning, found '\"'"},
      {"a..b", "1:2 expr.syntax: expected an operator or the end, found '.'"},
      {"a\n+\n  ?", "3:3 expr.syntax: expected a value after '+', found '?'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(scalar_of(row.text) == row.outcome);
  }
}

TEST_CASE("lang/parse: what the grammar allows and the language does not") {
  static constexpr Row rows[] = {
      {"roundup(1, 2)", "1:1 expr.unknown-function: there is no function 'roundup'"},
      {"1 + zzz(1)", "1:5 expr.unknown-function: there is no function 'zzz'"},
      {"len()", "1:1 expr.arguments: 'len' has 0 arguments, expected 1"},
      {"1 + len(a, b)", "1:5 expr.arguments: 'len' has 2 arguments, expected 1"},
      {"lookup(a)", "1:1 expr.arguments: 'lookup' has 1 argument, expected 2 to 3"},
      {"min()", "1:1 expr.arguments: 'min' has 0 arguments, expected at least 1"},
      {"9223372036854775808",
       "1:1 expr.overflow: the number 9223372036854775808 does not fit, expected at most 64 bits"},
      {"1e999",
       "1:1 expr.overflow: the number 1e999 does not fit, expected the range of a 64-bit float"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(scalar_of(row.text) == row.outcome);
  }
}

std::string times(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i)
    out += text;
  return out;
}

struct Nest {
  std::string_view open, middle, close;
  int column_of_65th;  // of the token that is one too many
  std::string text(int depth) const { return cat(times(open, depth), middle, times(close, depth)); }
};
constexpr std::string_view kTooDeep = "expr.too-deep: the expression nests deeper than 64 levels";

TEST_CASE("lang/parse: a scalar nests 64 levels deep and not one more") {
  static constexpr Nest kNests[] = {
      {"(", "a", ")", 65},
      {"[", "a", "]", 65},
      {"-", "a", "", 65},
      {"not ", "a", "", 257},
      {"len(", "a", ")", 260},
      {"a[", "a", "]", 130},
      {"if a then b else ", "a", "", 1089},
  };
  for (const Nest& nest : kNests) {
    CAPTURE(nest.open);
    CHECK(parse_scalar(source(nest.text(64))).has_value());
    CHECK(scalar_of(nest.text(65)) == cat("1:", nest.column_of_65th, " ", kTooDeep));
    CHECK(scalar_of(nest.text(100000)) == cat("1:", nest.column_of_65th, " ", kTooDeep));
  }
}

TEST_CASE("lang/parse: a layout nests 64 levels deep and not one more") {
  static constexpr Nest kNests[] = {
      {"(", "a", ")", 65}, {"[", "a", "]", 65}, {"[a:", "a", "]", 193}};
  for (const Nest& nest : kNests) {
    CAPTURE(nest.open);
    CHECK(parse_layout(source(nest.text(64))).has_value());
    CHECK(layout_of(nest.text(65)) == cat("1:", nest.column_of_65th, " ", kTooDeep));
    CHECK(layout_of(nest.text(100000)) == cat("1:", nest.column_of_65th, " ", kTooDeep));
  }
}

TEST_CASE("lang/parse: options of a template nest 64 levels deep and not one more") {
  static constexpr Nest nest{"[a", "", " if b]", 129};
  CHECK(parse_template(source(nest.text(64)), TemplateKind::File).has_value());
  CHECK(template_of(nest.text(65)) == cat("1:129 ", kTooDeep));
}

TEST_CASE("lang/parse: a tree grows no higher than 512") {
  CHECK(parse_scalar(source("a" + times(" + a", 511))).has_value());
  CHECK(scalar_of("a" + times(" + a", 512)) ==
        "1:1 expr.too-deep: the expression applies more than 512 operators in a row");
  CHECK(scalar_of("a" + times("[0]", 512)) ==
        "1:1 expr.too-deep: the expression applies more than 512 operators in a row");
}

TEST_CASE("lang/parse: a template keeps its text, places and options") {
  static constexpr Row rows[] = {
      {"model.layers.{layer}.mlp.weight", "model.layers.{layer}.mlp.weight"},
      {"mp_rank_{tp:02}[_{pp:03} if pp.size > 1]", "mp_rank_{tp:02}[_{pp:03} if pp.size > 1]"},
      {"layer_{ layer+first_layer : 2 }-x", "layer_{layer + first_layer:02}-x"},
      {"{x:012}", "{x:012}"},
      {"a{{b}}[[c]]", "a{{b}}[[c]]"},
      {"{{{x}}}", "{{{x}}}"},
      {"[a[b if c] if d]", "[a[b if c] if d]"},
      {"[a{i} if i in [1, 2]]", "[a{i} if i in [1, 2]]"},
      {"a if b", "a if b"},
      {"[ if a if b]", "1:2 expr.syntax: expected text or a place after '[', found ' '"},
      {"[x  if b]", "[x  if b]"},
      {"[iffy if b]", "[iffy if b]"},
      {"", ""},
      {"größe.{i}", "größe.{i}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(template_of(row.text) == row.outcome);
  }
}

TEST_CASE("lang/parse: a template that makes no sense says what was expected where") {
  static constexpr Row rows[] = {
      {"{", "1:2 expr.syntax: expected a value after '{', found the end"},
      {"{a", "1:3 expr.syntax: expected ':' and a width, or '}' to close the place, found the end"},
      {"{a b}", "1:4 expr.syntax: expected ':' and a width, or '}' to close the place, found 'b'"},
      {"{a:}", "1:4 expr.syntax: expected a width after ':', found '}'"},
      {"{a:0}", "1:4 expr.syntax: expected a width of 1 to 32 digits, found '0'"},
      {"{a:33}", "1:4 expr.syntax: expected a width of 1 to 32 digits, found '33'"},
      {"{a:99999999999}",
       "1:4 expr.syntax: expected a width of 1 to 32 digits, found '99999999999'"},
      {"a}", "1:2 expr.syntax: expected text, a place '{…}' or the end, found '}'"},
      {"a]", "1:2 expr.syntax: expected text, a place '{…}' or the end, found ']'"},
      {"[a]", "1:3 expr.syntax: expected ' if ' and a condition, found ']'"},
      {"[]", "1:2 expr.syntax: expected text or a place after '[', found ']'"},
      {"[a if ]", "1:7 expr.syntax: expected a value after 'if', found ']'"},
      {"[a if b",
       "1:8 expr.syntax: expected an operator or ']' to close the option, found the end"},
      {"a.*", "1:3 expr.syntax: expected a name, found '*'"},
      {"**.a", "1:1 expr.syntax: expected a name, found '**'"},
      {"{nope(1)}", "1:2 expr.unknown-function: there is no function 'nope'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(template_of(row.text) == row.outcome);
  }
}

TEST_CASE("lang/parse: stars stand in patterns only, options in names and files only") {
  CHECK(template_of("**.rotary.{layer}.*", TemplateKind::Ignore) == "**.rotary.{layer}.*");
  CHECK(template_of("***", TemplateKind::Ignore) == "***");
  CHECK(template_of("a[b if c]", TemplateKind::Name) == "a[b if c]");
  CHECK(template_of("a.*", TemplateKind::Name) == "1:3 expr.syntax: expected a name, found '*'");
  CHECK(template_of("a[b if c]", TemplateKind::Ignore) ==
        "1:2 expr.syntax: expected a pattern without options, found '['");
}

}  // namespace
}  // namespace recast::lang
