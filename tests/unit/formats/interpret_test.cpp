#include "engine/formats/torch_zip/interpret.hpp"

#include <doctest/doctest.h>

#include "tests/unit/formats/files.hpp"
#include "tests/unit/formats/pickle_text.hpp"
#include "tests/unit/formats/zip_maker.hpp"

namespace recast::formats::tests {
namespace {

using namespace std::string_literals;
using tensor::Mapping;
using tensor::Object;
using tensor::Sequence;
using tensor::Symbol;
using tensor::Value;

/// The root of a pickle without tensors.
Value root_of(const std::string& body) {
  auto catalog = read_bytes(make_zip(torch_parts(p::stream(body))));
  REQUIRE_MESSAGE(catalog, shown(catalog.error()));
  return catalog->root;
}

std::string encoded(std::string_view text) {
  return p::global("_codecs", "encode") + p::text(text) + p::text("latin1") + "\x86R";
}

TEST_CASE("formats/interpret: an OrderedDict is an ordered mapping") {
  CHECK(root_of(p::kOrderedDict + p::text("a") + "K\x01s") == Value(Mapping{{{"a", 1}}, true}));
  CHECK(root_of(p::dict("a", "K\x01")) == Value(Mapping{{{"a", 1}}, false}));
}

TEST_CASE("formats/interpret: an OrderedDict with attributes is an object with pairs and a state") {
  Object expected;
  expected.callee = {Symbol{"collections", "OrderedDict"}};
  expected.args = {Sequence{Sequence::Kind::Tuple, {}}};
  expected.pairs = {{"a", 1}};
  expected.state = {Mapping{{{"_metadata", 2}}, false}};
  const Value root =
      root_of(p::kOrderedDict + p::text("a") + "K\x01s" + p::dict("_metadata", "K\x02") + "b");
  CHECK(root == Value(expected));
  CHECK(*tensor::field(root, "a") == Value(1));
}

TEST_CASE("formats/interpret: a namespace is an object whose state has its attributes") {
  Object expected;
  expected.how = Object::How::NewObject;
  expected.callee = {Symbol{"argparse", "Namespace"}};
  expected.args = {Sequence{Sequence::Kind::Tuple, {}}};
  expected.state = {Mapping{{{"lr", 0.5}}, false}};
  const Value root = root_of(p::global("argparse", "Namespace") + ")\x81" +
                             p::dict("lr", "G\x3F\xE0\x00\x00\x00\x00\x00\x00"s) + "b");
  CHECK(root == Value(expected));
  CHECK(*tensor::field_at(root, "lr") == Value(0.5));
}

TEST_CASE("formats/interpret: bytes and sets of protocol 2 are bytes and sets") {
  const auto set = [](const char* name) {
    return p::global("__builtin__", name) +
           "]K\x03"
           "a\x85R";
  };
  CHECK(root_of(encoded("a\u00ff")) == Value(tensor::Bytes{"a\xFF"}));
  CHECK(root_of(p::global("__builtin__", "bytes") + ")R") == Value(tensor::Bytes{}));
  CHECK(root_of(set("set")) == Value(Sequence{Sequence::Kind::Set, {3}}));
  CHECK(root_of(set("frozenset")) == Value(Sequence{Sequence::Kind::FrozenSet, {3}}));
}

TEST_CASE("formats/interpret: what only looks like bytes or sets stays an object") {
  struct Row {
    const char* what;
    std::string body;
    const char* outcome;
  };
  const std::vector<Row> rows = {
      {"not Latin-1", encoded("\u0100"), "_codecs.encode(\"\u0100\", \"latin1\")"},
      {"another codec", p::global("_codecs", "encode") + p::text("a") + p::text("rot13") + "\x86R",
       "_codecs.encode(\"a\", \"rot13\")"},
      {"a set of a tuple", p::global("__builtin__", "set") + ")\x85R", "__builtin__.set(())"},
      {"a set that grows",
       p::global("__builtin__", "set") + "]\x85RK\x01"
                                         "a",
       "__builtin__.set([])[1]"},
      {"an enum by value", p::global("m", "Color") + "K\x01\x85R", "m.Color(1)"},
      {"an enum by name",
       p::global("__builtin__", "getattr") + p::global("m", "Color") + p::text("RED") + "\x86R",
       "__builtin__.getattr(m.Color, \"RED\")"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(unpickled(p::stream(row.body)) == row.outcome);
  }
}

TEST_CASE("formats/interpret: keys that Python holds for equal are refused") {
  const auto twice = [](const std::string& a, const std::string& b) {
    return unpickled(p::stream("}(" + a + "N" + b + "Nu"));
  };
  const std::string one = "K\x01", real = "G\x3F\xF0\x00\x00\x00\x00\x00\x00"s;
  CHECK(twice(p::text("a"), p::text("a")) ==
        "f.pt:+0x30: error[format.duplicate-name]: key 'a' stands twice in ''");
  CHECK(twice(one, "\x88") ==
        "f.pt:+0x30: error[format.duplicate-name]: key 'true' stands twice in ''");
  CHECK(twice(one, real) ==
        "f.pt:+0x30: error[format.duplicate-name]: key '1.0' stands twice in ''");
  CHECK(twice(one, p::text("1")) == "{1: null, \"1\": null}");
  CHECK(unpickled(p::stream(p::dict("x", "}(" + one + "N" + one + "Nu"))) ==
        "f.pt:+0x37: error[format.duplicate-name]: key '1' stands twice in 'x'");
}

TEST_CASE("formats/interpret: a list or a mapping that contains itself is refused") {
  CHECK(unpickled(p::stream("]q\x01h\x01"
                            "a")) ==
        "f.pt:+0x30: error[format.cycle]: what stands at '0' contains itself");
  CHECK(unpickled(p::stream("}q\x01" + p::text("self") + "h\x01s")) ==
        "f.pt:+0x30: error[format.cycle]: what stands at 'self' contains itself");
  CHECK(unpickled(p::stream("]q\x01h\x01\x85"
                            "a")) ==
        "f.pt:+0x30: error[format.cycle]: what stands at '0/0' contains itself");
}

TEST_CASE("formats/interpret: an object that contains itself has a mark where it would recur") {
  CHECK(unpickled(p::stream(p::global("m", "C") + ")\x81q\x01" + p::dict("self", "h\x01") + "b")) ==
        "m.C(){\"self\": recast.cycle}");
}

/// What interpreting a stream under `limits` gives.
std::string interpreted(const std::string& stream, const DocumentLimits& limits) {
  const pickle::Origin origin{"f", 0};
  const auto graph = pickle::read_pickle(stream, origin);
  REQUIRE_MESSAGE(graph, shown(graph.error()));
  const auto document = interpret(*graph, ZipDirectory("archive", {}), origin, limits);
  return document ? tensor::print(document->root) : shown(document.error());
}

TEST_CASE("formats/interpret: shared values unfold up to a limit") {
  // Each level holds the one below twice: 2^40 values out of eighty opcodes.
  std::string body = ")";
  for (int level = 0; level < 40; ++level)
    body += "2\x86";
  CHECK(interpreted(body + ".", {.values = 1000}) ==
        "f:+0x0: error[format.too-large]: the pickle unfolds to more than 1000 values");
  CHECK(interpreted(")2\x86.", {.values = 3}) == "((), ())");
}

TEST_CASE("formats/interpret: a shared text unfolds up to a limit") {
  const std::string stream = "(" + p::text("12345") + "2t.";
  CHECK(interpreted(stream, {.text_nbytes = 10}) == "(\"12345\", \"12345\")");
  CHECK(interpreted(stream, {.text_nbytes = 9}) ==
        "f:+0x1: error[format.too-large]: the pickle spells out to more than 9 bytes of text");
}

TEST_CASE("formats/interpret: values nest up to a limit") {
  const auto nested = [](int levels) {
    std::string body = ")";
    for (int level = 1; level < levels; ++level)
      body += "\x85";
    return unpickled(p::stream(body));
  };
  CHECK(nested(1000).substr(0, 3) == "(((");
  CHECK(nested(1001) == "f.pt:+0x30: error[format.too-large]: values nest deeper than 1000");
}

TEST_CASE("formats/interpret: a persistent id that is no storage is refused") {
  CHECK(unpickled(p::stream("Pwhat\n")) ==
        "f.pt:+0x30: error[format.bad-pickle]: tensor '': a persistent id is not (\"storage\", "
        "class, "
        "key, location, count)");
}

TEST_CASE("formats/interpret: tensors are named by the way from the root") {
  const std::string tensor =
      p::tensor(p::storage("ByteStorage", "0", 2), 0, "K\x02\x85", "K\x01\x85");
  const auto names = [&](const std::string& body) {
    auto catalog = read_bytes(
        make_zip(torch_parts(p::stream(body), {{.name = "archive/data/0", .payload = "ab"}})));
    REQUIRE_MESSAGE(catalog, shown(catalog.error()));
    std::string out;
    for (const auto& found : catalog->tensors)
      out += cat("'", found.name, "' ");
    return out;
  };
  CHECK(names(tensor) == "'' ");
  CHECK(names(p::dict("model", p::dict("w.x", tensor))) == "'model/w.x' ");
  CHECK(names(p::dict("l", "(" + tensor + "]" + tensor + "at")) == "'l/0' 'l/1/0' ");
  CHECK(names("}K\x07" + tensor + "s") == "'7' ");
  CHECK(names("}K\x01K\x02\x86" + tensor + "s") == "'(1, 2)' ");
  CHECK(names(p::global("m", "C") + ")\x81" + p::dict("weight", tensor) + "b") == "'weight' ");
  CHECK(names(p::global("m", "C") + tensor + "\x85R") == "'0' ");
  // What would have the same name is told apart.
  CHECK(names("}K\x01" + tensor + "s" + p::text("1") + tensor + "s") == "'1' '1#2' ");
  CHECK(names("(" + tensor + "q\x01h\x01t") == "'0' '1' ");
}

}  // namespace
}  // namespace recast::formats::tests
