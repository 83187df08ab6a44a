#include "engine/tensor/value.hpp"

#include <doctest/doctest.h>

namespace recast::tensor {
namespace {

Value map(std::vector<std::pair<Value, Value>> entries) {
  return Mapping{std::move(entries), false};
}
Value list(ValueList items) {
  return Sequence{Sequence::Kind::List, std::move(items)};
}

/// As containers give a namespace: a class, no arguments, attributes as state.
Value namespace_of(std::vector<std::pair<Value, Value>> attributes) {
  Object object;
  object.how = Object::How::NewObject;
  object.callee = {Symbol{"argparse", "Namespace"}};
  object.args = {Sequence{Sequence::Kind::Tuple, {}}};
  if (!attributes.empty()) object.state = {map(std::move(attributes))};
  return object;
}

std::string shown(const Value* value) {
  return value ? print(*value) : "none";
}

TEST_CASE("tensor/value: values of different kinds differ, equal ones are equal at any depth") {
  const Value values[] = {Null{},
                          false,
                          0,
                          0.0,
                          "",
                          Bytes{},
                          BigInteger{},
                          Sequence{},
                          Sequence{Sequence::Kind::Tuple, {}},
                          Sequence{Sequence::Kind::Set, {}},
                          Mapping{},
                          Mapping{{}, true},
                          Symbol{},
                          TensorRef{},
                          TensorRef{1},
                          Object{},
                          namespace_of({}),
                          namespace_of({{"a", 1}}),
                          namespace_of({{"a", 2}}),
                          list({map({{"a", list({1, 2})}})}),
                          list({map({{"a", list({1, 3})}})})};
  for (std::size_t i = 0; i < std::size(values); ++i)
    for (std::size_t j = 0; j < std::size(values); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      CHECK((values[i] == values[j]) == (i == j));
    }
}

TEST_CASE("tensor/value: fields are those of a mapping, of a state or of set pairs") {
  const Value mapping = map({{"a", 1}, {7, "seven"}, {"a/b", 2}});
  CHECK(shown(field(mapping, "a")) == "1");
  CHECK(shown(field(mapping, "7")) == "\"seven\"");
  CHECK(shown(field(mapping, "07")) == "none");
  CHECK(shown(field(mapping, "a/b")) == "2");
  CHECK(shown(field(mapping, "b")) == "none");
  CHECK(shown(field(namespace_of({{"a", 1}}), "a")) == "1");
  CHECK(shown(field(namespace_of({}), "a")) == "none");

  Object derived;
  derived.callee = {Symbol{"collections", "defaultdict"}};
  derived.pairs = {{"a", 1}};
  derived.state = {map({{"hidden", 2}})};
  CHECK(shown(field(derived, "a")) == "1");
  CHECK(shown(field(derived, "hidden")) == "none");
}

TEST_CASE("tensor/value: items of lists and tuples are called by their position") {
  const Value items = list({"x", "y"});
  CHECK(shown(field(items, "0")) == "\"x\"");
  CHECK(shown(field(items, "1")) == "\"y\"");
  for (const char* name : {"2", "-1", "01", "", "a", "99999999999999999999", "-0", "1 "}) {
    CAPTURE(name);
    CHECK(field(items, name) == nullptr);
  }
  CHECK(shown(field(Sequence{Sequence::Kind::Tuple, {5}}, "0")) == "5");
  CHECK(field(Sequence{Sequence::Kind::Set, {5}}, "0") == nullptr);
  CHECK(field(Value("text"), "0") == nullptr);
}

TEST_CASE("tensor/value: a path walks through mappings, objects and lists") {
  const Value root = map({{"args", namespace_of({{"layers", 4}})},
                          {"groups", list({map({{"lr", 0.5}})})},
                          {"", map({{"", "empty"}})}});
  struct Row {
    const char* path;
    const char* shown;
  };
  static constexpr Row rows[] = {{"args/layers", "4"},      {"groups/0/lr", "0.5"},
                                 {"args/layers/x", "none"}, {"args/none", "none"},
                                 {"none/layers", "none"},   {"groups/1/lr", "none"},
                                 {"args/", "none"},         {"/", "\"empty\""}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(shown(field_at(root, row.path)) == row.shown);
  }
  CHECK(shown(field_at(root, "args.layers", '.')) == "4");
}

TEST_CASE("tensor/value: a field is set in place, or made at the end with all above it") {
  Value root = map({{"a", 1}, {"b", 2}});
  set_field(root, "a", 3);
  set_field(root, "c/d", "new");
  set_field(root, "c/e", true);
  CHECK(print(root) == R"({"a": 3, "b": 2, "c": {"d": "new", "e": true}})");
  set_field(root, "c.d", 5, '.');
  CHECK(shown(field_at(root, "c/d")) == "5");
}

TEST_CASE("tensor/value: setting makes a mapping of null and of what has no fields") {
  Value root;
  set_field(root, "a/b", 1);
  CHECK(print(root) == R"({"a": {"b": 1}})");
  set_field(root, "a/b/c", 2);
  CHECK(print(root) == R"({"a": {"b": {"c": 2}}})");
}

TEST_CASE("tensor/value: setting on an object sets its attributes") {
  Value object = namespace_of({});
  set_field(object, "layers", 4);
  CHECK(object == namespace_of({{"layers", 4}}));
  set_field(object, "layers", 5);
  CHECK(object == namespace_of({{"layers", 5}}));
}

TEST_CASE("tensor/value: setting reaches keys that are numbers and items of lists") {
  Value root = map({{0, map({{"lr", 1}})}, {"groups", list({1, 2})}});
  set_field(root, "0/lr", 2);
  set_field(root, "groups/1", 3);
  CHECK(root == map({{0, map({{"lr", 2}})}, {"groups", list({1, 3})}}));
}

TEST_CASE("tensor/value: fields can be changed through fields_of") {
  Value object = namespace_of({{"a", 1}});
  REQUIRE(fields_of(object) != nullptr);
  fields_of(object)->emplace_back("b", 2);
  CHECK(object == namespace_of({{"a", 1}, {"b", 2}}));
  CHECK(fields_of(Value(3)) == nullptr);
  CHECK(fields_of(Value(list({}))) == nullptr);
}

}  // namespace
}  // namespace recast::tensor
