#include "engine/rules/merge.hpp"

#include <doctest/doctest.h>

#include <string>

namespace recast::rules {
namespace {

YamlNode yaml(const std::string& text) {
  return parse_yaml(std::make_shared<const SourceText>(SourceText{"rules.yaml", text})).value();
}

/// Keys and scalars on one line, in their order.
std::string text(const YamlNode& node) {
  std::string out;
  if (node.kind == YamlNode::Kind::Mapping) {
    for (const YamlNode::Entry& entry : node.entries)
      out += (out.empty() ? "" : " ") + entry.key.scalar + ":" + text(entry.value);
    return "{" + out + "}";
  }
  if (node.kind == YamlNode::Kind::Sequence) {
    for (const YamlNode& item : node.items)
      out += (out.empty() ? "" : " ") + text(item);
    return "[" + out + "]";
  }
  return node.scalar;
}

TEST_CASE("rules/merge: entries are replaced in their place, sequences are appended") {
  struct Row {
    const char* under;
    const char* over;
    const char* merged;
  };
  static constexpr Row rows[] = {
      {"about: a", "about: b", "{about:b}"},
      {"check: [a]", "check: [b]", "{check:[a b]}"},
      {"sizes: {a: 1, b: 2}", "sizes: {a: 3}", "{sizes:{a:3 b:2}}"},
      {"sizes: {a: {type: x, about: y}}", "sizes: {a: {type: z}}", "{sizes:{a:{type:z}}}"},
      {"a: 1", "b: 2", "{a:1 b:2}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.over);
    CHECK(text(merge(yaml(row.under), yaml(row.over))) == row.merged);
  }
}

TEST_CASE("rules/merge: a section has the place of the document that spoke last") {
  const YamlNode over = yaml("demo: {a: 3}");
  const YamlNode merged = merge(yaml("demo: {b: 2}\nsizes: {c: 1}"), over);
  CHECK(merged.find("demo")->span.source == over.span.source);
  CHECK(merged.find("sizes")->span.source != over.span.source);
}

TEST_CASE("rules/merge: a new entry stands behind the entry before it") {
  const char* under = "tensors: {a: 1, b: 2, c: 3}";
  struct Row {
    const char* over;
    const char* merged;
  };
  static constexpr Row rows[] = {
      {"tensors: {x: 9}", "{tensors:{a:1 b:2 c:3 x:9}}"},
      {"tensors: {a: 1, x: 9, y: 8}", "{tensors:{a:1 x:9 y:8 b:2 c:3}}"},
      {"tensors: {b: null, x: 9}", "{tensors:{a:1 x:9 c:3}}"},
      {"tensors: {c: 4, x: 9, a: 5, y: 8}", "{tensors:{a:5 y:8 b:2 c:4 x:9}}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.over);
    CHECK(text(merge(yaml(under), yaml(row.over))) == row.merged);
  }
}

TEST_CASE("rules/merge: null takes away what a family has, and is a value elsewhere") {
  for (const char* section : {"sizes", "axes", "tensors", "config", "constants", "demo", "shard",
                              "pad", "rank_buffers"}) {
    CAPTURE(section);
    const std::string name = section;
    CHECK(text(merge(yaml(name + ": {a: 1, b: 2}"), yaml(name + ": {a: null}"))) ==
          "{" + name + ":{b:2}}");
    CHECK(text(merge(yaml(name + ": {a: 1, b: 2}"), yaml(name + ": {a: }"))) ==
          "{" + name + ":{b:2}}");
    // Nothing is there to be taken away: a constant may well be null.
    CHECK(text(merge(yaml(name + ": {b: 2}"), yaml(name + ": {a: null}"))) ==
          "{" + name + ":{b:2 a:}}");
  }
  for (const char* section : {"defaults", "fields"}) {
    const std::string name = section;
    CHECK(text(merge(yaml(name + ": {a: 1}"), yaml(name + ": {a: null}"))) ==
          "{" + name + ":{a:}}");
  }
}

}  // namespace
}  // namespace recast::rules
