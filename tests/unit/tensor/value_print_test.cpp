#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "engine/tensor/value.hpp"

namespace recast::tensor {
namespace {

Value sequence(Sequence::Kind kind, ValueList items) {
  return Sequence{kind, std::move(items)};
}

Value call(std::string module, std::string name, ValueList args) {
  Object object;
  object.callee = {Symbol{std::move(module), std::move(name)}};
  object.args = {sequence(Sequence::Kind::Tuple, std::move(args))};
  return object;
}

std::string big(std::initializer_list<int> bytes) {
  std::string out;
  for (const int byte : bytes)
    out += static_cast<char>(byte);
  return print(BigInteger{out});
}

TEST_CASE("tensor/print: plain values print as JSON") {
  CHECK(print(Null{}) == "null");
  CHECK(print(true) == "true");
  CHECK(print(false) == "false");
  CHECK(print(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(print("a\"b\n") == R"("a\"b\n")");
  CHECK(print(sequence(Sequence::Kind::List, {1, "x", Null{}})) == R"([1, "x", null])");
  CHECK(print(Mapping{{{"a", 1}, {"b", Mapping{}}}, true}) == R"({"a": 1, "b": {}})");
}

TEST_CASE("tensor/print: numbers print as short as they can be read back, and keep their kind") {
  CHECK(print(0.1) == "0.1");
  CHECK(print(1.0) == "1.0");
  CHECK(print(-0.0) == "-0.0");
  CHECK(print(1e300) == "1e+300");
  CHECK(print(1e-5) == "1e-05");
  CHECK(print(std::nan("")) == "nan");
  CHECK(print(-std::numeric_limits<double>::infinity()) == "-inf");
}

TEST_CASE("tensor/print: what JSON cannot say prints as what it is") {
  CHECK(print(sequence(Sequence::Kind::Tuple, {})) == "()");
  CHECK(print(sequence(Sequence::Kind::Tuple, {1})) == "(1,)");
  CHECK(print(sequence(Sequence::Kind::Tuple, {1, 2})) == "(1, 2)");
  CHECK(print(sequence(Sequence::Kind::Set, {1})) == "set(1)");
  CHECK(print(sequence(Sequence::Kind::FrozenSet, {1, 2})) == "frozenset(1, 2)");
  CHECK(print(Bytes{"abc"}) == "<3 bytes>");
  CHECK(print(Symbol{"torch", "bfloat16"}) == "torch.bfloat16");
  CHECK(print(Symbol{"", "x"}) == "x");
  CHECK(print(TensorRef{3}) == "<tensor 3>");
  CHECK(print(Mapping{{{7, 1}}, false}) == "{7: 1}");
}

TEST_CASE("tensor/print: integers of any size print in decimal, huge ones by their size") {
  CHECK(big({}) == "0");
  CHECK(big({0}) == "0");
  CHECK(big({0xFF}) == "-1");
  CHECK(big({0x80}) == "-128");
  CHECK(big({0, 0, 0, 0, 0, 0, 0, 0, 1}) == "18446744073709551616");
  CHECK(big({0, 0, 0, 0, 0, 0, 0, 0, 0xFF}) == "-18446744073709551616");
  CHECK(big({0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF}) == "-9223372036854775808");
  CHECK(print(BigInteger{std::string(100000, '\1')}) == "<integer of 100000 bytes>");
}

TEST_CASE("tensor/print: an object prints as the call that it stands for") {
  CHECK(print(call("torch", "Size", {sequence(Sequence::Kind::List, {1, 2})})) ==
        "torch.Size([1, 2])");
  Object object = *call("a.b", "C", {}).get_if<Object>();
  object.state = {Mapping{{{"x", 1}}, false}};
  object.items = {5};
  object.pairs = {{"k", 6}};
  CHECK(print(object) == R"(a.b.C(){"x": 1}[5]{"k": 6})");
  CHECK(print(Object{}) == "()");
}

TEST_CASE("tensor/print: names out of files are escaped") {
  CHECK(print(Symbol{"a\x1B", "b\n"}) == "a\\u001b.b\\n");
  CHECK(print("\xFF") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("tensor/print: the text is cut after the limit, between code points") {
  CHECK(print("0123456789", 12) == "\"0123456789\"");
  CHECK(print("0123456789", 11) == "\"0123456789…");
  CHECK(print("0123456789", 4) == "\"012…");
  CHECK(print("é", 2) == "\"…");
  CHECK(print(1, 0) == "…");
  CHECK(print(sequence(Sequence::Kind::List, {1, 2, 3}), 5) == "[1, 2…");
  CHECK(print(Symbol{std::string(1000, 'm'), "x"}, 3) == "mmm…");
}

TEST_CASE("tensor/print: a value far larger than the limit is not gone through") {
  // 2^20 leaves below a few hundred that are shown; a whole print would be megabytes.
  Value many = "leaf";
  for (int level = 0; level < 20; ++level)
    many = sequence(Sequence::Kind::List, {many, many});
  const std::string text = print(many, 100);
  CHECK(text.size() == 100 + std::string_view("…").size());
  CHECK(text.starts_with("[[[[[[[[[[[[[[[[[[[[\"leaf\", \"leaf\"], [\"leaf\""));
  CHECK(print(std::string(std::size_t{50} << 20, 'x'), 10) == "\"xxxxxxxxx…");
}

TEST_CASE("tensor/print: deep values are cut before the stack is used up") {
  Value deep;
  for (int level = 0; level < 1000; ++level) {
    ValueList items;
    items.push_back(std::move(deep));
    deep = sequence(Sequence::Kind::List, std::move(items));
  }
  CHECK(print(deep, 100000) == std::string(65, '[') + "…" + std::string(65, ']'));
}

}  // namespace
}  // namespace recast::tensor
