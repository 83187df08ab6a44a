#include "engine/formats/torch_zip/emit.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "engine/formats/torch_zip/torch.hpp"
#include "tests/unit/formats/files.hpp"
#include "tests/unit/formats/pickle_text.hpp"

namespace recast::formats::tests {
namespace {

using namespace std::string_literals;
using tensor::BigInteger;
using tensor::Bytes;
using tensor::Mapping;
using tensor::Object;
using tensor::Sequence;
using tensor::Symbol;
using tensor::TensorRef;
using tensor::Value;
using Kind = Sequence::Kind;

const TorchContainer kTorch;

Object call(Symbol callee, tensor::ValueList args) {
  Object out;
  out.callee = {std::move(callee)};
  out.args = {Sequence{Kind::Tuple, std::move(args)}};
  return out;
}

std::string emitted(const Value& value) {
  const auto pickle = emit_pickle(value, {});
  if (!pickle) return shown(pickle.error());
  CHECK(pickle->stream.substr(0, 2) == "\x80\x02");
  CHECK(pickle->stream.back() == '.');
  return pickle->stream.substr(2, pickle->stream.size() - 3);
}

TEST_CASE("formats/emit: integers take the shortest form that every loader knows") {
  struct Row {
    std::int64_t number;
    std::string bytes;
  };
  const std::vector<Row> rows = {
      {0, "K\x00"s},
      {255, "K\xFF"},
      {256, "M\x00\x01"s},
      {65535, "M\xFF\xFF"},
      {65536, "J\x00\x00\x01\x00"s},
      {-1, "J\xFF\xFF\xFF\xFF"},
      {std::numeric_limits<std::int32_t>::min(), "J\x00\x00\x00\x80"s},
      {std::int64_t{1} << 31, "\x8A\x05\x00\x00\x00\x80\x00"s},
      {-(std::int64_t{1} << 31) - 1, "\x8A\x05\xFF\xFF\xFF\x7F\xFF"s},
      {std::numeric_limits<std::int64_t>::min(), "\x8A\x08\x00\x00\x00\x00\x00\x00\x00\x80"s},
  };
  for (const Row& row : rows) {
    CAPTURE(row.number);
    CHECK(emitted(row.number) == row.bytes);
  }
}

TEST_CASE("formats/emit: values have the forms of protocol 2") {
  struct Row {
    const char* what;
    Value value;
    std::string bytes;
  };
  const std::vector<Row> rows = {
      {"null", Value(), "N"},
      {"flag", true, "\x88"},
      {"float", 1.5, "G\x3F\xF8\x00\x00\x00\x00\x00\x00"s},
      {"text", "é", "X\x02\x00\x00\x00\xC3\xA9"s},
      {"bytes", Bytes{"a\xFF"},
       p::global("_codecs", "encode") + p::text("a\u00ff") + p::text("latin1") + "\x86R"},
      {"no bytes", Bytes{},
       p::global("_codecs", "encode") + p::text("") + p::text("latin1") + "\x86R"},
      {"symbol", Symbol{"torch", "bfloat16"}, p::global("torch", "bfloat16")},
      {"symbol inside a class", Symbol{"m", "Outer.Inner"},
       p::global("__builtin__", "getattr") + p::global("m", "Outer") + p::text("Inner") + "\x86R"},
      {"tuples",
       Sequence{Kind::Tuple, {Sequence{Kind::Tuple, {}}, Sequence{Kind::Tuple, {1, 2, 3, 4}}}},
       ")(K\x01K\x02K\x03K\x04t\x86"},
      {"lists", Sequence{Kind::List, {Sequence{Kind::List, {}}, 7}},
       "](]K\x07"
       "e"},
      {"set", Sequence{Kind::Set, {1}},
       p::global("__builtin__", "set") + "](K\x01"
                                         "e\x85R"},
      {"mapping", Mapping{{{"a", 1}}, false}, "}(" + p::text("a") + "K\x01u"},
      {"empty mapping", Mapping{}, "}"},
      {"ordered mapping", Mapping{{{"a", 1}}, true},
       p::kOrderedDict + "(" + p::text("a") + "K\x01u"},
      {"object", call({"m", "C"}, {1}), p::global("m", "C") + "K\x01\x85R"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(emitted(row.value) == row.bytes);
  }
}

TEST_CASE("formats/emit: an object is made, filled and set, in this order") {
  Object object = call({"m", "C"}, {});
  object.how = Object::How::NewObject;
  object.items = {1};
  object.pairs = {{2, 3}};
  object.state = {Mapping{}};
  CHECK(emitted(object) == p::global("m", "C") +
                               ")\x81(K\x01"
                               "e(K\x02K\x03u}b");
}

TEST_CASE("formats/emit: items and pairs come in batches of a thousand") {
  Sequence list{Kind::List, {}};
  Mapping mapping;
  std::string list_bytes = "](", mapping_bytes = "}(";
  for (int i = 0; i < 1001; ++i) {
    list.items.emplace_back(0);
    mapping.entries.emplace_back(i, Value());
    if (i == 1000) {
      list_bytes += "e(";
      mapping_bytes += "u(";
    }
    list_bytes += "K\x00"s;
    mapping_bytes += emitted(i) + "N";
  }
  CHECK(emitted(list) == list_bytes + "e");
  CHECK(emitted(mapping) == mapping_bytes + "u");
}

TEST_CASE("formats/emit: every kind of value is read back as it was") {
  Object namespace_of;
  namespace_of.how = Object::How::NewObject;
  namespace_of.callee = {Symbol{"argparse", "Namespace"}};
  namespace_of.args = {Sequence{Kind::Tuple, {}}};
  namespace_of.state = {Mapping{{{"lr", 1e-4}, {"name", "größe"}}, false}};
  Object dict_like = call({"collections", "defaultdict"}, {Symbol{"__builtin__", "list"}});
  dict_like.pairs = {{"x", Sequence{}}};
  const Value document = Mapping{
      {{"null", Value()},
       {"flags", Sequence{Kind::List, {true, false}}},
       {"numbers", Sequence{Kind::Tuple,
                            {0, -1, 255, 256, 65536, std::numeric_limits<std::int64_t>::min(),
                             std::numeric_limits<std::int64_t>::max()}}},
       {"big", BigInteger{"\0\0\0\0\0\0\0\x80\0"s}},
       {"floats",
        Sequence{Kind::Tuple, {0.0, -0.0, 1e308, std::numeric_limits<double>::infinity()}}},
       {"text", "\xED\xA0\x80 é \0 end"s},
       {"bytes", Bytes{"\0\xFF\x80"s}},
       {"sets",
        Sequence{Kind::Tuple, {Sequence{Kind::Set, {1, "a"}}, Sequence{Kind::FrozenSet, {}}}}},
       {"ordered", Mapping{{{1, 2}, {"1", Value()}}, true}},
       {"namespace", namespace_of},
       {"dict-like", dict_like},
       {"enum", call({"m", "Color"}, {1})},
       {Sequence{Kind::Tuple, {1, 2}}, "a tuple as a key"}},
      false};
  const std::string bytes = write_bytes(kTorch, {{}, document}, {});
  auto catalog = read_bytes(bytes);
  REQUIRE_MESSAGE(catalog, shown(catalog.error()));
  CHECK(catalog->root == document);
}

TEST_CASE("formats/emit: what a pickle cannot hold is refused") {
  Sequence deep{Kind::List, {}};
  for (int i = 0; i < 1001; ++i)
    deep = Sequence{Kind::List, {std::move(deep)}};
  Object two_states = call({"m", "C"}, {});
  two_states.state = {1, 2};
  const auto error = [](const char* message) {
    return cat("error[format.cannot-write]: ", message);
  };
  CHECK(emitted("\xFF") == error("text '\\xff' is not UTF-8"));
  CHECK(emitted(Symbol{"m", "a\nb"}) == error("'m.a\\x0ab' is no name that a pickle can hold"));
  CHECK(emitted(Symbol{"", "a"}) == error("'.a' is no name that a pickle can hold"));
  CHECK(emitted(Symbol{"recast", "cycle"}) ==
        error("'recast.cycle' stands for something that was not read"));
  CHECK(emitted(BigInteger{std::string(256, 'x')}) ==
        error("an integer has 256 bytes; at most 255 are written"));
  CHECK(emitted(Mapping{{{1, 1}, {true, 2}}, false}) ==
        error("key true stands twice in a mapping"));
  CHECK(emitted(Mapping{{{"a", 1}, {"a", 2}}, true}) ==
        error("key \"a\" stands twice in a mapping"));
  CHECK(emitted(deep) == error("values nest deeper than 1000"));
  CHECK(emitted(two_states) ==
        error("an object has not one callee, one tuple of arguments and at most one state"));
  CHECK(emitted(Object{}) ==
        error("an object has not one callee, one tuple of arguments and at most one state"));
  CHECK(emitted(TensorRef{0}) == error("the document refers to tensor 0 of 0"));
}

TEST_CASE("formats/emit: tensors and their document must agree") {
  const TensorSpec bytes{"w", tensor::DType::U8, {2}};
  const auto said = [&](Value root) { return refusal(kTorch, {{bytes}, std::move(root)}); };
  CHECK(said(Mapping{}) ==
        "error[format.cannot-write]: tensor 'w' stands nowhere in the document of its file");
  CHECK(said(call({"torch", "LongStorage"}, {TensorRef{0}})) ==
        "error[format.cannot-write]: tensor 'w' of u8 cannot be a 'LongStorage'");
  CHECK(said(Sequence{Kind::List,
                      {TensorRef{0}, call({"torch", "QUInt8Storage"}, {TensorRef{0}})}}) ==
        "error[format.cannot-write]: tensor 'w' would be a 'ByteStorage' and a 'QUInt8Storage'");
  CHECK(refusal(kTorch, {{{"w", tensor::DType::F32, {-1}}}, TensorRef{0}}) ==
        "error[format.cannot-write]: the size of tensor 'w' is negative or too large for a file");
  CHECK(refusal(kTorch, {{{"w", tensor::DType::F32, {1LL << 40, 1LL << 40}}}, TensorRef{0}}) ==
        "error[format.cannot-write]: the size of tensor 'w' is negative or too large for a file");
}

TEST_CASE("formats/emit: storages have the order of the document, offsets that of the spec") {
  const FileSpec spec{{{"a", tensor::DType::U8, {1}}, {"b", tensor::DType::U8, {1}}},
                      Sequence{Kind::List, {TensorRef{1}, TensorRef{0}, TensorRef{1}}}};
  const auto layout = kTorch.lay_out(spec);
  REQUIRE(layout);
  CHECK((*layout)->tensor_offsets()[1] < (*layout)->tensor_offsets()[0]);
  auto catalog = read_bytes(write_bytes(kTorch, spec, {"A", "B"}));
  REQUIRE(catalog);
  REQUIRE(catalog->tensors.size() == 3);
  CHECK(catalog->tensors[0].byte_offset == (*layout)->tensor_offsets()[1]);
  CHECK(catalog->tensors[1].byte_offset == (*layout)->tensor_offsets()[0]);
  CHECK(catalog->tensors[2].byte_offset == (*layout)->tensor_offsets()[1]);
}

}  // namespace
}  // namespace recast::formats::tests
