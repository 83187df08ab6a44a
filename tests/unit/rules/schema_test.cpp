#include "engine/rules/schema.hpp"

#include "engine/base/render.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace recast::rules {
namespace {

constexpr std::string_view kSchema = R"({
  "type": "object",
  "required": ["name"],
  "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "minLength": 1},
    "kind": {"enum": ["torch", "safetensors", 3]},
    "version": {"const": 1},
    "count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10},
    "ratio": {"type": ["number", "null"]},
    "file": {"type": "string", "pattern": "^[a-z]+$", "description": "lower-case letters"},
    "code": {"type": "string", "pattern": "^[0-9]+$"},
    "list": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": "string"}},
    "size": {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/size"}]},
    "sizes": {
      "type": "object",
      "propertyNames": {"pattern": "^[a-z_]+$", "description": "a name"},
      "additionalProperties": {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/size"}]}
    },
    "shard": {"type": "object", "patternProperties": {"^[tp]p$": {"type": "array"}},
              "additionalProperties": false},
    "rule": {"type": "object",
             "if": {"required": ["when"]}, "then": {"required": ["say"]}, "else": {"required": ["why"]}},
    "never": false,
    "odd": {"not": {"type": "string"}}
  },
  "definitions": {
    "size": {
      "type": "object",
      "required": ["type"],
      "additionalProperties": false,
      "properties": {"type": {"enum": ["integer", "flag"]}, "default": {"type": ["integer", "string"]}}
    }
  }
})";

YamlNode yaml_of(std::string text) {
  auto node =
      parse_yaml(std::make_shared<const SourceText>(SourceText{"f.yaml", std::move(text), 1}));
  REQUIRE(node);
  return *std::move(node);
}

/// One line per diagnostic: `line:column "bytes" message (hint)`.
std::string outcome_of(const std::string& text) {
  const YamlNode document = yaml_of(text);
  DiagnosticSink sink;
  check_against_schema(document, kSchema, sink);
  std::string out;
  for (const Diagnostic& fault : sink.all()) {
    REQUIRE(fault.code == Code::rule_schema);
    const LineColumn at = line_column(*fault.span.source, fault.span.begin);
    out += cat(out.empty() ? "" : "\n", at.line, ":", at.column, " \"", fault.span.text(), "\" ",
               fault.message);
    if (!fault.hint.empty()) out += cat(" (", fault.hint, ")");
  }
  return out;
}

TEST_CASE("rules/schema: a document of the right form passes") {
  CHECK(outcome_of("name: a\nkind: torch\nversion: 1\ncount: 9\nratio:\nfile: ab\nlist: [a, b]\n"
                   "size: {type: flag, default: 3}\nsizes: {layers: integer, x: {type: integer}}\n"
                   "shard: {tp: [], pp: []}\nrule: {why: x}\nodd: 1\n") == "");
}

