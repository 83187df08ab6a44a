#include "engine/rules/yaml_source.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <memory>
#include <string>

namespace recast::rules {
namespace {

std::shared_ptr<const SourceText> file_of(std::string text) {
  return std::make_shared<const SourceText>(SourceText{"f.yaml", std::move(text), 1});
}

/// Scalars as <value>, or <value|bytes in the file> where the two differ; plain ones without
/// quotes.
std::string dump(const YamlNode& node) {
  std::string out;
  switch (node.kind) {
    case YamlNode::Kind::Null:
      return cat("null", node.span.text().empty() ? "" : "!");
    case YamlNode::Kind::Scalar:
      out = node.span.text() == node.scalar ? node.scalar : cat(node.scalar, "|", node.span.text());
      return node.plain ? cat("<", out, ">") : cat("\"", out, "\"");
    case YamlNode::Kind::Sequence:
      for (const YamlNode& item : node.items)
        out += cat(out.empty() ? "" : " ", dump(item));
      return cat("[", out, "]");
    case YamlNode::Kind::Mapping:
      for (const YamlNode::Entry& entry : node.entries)
        out += cat(out.empty() ? "" : " ", dump(entry.key), "=", dump(entry.value));
      return cat("{", out, "}");
  }
  return out;
}

/// The tree, or `line:column "bytes" code: message`.
std::string outcome_of(const std::string& text) {
  const auto node = parse_yaml(file_of(text));
  if (node) return dump(*node);
  const Diagnostic& fault = node.error();
  const LineColumn at = line_column(*fault.span.source, fault.span.begin);
  return cat(at.line, ":", at.column, " \"", fault.span.text(), "\" ", code_name(fault.code), ": ",
             fault.message);
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST_CASE("rules/yaml: every node has the bytes it was written with") {
  struct Row {
    const char* text;
    const char* tree;
  };
  static constexpr Row rows[] = {
      {"", "null"},
      {"# only a comment\n", "null"},
      {"a: 1\nb: two words  # c\n", "{<a>=<1> <b>=<two words>}"},
      {"\xC3\xB6: \xC3\xA9\nb: 2\n", "{<\xC3\xB6>=<\xC3\xA9> <b>=<2>}"},
      {"\xEF\xBB\xBF"
       "a: 1\r\nb: 2\r\n",
       "{<a>=<1> <b>=<2>}"},
      {"a: \"x y\"\nb: 'z'\n", "{<a>=\"x y\" <b>=\"z\"}"},
      {"a: \"x\\ty\"\nb: 'it''s'\n", "{<a>=\"x\ty|x\\ty\" <b>=\"it's|it''s\"}"},
      {"a: \"say \\\"b\\\"\"\nc: ''\n", "{<a>=\"say \"b\"|say \\\"b\\\"\" <c>=\"\"}"},
      {"a: |-\n  one\nb: 1\n", "{<a>=\"one\" <b>=<1>}"},
      {"a: >-  # folded\n  one\n  two\nb: 1\n", "{<a>=\"one two|one\n  two\" <b>=<1>}"},
      {"a: one\n  two\nb: 1\n", "{<a>=<one two|one\n  two> <b>=<1>}"},
      {"a:\nb: null\nc: ~\nd: \"null\"\n", "{<a>=null <b>=null! <c>=null! <d>=\"null\"}"},
      {"- 1\n-\n- [2, {x: 3, y: }]\n", "[<1> null [<2> {<x>=<3> <y>=null}]]"},
      {"m: {tp: , pp}\ns:\n- a\n", "{<m>={<tp>=null <pp>=null} <s>=[<a>]}"},
      {"? a\n: b\n", "{<a>=<b>}"},
      {"{\"a\":1,\"b\":[true]}", "{\"a\"=<1> \"b\"=[<true>]}"},
      {"model.{layer}.w: \"q: (group dim) hidden\"\n",
       "{<model.{layer}.w>=\"q: (group dim) hidden\"}"},
      {"\"<<\": 1\n", "{\"<<\"=<1>}"},
  };
  for (const Row& row : rows) {
    const std::string text = row.text;
    CAPTURE(text);
    CHECK(outcome_of(text) == std::string(row.tree));
  }
}

TEST_CASE("rules/yaml: collections span from their first to their last byte") {
  const auto node =
      parse_yaml(file_of("a:\n  b: [1, # c\n    2 , ]\n  c: {d: 'e' }  # f\ng:\n- x\n"));
  REQUIRE(node);
  CHECK(node->find("a")->span.text() == "b: [1, # c\n    2 , ]\n  c: {d: 'e' }");
  CHECK(node->find("a")->find("b")->span.text() == "[1, # c\n    2 , ]");
  CHECK(node->find("a")->find("c")->span.text() == "{d: 'e' }");
  CHECK(node->find("g")->span.text() == "- x");
}

TEST_CASE("rules/yaml: a value that is not written stands behind its key") {
  const auto node = parse_yaml(file_of("a:  # none\nb : \nl:\n  -\n  - 1\n"));
  REQUIRE(node);
  CHECK(node->find("a")->span.begin == 2);
  CHECK(node->find("b")->span.begin == 14);
  CHECK(node->find("l")->items.front().span.begin == 22);
}

TEST_CASE("rules/yaml: what a rule file may not hold is refused by name and place") {
  struct Row {
    const char* text;
    const char* outcome;
  };
  static constexpr Row rows[] = {
      {"a: 1\nb: 2\na: 3\n",
       "3:1 \"a\" yaml.duplicate-key: key 'a' stands twice in the same mapping"},
      {"x: {a: 1, \"a\": 2}\n",
       "1:12 \"a\" yaml.duplicate-key: key 'a' stands twice in the same mapping"},
      {"a: &x 1\n", "1:4 \"&x\" yaml.alias: anchor '&x' is not allowed in a rule file"},
      {"a: &x\n  b: 1\n", "1:4 \"&x\" yaml.alias: anchor '&x' is not allowed in a rule file"},
      {"a: [*x]\n", "1:5 \"*x\" yaml.alias: alias '*x' is not allowed in a rule file"},
      {"<<: {a: 1}\n", "1:1 \"<<\" yaml.merge-key: merge key '<<' is not allowed in a rule file"},
      {"a: !!str 3\n", "1:4 \"!!str\" yaml.tag: tag '!!str' is not allowed in a rule file"},
      {"a: ! 3\n", "1:4 \"!\" yaml.tag: tag '!' is not allowed in a rule file"},
      {"a: !x {b: 1}\n", "1:4 \"!x\" yaml.tag: tag '!x' is not allowed in a rule file"},
      {"a: 1\n---\nb: 2\n",
       "2:1 \"\" yaml.documents: a second document begins here, but a rule file is one document"},
      {"{a: 1}: 2\n", "1:1 \"{\" yaml.key: a collection is used as a key, expected text"},
      {"~: 2\n", "1:1 \"~\" yaml.key: null is used as a key, expected text"},
      {"a: [1\n", "2:1 \"\" yaml.syntax: not valid YAML: end of sequence flow not found"},
      {"a: b: c\n", "1:5 \":\" yaml.syntax: not valid YAML: illegal map value"},
      {"a: \xFF\n", "1:4 \"\xFF\" yaml.syntax: this byte is neither text nor white space"},
      {"a: \xC3", "1:4 \"\xC3\" yaml.syntax: this byte is neither text nor white space"},
      {"a: \x04 b\n", "1:4 \"\x04\" yaml.syntax: this byte is neither text nor white space"},
  };
  for (const Row& row : rows) {
    const std::string text = row.text;
    CAPTURE(text);
    CHECK(outcome_of(text) == std::string(row.outcome));
  }
}

TEST_CASE("rules/yaml: a duplicate key names the first one") {
  const auto node = parse_yaml(file_of("a: 1\nb: 2\na: 3\n"));
  REQUIRE(!node);
  REQUIRE(node.error().notes.size() == 1);
  CHECK(node.error().notes.front().message == "it stands here first");
  CHECK(node.error().notes.front().span.begin == 0);
}

TEST_CASE("rules/yaml: depth is limited, however deep the text goes") {
  CHECK(outcome_of(nested(64)) == nested(64));
  CHECK(outcome_of(nested(65)) ==
        "1:65 \"[\" yaml.depth: collections are nested more than 64 deep");
  CHECK(outcome_of(nested(100000)) ==
        "1:65 \"[\" yaml.depth: collections are nested more than 64 deep");
}

TEST_CASE("rules/yaml: a text cut short or with one byte changed ends in a tree or a diagnostic") {
  const std::string text =
      "a: {tp: , l: [1, \"x\\n\"]}\nb: |\n  li\n\"k\": 'it''s'  # c\n? e\n: - f\n  - g:\n      "
      ">-\n      h\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    CHECK(!outcome_of(text.substr(0, cut)).empty());
    if (cut == text.size()) break;
    for (const char c : {'\0', '"', '\'', '[', '}', ':', '-', '\n', ' ', '#', '|', '&', '\x80'}) {
      std::string changed = text;
      changed[cut] = c;
      CHECK(!outcome_of(changed).empty());
    }
  }
}

TEST_CASE("rules/yaml: an expression keeps the bytes of the file where they are its own") {
  struct Row {
    const char* text;
    const char* name;
    std::size_t begin;
    const char* expression;
  };
  static constexpr Row rows[] = {
      {"\nk: q hidden\n", "f.yaml", 4, "q hidden"},
      {"\nk: \"q: hidden\"\n", "f.yaml", 5, "q: hidden"},
      {"\nk: 'q'\n", "f.yaml", 5, "q"},
      {"\nk: |-\n  q hidden\n", "f.yaml", 9, "q hidden"},
      {"\nk: 'a == ''b'''\n", "f.yaml:2", 0, "a == 'b'"},
      {"\nk: \"a\\\"\"\n", "f.yaml:2", 0, "a\""},
      {"\nk: q\n   hidden\n", "f.yaml:2", 0, "q hidden"},
      {"\nk: >-\n  q\n  hidden\n", "f.yaml:3", 0, "q hidden"},
  };
  for (const Row& row : rows) {
    const std::string text = row.text;
    CAPTURE(text);
    const auto node = parse_yaml(file_of(text));
    REQUIRE(node);
    const SourceSpan span = node->find("k")->expression();
    CHECK(span.source->name == std::string(row.name));
    CHECK(span.begin == row.begin);
    CHECK(std::string(span.text()) == std::string(row.expression));
  }
}

TEST_CASE("rules/yaml: plain scalars are resolved by the core schema, quoted ones are text") {
  using tensor::Value;
  struct Row {
    const char* text;
    Value value;
  };
  const Row rows[] = {
      {"~", Value{}},
      {"null", Value{}},
      {"true", Value(true)},
      {"False", Value(false)},
      {"yes", Value("yes")},
      {"12", Value(12)},
      {"-3", Value(-3)},
      {"+7", Value(7)},
      {"010", Value(10)},
      {"0o17", Value(15)},
      {"0x1F", Value(31)},
      {"0x-1", Value("0x-1")},
      {"1e-6", Value(1e-6)},
      {"-1.5", Value(-1.5)},
      {".5", Value(0.5)},
      {"1.", Value(1.0)},
      {".", Value(".")},
      {"+", Value("+")},
      {"1_000", Value("1_000")},
      {"\"3\"", Value("3")},
      {"'true'", Value("true")},
      {"9223372036854775807", Value(std::int64_t{9223372036854775807})},
      {"9223372036854775808", Value("9223372036854775808")},
      {"1e999", Value("1e999")},
      {"1-2", Value("1-2")},
      {"e5", Value("e5")},
      {"-.inf", Value(-std::numeric_limits<double>::infinity())},
      {"[1, a]", tensor::Sequence{tensor::Sequence::Kind::List, {Value(1), Value("a")}}},
      {"{1: , b: 2}", tensor::Mapping{{{Value("1"), Value{}}, {Value("b"), Value(2)}}, false}},
  };
  for (const Row& row : rows) {
    const std::string text = row.text;
    CAPTURE(text);
    const auto node = parse_yaml(file_of(cat("k: ", text)));
    REQUIRE(node);
    CHECK((to_value(*node->find("k")) == row.value));
  }
}

}  // namespace
}  // namespace recast::rules
