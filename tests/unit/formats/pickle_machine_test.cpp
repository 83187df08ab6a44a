#include "engine/formats/torch_zip/pickle_machine.hpp"

#include <doctest/doctest.h>

#include "tests/unit/formats/files.hpp"
#include "tests/unit/formats/pickle_text.hpp"

namespace recast::formats::tests {
namespace {

using namespace std::string_literals;

struct Row {
  const char* what;
  std::string body;  // between PROTO and STOP
  const char* outcome;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(unpickled(p::stream(row.body)) == row.outcome);
  }
}

TEST_CASE("formats/pickle: literals of every protocol") {
  check({
      {"NONE", "N", "null"},
      {"NEWTRUE", "\x88", "true"},
      {"NEWFALSE", "\x89", "false"},
      {"BININT1", "K\xFF", "255"},
      {"BININT2", "M\xFF\xFF", "65535"},
      {"BININT", "J\xFE\xFF\xFF\xFF", "-2"},
      {"LONG1 of nothing", "\x8A\x00"s, "0"},
      {"LONG1", "\x8A\x05\x00\x00\x00\x80\x00"s, "2147483648"},
      {"LONG1 padded", "\x8A\x03\xFF\xFF\xFF"s, "-1"},
      {"LONG1 of nine bytes", "\x8A\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00"s,
       "9223372036854775808"},
      {"LONG4", "\x8B\x01\x00\x00\x00\x80"s, "-128"},
      {"INT", "I-12\n", "-12"},
      {"INT as a flag", "(I01\nI00\nt", "(true, false)"},
      {"LONG", "L12345678901234567890L\n", "12345678901234567890"},
      {"LONG without its letter", "L7\n", "7"},
      {"FLOAT", "F1e-05\n", "1e-05"},
      {"BINFLOAT", "G\x3F\xF8\x00\x00\x00\x00\x00\x00"s, "1.5"},
      {"BINUNICODE", "X\x02\x00\x00\x00\xC3\xA9"s, "\"é\""},
      {"SHORT_BINUNICODE", "\x8C\x01x", "\"x\""},
      {"BINUNICODE8", "\x8D\x01\x00\x00\x00\x00\x00\x00\x00x"s, "\"x\""},
      {"UNICODE", "V\\u00e9\n", "\"é\""},
      {"STRING", "S'a\\x41'\n", "\"aA\""},
      {"BINSTRING", "T\x02\x00\x00\x00hi"s, "\"hi\""},
      {"SHORT_BINSTRING of bytes", "U\x01\xFF", "<1 bytes>"},
      {"BINBYTES", "B\x02\x00\x00\x00hi"s, "<2 bytes>"},
      {"SHORT_BINBYTES", "C\x02hi", "<2 bytes>"},
      {"BINBYTES8", "\x8E\x02\x00\x00\x00\x00\x00\x00\x00hi"s, "<2 bytes>"},
      {"BYTEARRAY8", "\x96\x02\x00\x00\x00\x00\x00\x00\x00hi"s, "builtins.bytearray(<2 bytes>)"},
  });
}

TEST_CASE("formats/pickle: collections of every protocol") {
  check({
      {"EMPTY_TUPLE", ")", "()"},
      {"TUPLE1", "K\x01\x85", "(1,)"},
      {"TUPLE2", "K\x01K\x02\x86", "(1, 2)"},
      {"TUPLE3", "K\x01K\x02K\x03\x87", "(1, 2, 3)"},
      {"TUPLE", "(K\x01K\x02t", "(1, 2)"},
      {"APPEND",
       "]K\x01"
       "a",
       "[1]"},
      {"APPENDS",
       "](K\x01K\x02"
       "e",
       "[1, 2]"},
      {"APPENDS of nothing", "](e", "[]"},
      {"LIST", "(K\x01l", "[1]"},
      {"SETITEM", "}K\x01K\x02s", "{1: 2}"},
      {"SETITEMS", "}(K\x01K\x02K\x03K\x04u", "{1: 2, 3: 4}"},
      {"DICT",
       "(K\x01K\x02"
       "d",
       "{1: 2}"},
      {"ADDITEMS", "\x8F(K\x01\x90", "set(1)"},
      {"FROZENSET", "(K\x01\x91", "frozenset(1)"},
      {"POP",
       "K\x01K\x02"
       "0",
       "1"},
      {"POP of a mark", "K\x01(0", "1"},
      {"POP_MARK",
       "K\x01(K\x02K\x03"
       "1",
       "1"},
      {"DUP",
       "(K\x01"
       "2t",
       "(1, 1)"},
  });
}

TEST_CASE("formats/pickle: objects of every protocol are kept and never made") {
  const std::string global = p::global("os", "system");
  check({
      {"GLOBAL", global, "os.system"},
      {"STACK_GLOBAL", "\x8C\x02os\x8C\x06system\x93", "os.system"},
      {"REDUCE", global + "K\x01\x85R", "os.system(1)"},
      {"NEWOBJ", global + ")\x81", "os.system()"},
      {"NEWOBJ_EX without keywords", global + ")}\x92", "os.system()"},
      {"NEWOBJ_EX", global + ")}K\x01K\x02s\x92", "copyreg.__newobj_ex__(os.system, (), {1: 2})"},
      {"INST", "(K\x01ios\nsystem\n", "os.system(1)"},
      {"OBJ", "(" + global + "K\x01o", "os.system(1)"},
      {"BUILD", global + ")\x81}K\x01K\x02sb", "os.system(){1: 2}"},
      {"APPENDS to an object",
       global + ")R(K\x01"
                "e",
       "os.system()[1]"},
      {"SETITEMS on an object", global + ")R(K\x01K\x02u", "os.system(){1: 2}"},
  });
}

TEST_CASE("formats/pickle: the memo hands back what was put") {
  check({
      {"BINPUT and BINGET", "(K\x07q\x05h\x05t", "(7, 7)"},
      {"LONG_BINPUT and LONG_BINGET", "(K\x07r\xFF\xFF\xFF\x7Fj\xFF\xFF\xFF\x7Ft"s, "(7, 7)"},
      {"PUT and GET", "(K\x07p12\ng12\nt", "(7, 7)"},
      {"MEMOIZE counts", "(K\x07\x94K\x08\x94h\x01t", "(7, 8, 8)"},
      {"the last put counts", "(K\x07q\x00K\x08q\x00h\x00t"s, "(7, 8, 8)"},
      {"a shared list",
       "(]q\x00K\x01"
       "ah\x00t"s,
       "([1], [1])"},
  });
}

TEST_CASE("formats/pickle: damaged streams") {
  check({
      {"unknown opcode", "\xFE",
       "f.pt:+0x30: error[format.bad-pickle]: byte 0xfe is no pickle opcode"},
      {"empty stack", "R",
       "f.pt:+0x30: error[format.bad-pickle]: opcode REDUCE finds too little on the stack"},
      {"below a mark", "K\x01(K\x02\x86",
       "f.pt:+0x35: error[format.bad-pickle]: opcode TUPLE2 finds too little on the stack"},
      {"no mark", "K\x01t", "f.pt:+0x32: error[format.bad-pickle]: opcode TUPLE finds no MARK"},
      {"nothing before the mark",
       "(K\x01"
       "e",
       "f.pt:+0x33: error[format.bad-pickle]: opcode APPENDS finds too little on the stack"},
      {"open mark", "(K\x01",
       "f.pt:+0x33: error[format.bad-pickle]: opcode STOP comes before a MARK is closed"},
      {"values left", "K\x01K\x02",
       "f.pt:+0x34: error[format.bad-pickle]: opcode STOP leaves values on the stack"},
      {"nothing at all", "",
       "f.pt:+0x30: error[format.bad-pickle]: opcode STOP finds too little on the stack"},
      {"odd dict",
       "(K\x01"
       "d",
       "f.pt:+0x33: error[format.bad-pickle]: opcode DICT finds a key without a value"},
      {"odd pairs", "}(K\x01u",
       "f.pt:+0x34: error[format.bad-pickle]: opcode SETITEMS finds a key without a value"},
      {"items for a dict",
       "}K\x01"
       "a",
       "f.pt:+0x33: error[format.bad-pickle]: opcode APPEND wants something that can take items"},
      {"pairs for a list", "]K\x01K\x02s",
       "f.pt:+0x35: error[format.bad-pickle]: opcode SETITEM wants something that can take pairs"},
      {"state for a list", "]}b",
       "f.pt:+0x32: error[format.bad-pickle]: opcode BUILD wants an object"},
      {"items for a tuple",
       ")K\x01"
       "a",
       "f.pt:+0x33: error[format.bad-pickle]: opcode APPEND wants something that can take items"},
      {"state twice", p::global("m", "C") + ")\x81}b}b",
       "f.pt:+0x3a: error[format.bad-pickle]: opcode BUILD sets the state of an object twice"},
      {"arguments that are no tuple", p::global("m", "C") + "K\x01R",
       "f.pt:+0x37: error[format.bad-pickle]: opcode REDUCE wants a tuple of arguments"},
      {"keywords that are no dict", p::global("m", "C") + "))\x92",
       "f.pt:+0x37: error[format.bad-pickle]: opcode NEWOBJ_EX wants a dict of keyword arguments"},
      {"names that are no text", "K\x01K\x02\x93",
       "f.pt:+0x34: error[format.bad-pickle]: opcode STACK_GLOBAL wants two strings"},
      {"memo miss", "h\x07",
       "f.pt:+0x30: error[format.bad-pickle]: opcode BINGET asks for memo entry 7, which was not "
       "put"},
      {"negative memo index", "K\x01p-1\n",
       "f.pt:+0x32: error[format.bad-pickle]: opcode PUT holds no memo index"},
      {"text that is no UTF-8", "\x8C\x01\xFF",
       "f.pt:+0x30: error[format.bad-pickle]: opcode SHORT_BINUNICODE holds text that is not "
       "UTF-8"},
      {"no integer", "Iseven\n",
       "f.pt:+0x30: error[format.bad-pickle]: opcode INT holds no integer"},
      {"no float", "Fx\n", "f.pt:+0x30: error[format.bad-pickle]: opcode FLOAT holds no number"},
      {"no string", "Sx\n",
       "f.pt:+0x30: error[format.bad-pickle]: opcode STRING holds no quoted string"},
      {"no escape", "V\\u1\n",
       "f.pt:+0x30: error[format.bad-pickle]: opcode UNICODE holds an escape that is none"},
      {"extension", "\x82\x01",
       "f.pt:+0x30: error[format.unsupported]: opcode EXT1 refers to a registry that is not in the "
       "file"},
      {"buffer", "\x97",
       "f.pt:+0x30: error[format.unsupported]: opcode NEXT_BUFFER refers to a buffer that is not "
       "in "
       "the file"},
      {"protocol 6", "\x80\x06",
       "f.pt:+0x30: error[format.unsupported]: the pickle has protocol 6; protocols up to 5 are "
       "read"},
  });
}

TEST_CASE("formats/pickle: counts are compared with the bytes left") {
  for (const std::string& body :
       {"X\xFF\xFF\xFF\xFF"s, "\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, "B\xFF\xFF\xFF\x7F"s,
        "\x8E\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"s, "\x8A\xFF"s, "\x8B\xFF\xFF\xFF\x7F"s,
        "\x8B\xFF\xFF\xFF\xFF"s, "T\xFF\xFF\xFF\xFF"s, "\x95\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s,
        "\x96\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, "Ino newline"s, "cmodule\nname"s, "J\x01"s}) {
    CAPTURE(body.front());
    const std::string text = unpickled("\x80\x02" + body);
    CHECK(text.find("f.pt:+0x30: error[format.bad-pickle]: opcode ") == 0);
    CHECK(text.find(" runs over the end of the pickle") != std::string::npos);
  }
  CHECK(unpickled("\x80\x02K\x01") ==
        "f.pt:+0x32: error[format.bad-pickle]: the pickle ends without STOP");
}

TEST_CASE("formats/pickle: bytes behind STOP are refused") {
  CHECK(unpickled(p::stream("N") + "xyz") ==
        "f.pt:+0x32: error[format.bad-pickle]: 3 bytes follow the end of the pickle");
}

TEST_CASE("formats/pickle: limits hold") {
  const pickle::Origin origin{"f", 0};
  const auto said = [&](const std::string& stream, const pickle::Limits& limits) {
    const auto graph = pickle::read_pickle(stream, origin, limits);
    return graph ? "read" : shown(graph.error());
  };
  CHECK(
      said("NNNt.", {.nodes = 2}) ==
      "f:+0x2: error[format.too-large]: the pickle has more than 2 values, the most that are read");
  CHECK(said("N222.", {.nodes = 2}) ==
        "f:+0x2: error[format.too-large]: the pickle has more than 2 values on its stack, the most "
        "that are read");
  CHECK(
      said("Nq\x01q\x02q\x03.", {.nodes = 2}) ==
      "f:+0x5: error[format.too-large]: the pickle has more than 2 memo entries, the most that are "
      "read");
  CHECK(said("(((.", {.marks = 2}) ==
        "f:+0x2: error[format.too-large]: the pickle has more than 2 marks at once, the most that "
        "are read");
  CHECK(said("(NNNt.", {.edges = 2}) ==
        "f:+0x4: error[format.too-large]: the pickle has more than 2 references, the most that are "
        "read");
  CHECK(
      said("\x8A\x03zzz.", {.integer_nbytes = 2}) ==
      "f:+0x0: error[format.too-large]: the pickle has an integer of 3 bytes; at most 2 are read");
}

TEST_CASE("formats/pickle: a memo with far keys stays small and right") {
  std::string stream = "(";
  for (const std::uint32_t key : {5U, 0xFFFFFFFFU, 70000U, 4095U}) {
    stream += p::integer(static_cast<std::int32_t>(key % 1000));
    stream += 'r';
    append_le(stream, key);
  }
  for (const std::uint32_t key : {4095U, 70000U, 0xFFFFFFFFU, 5U}) {
    stream += 'j';
    append_le(stream, key);
  }
  CHECK(unpickled(p::stream(stream + "t")) == "(5, 295, 0, 95, 95, 0, 295, 5)");
}

}  // namespace
}  // namespace recast::formats::tests
