#include "engine/lang/name_template.hpp"

#include <doctest/doctest.h>

#include "tests/support/lang_text.hpp"

namespace recast::lang {
namespace {

using tensor::Value;

NameTemplate parsed(std::string_view text, TemplateKind kind = TemplateKind::File) {
  auto name = parse_template(source(text), kind);
  REQUIRE(name);
  return *std::move(name);
}

struct Row {
  std::string_view text;
  std::string_view outcome;
};

const Names kNames{
    {"layer", Value(3)},
    {"first_layer", Value(2)},
    {"tp", Value(7)},
    {"pp", Value(12)},
    {"ep", Value(0)},
    {"pp.size", Value(4)},
    {"ep.size", Value(1)},
    {"tag", Value("iter_1")},
    {"half", Value(0.5)},
    {"none", Value()},
    {"minus", Value(-3)},
    {"flag", Value(true)},
    {"dtype", Value(tensor::Symbol{"torch", "half"})},
};

TEST_CASE("lang/expand: places, widths, options and escapes") {
  static constexpr Row rows[] = {
      {"model.layers.{layer}.weight", "model.layers.3.weight"},
      {"{tag}/mp_rank_{tp:02}[_{pp:03} if pp.size > 1][_{ep:03} if ep.size > 1]/x.pt",
       "iter_1/mp_rank_07_012/x.pt"},
      {"layer_{layer + first_layer:02}", "layer_05"},
      {"{pp:1}", "12"},
      {"{minus:3}", "-003"},
      {"{minus}", "-3"},
      {"a{{b}}[[c]]", "a{b}[c]"},
      {"{'*'}", "*"},
      {"{dtype}", "torch.half"},
      {"[a[b if true] if true]", "ab"},
      {"[a[b if true] if false]", ""},
      {"[{missing} if false]x", "x"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(expansion_of(row.text, kNames) == row.outcome);
  }
}

TEST_CASE("lang/expand: what cannot stand in a name is refused") {
  static constexpr Row rows[] = {
      {"x{none}", "1:3 expr.type: 'none' is null, expected an integer or a string for a name"},
      {"{half}",
       "1:2 expr.type: 'half' is the number 0.5, expected an integer or a string for a name"},
      {"{flag}",
       "1:2 expr.type: 'flag' is the flag true, expected an integer or a string for a name"},
      {"{tag:02}",
       "1:2 expr.type: 'tag' is the string \"iter_1\", expected an integer for a place "
       "with a width"},
      {"{missing}", "1:2 expr.unknown-name: 'missing' is not known here, expected a declared name"},
      {"[a if missing]",
       "1:7 expr.unknown-name: 'missing' is not known here, expected a declared name"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(expansion_of(row.text, kNames) == row.outcome);
  }
}

TEST_CASE("lang/places: plain names in order, those of options included, expressions not") {
  const NameTemplate name = parsed("{tag}/{layer + 1}[_{pp:03}[_{ep} if b] if a].{tag}");
  CHECK(places_of(name) == std::vector<std::string>{"tag", "pp", "ep", "tag"});
  CHECK(place_name(std::get<TemplatePlace>(name.items[0])) == "tag");
  CHECK(place_name(std::get<TemplatePlace>(name.items[2])).empty());
}

TEST_CASE("lang/regex: names match exactly when the template can give them") {
  struct Match {
    std::string_view text;
    TemplateKind kind;
    std::string_view name;
    std::string_view captures;  // joined by ';', "-" for no match
  };
  static constexpr TemplateKind kName = TemplateKind::Name, kIgnore = TemplateKind::Ignore;
  static constexpr Match rows[] = {
      {"a.{layer}.w", kName, "a.0.w", "0"},
      {"a.{layer}.w", kName, "a.12.w", "12"},
      {"a.{layer}.w", kName, "a.-1.w", "-1"},
      {"a.{layer}.w", kName, "a.012.w", "-"},
      {"a.{layer}.w", kName, "a.x.w", "-"},
      {"a.{layer}.w", kName, "a.1.w.", "-"},
      {"a.{layer}.w", kName, "xa.1.w", "-"},
      {"a.{layer}.w", kName, "aX1.w", "-"},
      {"r{layer:02}", kName, "r07", "07"},
      {"r{layer:02}", kName, "r7", "-"},
      {"r{layer:02}", kName, "r123", "123"},
      {"r{layer:02}", kName, "r012", "-"},
      {"{tag}/x", kName, "iter_1/x", "iter_1"},
      {"{tag}/x", kName, "a/b/x", "-"},
      {"{tag}/x", kName, "/x", "-"},
      {"x{layer + 1:02}y", kName, "x07y", ""},
      {"x{layer + 1:02}y", kName, "x7y", "-"},
      {"x{'(a|b)*'}", kName, "x(a|b)*", ""},
      {"x{'(a|b)*'}", kName, "xa", "-"},
      {"r[_{pp:03} if pp.size > 1]", kName, "r_012", "012"},
      {"r[_{pp:03} if pp.size > 1]", kName, "r", ""},
      {"r[_{pp:03} if pp.size > 1]", kName, "r_", "-"},
      {"a+b(c).{layer}", kName, "a+b(c).1", "1"},
      {"größe", kName, "größe", ""},
      {"*.w", kIgnore, "a.w", ""},
      {"*.w", kIgnore, ".w", ""},
      {"*.w", kIgnore, "a.b.w", "-"},
      {"*.w", kIgnore, "a/b.w", "-"},
      {"**.w", kIgnore, "a.b/c.w", ""},
      {"/rng/**", kIgnore, "/rng/a\nb", ""},
      {"x.{layer}.*", kIgnore, "x.4.bias", "4"},
      {"x**", kIgnore, "x\xff", ""},
      {"{layer}.{layer}", kName, "1.2", "1;2"},
  };
  for (const Match& row : rows) {
    CAPTURE(row.text);
    CAPTURE(row.name);
    const auto regex = to_regex(parsed(row.text, row.kind), {"layer", "pp"});
    REQUIRE(regex);
    const auto set = TemplateSet::make({*regex});
    REQUIRE(set);
    const auto captures = set->captures(0, row.name);
    std::string joined = captures ? "" : "-";
    if (captures) {
      for (std::size_t i = 0; i < captures->size(); ++i)
        joined += cat(i > 0 ? ";" : "", (*captures)[i]);
    }
    CHECK(joined == row.captures);
    CHECK(set->matching(row.name).size() == (captures ? 1 : 0));
  }
}

TEST_CASE("lang/regex: an environment decides options, and captures keep their order") {
  const NameTemplate name =
      parsed("r{tp:02}[_{pp:03} if pp.size > 1][_{ep:03} if ep.size > 1].{x}");
  const Environment environment = kNames.environment();
  const auto regex = to_regex(name, {"tp", "pp", "ep"}, &environment);
  REQUIRE(regex);
  const auto set = TemplateSet::make({*regex});
  REQUIRE(set);
  CHECK(places_of(name) == std::vector<std::string>{"tp", "pp", "ep", "x"});
  CHECK(set->captures(0, "r01_002.y") == std::vector<std::string>{"01", "002", "", "y"});
  CHECK(set->captures(0, "r01.y") == std::nullopt);
  CHECK(set->captures(0, "r01_002_003.y") == std::nullopt);
}

TEST_CASE("lang/regex: a condition that cannot be decided is an error") {
  const NameTemplate name = parsed("a[b if missing]");
  const Environment environment = kNames.environment();
  CHECK(outcome(to_regex(name, {}, &environment)) ==
        "1:8 expr.unknown-name: 'missing' is not known here, expected a declared name");
  CHECK(outcome(to_regex(name, {})) == "a(?:b)?");
}

TEST_CASE("lang/regex: what a template expands to matches it and gives its values back") {
  const NameTemplate name = parsed("{tag}/mp_rank_{tp:02}[_{pp:03} if pp.size > 1]/{layer}.pt");
  const Environment environment = kNames.environment();
  const auto text = expand(name, environment);
  REQUIRE(text);
  for (const Environment* decide : {static_cast<const Environment*>(nullptr), &environment}) {
    const auto regex = to_regex(name, {"tp", "pp", "layer"}, decide);
    REQUIRE(regex);
    const auto set = TemplateSet::make({*regex});
    REQUIRE(set);
    CHECK(set->captures(0, *text) == std::vector<std::string>{"iter_1", "07", "012", "3"});
  }
}

TEST_CASE("lang/set: all templates that match, in ascending order") {
  const auto set = TemplateSet::make({"x[0-9]+", ".*", "x1", "y", "x.*"});
  REQUIRE(set);
  CHECK(set->matching("x1") == std::vector<std::size_t>{0, 1, 2, 4});
  CHECK(set->matching("y") == std::vector<std::size_t>{1, 3});
  CHECK(set->matching("") == std::vector<std::size_t>{1});
}

TEST_CASE("lang/set: among a thousand templates each finds its own") {
  std::vector<std::string> regexes;
  regexes.reserve(1000);
  for (int i = 0; i < 1000; ++i)
    regexes.push_back(cat("([^/]+?)/layer_([0-9]+)-part_", i, "\\.([^/]+?)"));
  const auto set = TemplateSet::make(regexes);
  REQUIRE(set);
  for (std::size_t i = 0; i < 1000; i += 111) {
    const std::string name = cat("iter_1/layer_05-part_", i, ".exp_avg");
    CAPTURE(name);
    CHECK(set->matching(name) == std::vector<std::size_t>{i});
    CHECK(set->captures(i, name) == std::vector<std::string>{"iter_1", "05", "exp_avg"});
    CHECK(set->captures(i + 1 < 1000 ? i + 1 : 0, name) == std::nullopt);
  }
}

TEST_CASE("lang/set: no template matches nothing") {
  const auto set = TemplateSet::make({});
  REQUIRE(set);
  CHECK(set->matching("x").empty());
}

TEST_CASE("lang/set: a regex that does not compile is named") {
  const auto set = TemplateSet::make({"a", "(b"});
  REQUIRE(!set);
  CHECK(set.error().message == "the pattern '(b' does not compile: missing ): (b");
}

}  // namespace
}  // namespace recast::lang
