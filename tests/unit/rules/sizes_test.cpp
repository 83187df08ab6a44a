#include "engine/rules/sizes.hpp"

#include "tests/unit/rules/rule_text.hpp"

namespace recast::rules {
namespace {

using tensor::Value;

Value config_of(std::initializer_list<std::pair<const char*, Value>> fields) {
  Value out{tensor::Mapping{}};
  for (const auto& [name, value] : fields)
    tensor::set_field(out, name, value, '.');
  return out;
}

const char* const kModel =
    "sizes:\n"
    "  width: integer\n"
    "  half: {type: integer, default: width / 2}\n"
    "  scale: {type: number, optional: true}\n"
    "  kind: {type: text, default: \"'plain'\", values: [plain, fancy]}\n"
    "axes: {width: width}\n"
    "tensors: {t: width}\n";

TEST_CASE(
    "rules/sizes: what is set wins over the configuration, that over what is carried, that over a "
    "default") {
  const RuleSet rules = rule_set_of(kModel, "config: {half: n_half, width: n_width}\n");
  const Value config = config_of({{"n_width", Value(8)}, {"n_half", Value(3)}});
  const Value without = config_of({{"n_width", Value(8)}});
  Sizes carried;
  carried.values["half"] = Value(5);
  carried.origins["half"] = Origin::Config;
  struct Row {
    ValueMap set;
    const Value* config;
    const Sizes* carried;
    std::int64_t half;
    Origin origin;
  };
  const Row rows[] = {{{{"half", Value(1)}}, &config, &carried, 1, Origin::Set},
                      {{}, &config, &carried, 3, Origin::Config},
                      {{}, &without, &carried, 5, Origin::Carried},
                      {{}, &without, nullptr, 4, Origin::Default}};
  for (const Row& row : rows) {
    DiagnosticSink sink;
    const Sizes sizes = settle_sizes(rules, row.set, row.config, row.carried, sink);
    CAPTURE(row.half);
    CHECK(text_of(sink) == "");
    CHECK(sizes.integer("half", -1) == row.half);
    CHECK(sizes.origins.at("half") == row.origin);
  }
}

TEST_CASE(
    "rules/sizes: a value that only stands in code gives way to a carried one, and says so "
    "otherwise") {
  const RuleSet rules = rule_set_of(
      kModel,
      "config: {width: n_width, scale: {read: 8.0, prefer: carried, note: a constant in code}}\n");
  const Value config = config_of({{"n_width", Value(8)}});
  Sizes carried;
  carried.values["scale"] = Value(2.0);
  carried.origins["scale"] = Origin::Config;
  DiagnosticSink sink;
  const Sizes told = settle_sizes(rules, {}, &config, &carried, sink);
  CHECK(*told.find("scale") == Value(2.0));
  CHECK(told.notes.empty());
  const Sizes alone = settle_sizes(rules, {}, &config, nullptr, sink);
  CHECK(*alone.find("scale") == Value(8.0));
  REQUIRE(alone.notes.size() == 1);
  CHECK(alone.notes.front().size == "scale");
  CHECK(alone.notes.front().text == "scale = 8.0: a constant in code");
  carried.origins["scale"] = Origin::Default;  // a default is no knowledge
  CHECK(*settle_sizes(rules, {}, &config, &carried, sink).find("scale") == Value(8.0));
  CHECK(text_of(sink) == "");
}

TEST_CASE("rules/sizes: a size that nothing tells is null and unknown") {
  const RuleSet rules = rule_set_of(kModel, "config: {width: n_width}\n");
  DiagnosticSink sink;
  const Sizes sizes = settle_sizes(rules, {{"half", Value(1)}}, nullptr, nullptr, sink);
  CHECK(sizes.find("width")->is_null());
  CHECK(sizes.origins.at("width") == Origin::Unknown);
  CHECK(sizes.find("height") == nullptr);
  CHECK(sizes.integer("width", 7) == 7);
  CHECK(sizes.text("kind") == "plain");
}

TEST_CASE("rules/sizes: a default is unknown where it needs what is unknown, and only there") {
  const RuleSet rules = rule_set_of(
      "sizes: {a: integer, needs: {type: integer, default: a + 1}, does_without: {type: integer, "
      "default: 'first(a, 3)'}}\naxes: {x: a}\ntensors: {t: x}\n",
      "");
  DiagnosticSink sink;
  const Sizes sizes = settle_sizes(rules, {}, nullptr, nullptr, sink);
  CHECK(text_of(sink) == "");
  CHECK(sizes.find("needs")->is_null());
  CHECK(sizes.origins.at("needs") == Origin::Unknown);
  CHECK(*sizes.find("does_without") == Value(3));
  CHECK(sizes.origins.at("does_without") == Origin::Default);
}

TEST_CASE(
    "rules/sizes: values are brought to the type of the size, or refused with what said them") {
  const RuleSet rules =
      rule_set_of(kModel, "config: {width: n_width, scale: n_scale, kind: n_kind}\n");
  struct Row {
    Value width, scale, kind;
    const char* said;
  };
  const Row rows[] = {
      {Value(8.0), Value(3), Value("fancy"), ""},
      {Value(8.5), Value(3), Value(), "rule.size-type: size 'width' is 8.5, expected an integer\n"},
      {Value("8"), Value(3), Value(),
       "rule.size-type: size 'width' is \"8\", expected an integer\n"},
      {Value(8), Value("x"), Value(), "rule.size-type: size 'scale' is \"x\", expected a number\n"},
      {Value(8), Value(3), Value("odd"),
       "rule.size-value: size 'kind' is \"odd\", expected one of \"plain\", \"fancy\"\n"}};
  for (const Row& row : rows) {
    DiagnosticSink sink;
    const Value config =
        config_of({{"n_width", row.width}, {"n_scale", row.scale}, {"n_kind", row.kind}});
    const Sizes sizes =
        settle_sizes(rules, {{"half", Value(1)}}, &config, nullptr, sink, "config.json");
    CHECK(text_of(sink) == row.said);
    for (const Diagnostic& diagnostic : sink.all())
      CHECK(diagnostic.place.file == "config.json");
    if (!sink.has_errors()) {
      CHECK(*sizes.find("width") == Value(8));
      CHECK(*sizes.find("scale") == Value(3.0));
    }
  }
}

TEST_CASE("rules/sizes: sizes that are defined by each other are a cycle, reported once") {
  const RuleSet rules = rule_set_of(
      "sizes: {a: {type: integer, default: b + 1}, b: {type: integer, default: a + 1}}\naxes: {x: "
      "a}\ntensors: {t: x}\n",
      "");
  DiagnosticSink sink;
  settle_sizes(rules, {}, nullptr, nullptr, sink);
  CHECK(text_of(sink) == "rule.cycle: size 'a' is defined by itself\n");
}

TEST_CASE("rules/sizes: a configuration is written in the framework's words") {
  const RuleSet rules = rule_set_of(kModel,
                                    "config:\n"
                                    "  width: n_width\n"
                                    "  scale: {read: scaling.factor, write: {scaling.factor: "
                                    "scale, scaling.on: \"scale != null\"}}\n"
                                    "replaces: [old]\nconstants: {arch: Any}\nfields: {ranks: "
                                    "4}\ndefaults: {extra: 1, kept: 2}\n");
  ValueMap values{
      {"width", Value(8)}, {"half", Value(4)}, {"scale", Value(0.5)}, {"kind", Value("plain")}};
  const Value base = config_of(
      {{"kept", Value(9)}, {"old", Value(1)}, {"n_width", Value(3)}, {"scaling.stale", Value(1)}});
  DiagnosticSink sink;
  std::vector<std::string> missing;
  const Value written = write_config(
      rules,
      [&](std::string_view name) -> const Value* {
        const auto found = values.find(name);
        return found == values.end() ? nullptr : &found->second;
      },
      &base, missing, sink);
  CHECK(text_of(sink) == "");
  CHECK(missing.empty());
  CHECK(written == config_of({{"kept", Value(9)},
                              {"n_width", Value(8)},
                              {"arch", Value("Any")},
                              {"scaling.factor", Value(0.5)},
                              {"scaling.on", Value(true)},
                              {"ranks", Value(4)},
                              {"extra", Value(1)}}));
}

TEST_CASE(
    "rules/sizes: an object of null fields is left out, or null where the base or a default has "
    "it") {
  const char* const config = "config: {scale: {write: {scaling.factor: scale}}}\n";
  const RuleSet plain = rule_set_of(kModel, config);
  const RuleSet with_default =
      rule_set_of(kModel, std::string(config) + "defaults: {scaling: null}\n");
  const Value nothing = config_of({}), null = config_of({{"scaling", Value()}}),
              stale = config_of({{"scaling.factor", Value(8.0)}});
  struct Row {
    const RuleSet& rules;
    const Value* base;
    const Value& written;
  };
  const Row rows[] = {{plain, nullptr, nothing},     {plain, &nothing, nothing},
                      {plain, &null, null},          {plain, &stale, null},
                      {with_default, nullptr, null}, {with_default, &stale, null}};
  for (const Row& row : rows) {
    DiagnosticSink sink;
    std::vector<std::string> missing;
    const Value none;
    CAPTURE(&row - rows);
    CHECK(write_config(
              row.rules, [&](std::string_view) { return &none; }, row.base, missing, sink) ==
          row.written);
    CHECK(text_of(sink) == "");
  }
}

TEST_CASE("rules/sizes: all sizes that must be known and are not are named together") {
  const RuleSet rules = rule_set_of(
      "sizes: {a: integer, b: {type: number, optional: true}, c: {type: number, optional: "
      "true}}\naxes: {x: a}\n"
      "tensors: {t: x}\n",
      "config: {a: n_a, b: {field: n_b, needed: true}, c: n_c}\n");
  const Value null;
  DiagnosticSink sink;
  std::vector<std::string> missing;
  (void)write_config(
      rules, [&](std::string_view) { return &null; }, nullptr, missing, sink);
  CHECK(missing == std::vector<std::string>{"a", "b"});
}

TEST_CASE("rules/sizes: a setting is a size, an equals sign and a value in YAML") {
  struct Row {
    const char* text;
    Value value;
  };
  const Row rows[] = {{"vocab=32000", Value(32000)},
                      {"vocab=", Value()},
                      {"name=a=b", Value("a=b")},
                      {"flag=true", Value(true)},
                      {"x='12'", Value("12")}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = parse_setting(row.text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->second == row.value);
  }
  for (const char* text : {"vocab", "=3", "vocab=[1"}) {
    CAPTURE(text);
    const auto parsed = parse_setting(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == Code::usage_set);
  }
}

}  // namespace
}  // namespace recast::rules