TEST_CASE("rules/schema: each violation is worded for the author and points to the file") {
  struct Row {
    const char* text;
    const char* outcome;
  };
  static constexpr Row rows[] = {
      {"", "1:1 \"\" the file is nothing, expected a mapping"},
      {"[a]", "1:1 \"[\" the file is a list, expected a mapping"},
      {"kind: torch\n", "1:1 \"\" the file has no key 'name'"},
      {"name: a\nknd: torch\n", "2:1 \"knd\" key 'knd' is not known in the file (write 'kind')"},
      {"name: 3\n", "1:7 \"3\" 'name' is 3, expected text (put it in quotes)"},
      {"name:\n", "1:1 \"name\" 'name' is nothing, expected text"},
      {"name: ''\n", "1:1 \"name\" 'name' is empty, expected text"},
      {"name: {a: b}\n", "1:7 \"{\" 'name' is a mapping, expected text"},
      {"name: a\nkind: toch\n",
       "2:7 \"toch\" 'kind' is 'toch', expected 'torch', 'safetensors' or 3 (write 'torch')"},
      {"name: a\nkind: [torch]\n",
       "2:7 \"[\" 'kind' is a list, expected 'torch', 'safetensors' or 3"},
      {"name: a\nversion: \"1\"\n", "2:11 \"1\" 'version' is '1', expected 1"},
      {"name: a\ncount: 0\n", "2:8 \"0\" 'count' is 0, expected at least 1"},
      {"name: a\ncount: 10\n", "2:8 \"10\" 'count' is 10, expected less than 10"},
      {"name: a\ncount: 1.5\n", "2:8 \"1.5\" 'count' is 1.5, expected an integer"},
      {"name: a\nratio: yes\n", "2:8 \"yes\" 'ratio' is text, expected a number or nothing"},
      {"name: a\nfile: A1\n", "2:7 \"A1\" 'file' is 'A1', expected lower-case letters"},
      {"name: a\ncode: x\n", "2:7 \"x\" 'code' is 'x', expected text that matches ^[0-9]+$"},
      {"name: a\nlist: []\n", "2:1 \"list\" 'list' has 0 items, expected at least 1"},
      {"name: a\nlist:\n- a\n- 2\n- a\n",
       "4:3 \"2\" item 2 of 'list' is 2, expected text (put it in quotes)\n"
       "5:3 \"a\" item 3 of 'list' repeats item 1"},
      {"name: a\nsize: [1]\n", "2:7 \"[\" 'size' is a list, expected text or a mapping"},
      {"name: a\nsize: {default: 1.5}\n",
       "2:17 \"1.5\" 'default' is 1.5, expected an integer or text\n"
       "2:1 \"size\" 'size' has no key 'type'"},
      {"name: a\nsizes:\n  L: integer\n  b:\n    type: flog\n    deflaut: 1\n",
       "3:3 \"L\" key 'L' is not a name\n"
       "5:11 \"flog\" 'type' is 'flog', expected 'integer' or 'flag' (write 'flag')\n"
       "6:5 \"deflaut\" key 'deflaut' is not known in 'b' (write 'default')"},
      {"name: a\nsize: {type: flag, q: 1}\n",
       "2:20 \"q\" key 'q' is not known in 'size' (keys that are known here: default, type)"},
      {"name: a\nshard: {tp: 1, xp: []}\n",
       "2:13 \"1\" 'tp' is 1, expected a list\n2:16 \"xp\" key 'xp' is not known in 'shard'"},
      {"name: a\nrule: {when: x}\n", "2:1 \"rule\" 'rule' has no key 'say'"},
      {"name: a\nrule: {}\n", "2:1 \"rule\" 'rule' has no key 'why'"},
      {"name: a\nnever: 1\n", "2:1 \"never\" 'never' is not allowed here"},
  };
  for (const Row& row : rows) {
    const std::string text = row.text;
    CAPTURE(text);
    CHECK(outcome_of(text) == std::string(row.outcome));
  }
}

TEST_CASE("rules/schema: what has no wording of its own is reported in the validator's words") {
  CHECK(
      outcome_of("name: a\nodd: b\n") ==
      "2:6 \"b\" not allowed by the schema: Target should not validate against schema specified in "
      "'not' constraint.");
}

TEST_CASE("rules/schema: the schemas of the project are part of the binary") {
  REQUIRE(schema_text("diagnostics"));
  CHECK(schema_text("diagnostics")->starts_with("{\n  \"$schema\""));
  CHECK(!schema_text("diagnostic"));
}

std::string diagnostics_outcome(const std::string& json) {
  DiagnosticSink sink;
  check_schema(yaml_of(json), "diagnostics", sink);
  std::string out;
  for (const Diagnostic& fault : sink.all())
    out += cat(out.empty() ? "" : "\n", fault.message);
  return out;
}

TEST_CASE("rules/schema: diagnostics as JSON have the form that their schema promises") {
  const SourceSpan file = make_source("a \"quoted\" name.yaml", "one\ntwo\xC3\xA9 three\n");
  const Diagnostic diagnostics[] = {
      make_diagnostic(Code::io_read_failed, "cannot read 'x'\t\x01").in("x.bin"),
      make_diagnostic(Code::io_read_failed, "cannot read 'x'").in("x.bin", 504),
      make_diagnostic(Code::rule_schema, "two words").at(file.sub(4, 9)).suggest("write one"),
      make_diagnostic(Code::yaml_duplicate_key, "twice")
          .at(file.sub(4, 4))
          .in("model.safetensors", 0)
          .note("first", file.sub(0, 3))
          .note("nowhere"),
  };
  for (const Diagnostic& diagnostic : diagnostics) {
    const std::string json = render_json(diagnostic);
    CAPTURE(json);
    CHECK(diagnostics_outcome(json) == "");
  }
}

TEST_CASE("rules/schema: every code has the form that the schema of diagnostics asks for") {
  for (const Code code : {
#define RECAST_CODE(id, name, severity, summary) Code::id,
#include "engine/base/codes.def"
#undef RECAST_CODE
       })
    CHECK(diagnostics_outcome(render_json(make_diagnostic(code, "x"))) == "");
}

TEST_CASE("rules/schema: what is no diagnostic is not taken for one") {
  CHECK(diagnostics_outcome(
            R"({"severity": "fatal", "code": "x.y", "message": "", "notes": [{}]})") ==
        "'severity' is 'fatal', expected 'error', 'warning' or 'note'\n"
        "'code' is 'x.y', expected an area and a name: 'rule.schema'\n"
        "'message' is empty, expected text\n"
        "item 1 of 'notes' has no key 'message'");
}

}  // namespace
}  // namespace recast::rules
