#include "engine/formats/safetensors/header.hpp"

#include <doctest/doctest.h>

#include "engine/formats/little_endian.hpp"
#include "tests/unit/formats/files.hpp"

namespace recast::formats::tests {
namespace {

/// A file with this header and so many bytes of payload.
std::string file_of(std::string_view json, std::size_t payload = 0) {
  std::string bytes;
  append_le(bytes, std::uint64_t{json.size()});
  bytes += json;
  return bytes + std::string(payload, 'x');
}

/// The entry of a tensor 'w' of bytes.
std::string entry(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return cat("{\"w\":{\"dtype\":\"", dtype, "\",\"shape\":", shape, ",\"data_offsets\":", offsets,
             "}}");
}

struct Row {
  const char* what;
  std::string json;
  std::size_t payload;
  const char* outcome;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(outcome(file_of(row.json, row.payload)) == row.outcome);
  }
}

TEST_CASE("formats/safetensors-header: what the format allows is read") {
  check({
      {"nothing", "{}", 0, "{}"},
      {"spaces behind", "{}      ", 0, "{}"},
      {"spaces inside", "{ \"w\" : {\"shape\":[ 2 ],\n\"dtype\":\"U8\",\"data_offsets\":[0,2]}}", 2,
       "w u8 [2] @67\n{}"},
      {"scalar", entry("F32", "[]", "[0,4]"), 4, "w fp32 [] @61\n{}"},
      {"empty", entry("F32", "[0,3]", "[0,0]"), 0, "w fp32 [0x3] @64\n{}"},
      {"metadata", "{\"__metadata__\":{\"format\":\"pt\",\"a\":\"\\u00e9\"}}", 0,
       "{\"format\": \"pt\", \"a\": \"é\"}"},
      {"unknown fields",
       "{\"w\":{\"dtype\":\"U8\",\"x\":[1,[{\"y\":null}],true],\"shape\":[1],\"z\":{\"dtype\":"
       "\"no\"},"
       "\"data_offsets\":[0,1],\"n\":-1.5}}",
       1, "w u8 [1] @115\n{}"},
      {"sorted by offset, then by name",
       "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
       "\"c\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
       "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}",
       1, "a u8 [0] @165\nc u8 [0] @165\nb u8 [1] @165\n{}"},
      {"a name that looks like a path",
       "{\"../x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0,
       "../x u8 [0] @64\n{}"},
  });
}

TEST_CASE("formats/safetensors-header: every dtype of the format that recast has") {
  for (const char* name :
       {"BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "I16",
        "U16", "F16", "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64"}) {
    CAPTURE(name);
    CHECK(outcome(file_of(entry(name, "[0]", "[0,0]"))).substr(0, 2) == "w ");
  }
  for (const char* name : {"F4", "F6_E2M3", "F6_E3M2", "f32", "C128", ""}) {
    CAPTURE(name);
    CHECK(outcome(file_of(entry(name, "[0]", "[0,0]"))) ==
          cat("f.pt:+0x9: error[format.unknown-dtype]: tensor 'w' has the unknown dtype '", name,
              "'"));
  }
}

TEST_CASE("formats/safetensors-header: the frame") {
  const std::string cut = "\nhint: copy the file again and compare its size with the original's";
  std::string bytes = file_of("{}");
  CHECK(outcome(bytes.substr(0, 9)) ==
        "f.pt:+0x9: error[format.truncated]: the header has 2 bytes, the file holds 1 of them" +
            cut);
  bytes[3] = 0x7F;  // far over the limit: no longer taken for a safetensors file at all
  CHECK(outcome(bytes) ==
        "f.pt:+0x0: error[format.unknown-container]: this is no checkpoint that recast "
        "knows: it begins with '\\x02\\x00\\x00\\x7f\\x00\\x00\\x00\\x00'");
  check({
      {"newline behind", "{}\n", 0,
       "f.pt:+0xa: error[format.bad-header]: the header does not end with '}' and spaces"},
      {"cut", "{\"w\":", 0,
       "f.pt:+0xc: error[format.bad-header]: the header does not end with '}' and spaces"},
      {"text behind", "{} {}", 0,
       "f.pt:+0xb: error[format.bad-header]: the header is not JSON at '{} {'"},
      {"no JSON", "{w}", 0, "f.pt:+0x9: error[format.bad-header]: the header is not JSON at '{w'"},
      {"not UTF-8", "{\"\xFF\":{}}", 0,
       "f.pt:+0xa: error[format.bad-header]: the header is not JSON at '\"\\xff'"},
      {"a number over all bounds", entry("U8", "[1e999]", "[0,1]"), 1,
       "f.pt:+0x29: error[format.bad-header]: the header is not JSON at '1e999'"},
      {"bytes behind the tensors", entry("U8", "[1]", "[0,1]"), 3,
       "f.pt:+0x3e: error[format.bad-header]: 2 bytes follow the last tensor"},
  });
  CHECK(outcome(file_of(entry("U8", "[4]", "[0,4]"), 3)) ==
        "f.pt:+0x40: error[format.truncated]: the tensors have 4 bytes, the file holds 3 of them" +
            cut);
}

TEST_CASE("formats/safetensors-header: entries") {
  check({
      {"not an object", "{\"w\":7}", 0,
       "f.pt:+0xe: error[format.bad-header]: tensor 'w' is a number, not an object"},
      {"no dtype", "{\"w\":{\"shape\":[],\"data_offsets\":[0,1]}}", 1,
       "f.pt:+0x9: error[format.bad-header]: tensor 'w' lacks its dtype"},
      {"no shape", "{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1,
       "f.pt:+0x9: error[format.bad-header]: tensor 'w' lacks its shape"},
      {"no offsets", "{\"w\":{\"dtype\":\"U8\",\"shape\":[]}}", 0,
       "f.pt:+0x9: error[format.bad-header]: tensor 'w' lacks its data_offsets"},
      {"dtype is a number", "{\"w\":{\"dtype\":7}}", 0,
       "f.pt:+0x17: error[format.bad-header]: the dtype of tensor 'w' is a number, not text"},
      {"shape is text", "{\"w\":{\"shape\":\"\"}}", 0,
       "f.pt:+0x17: error[format.bad-header]: tensor 'w' has text where a list was expected"},
      {"a negative extent", entry("U8", "[-1]", "[0,1]"), 1,
       "f.pt:+0x26: error[format.bad-header]: tensor 'w' has a negative number where a whole "
       "number "
       "was expected"},
      {"a fraction", entry("U8", "[1.5]", "[0,1]"), 1,
       "f.pt:+0x27: error[format.bad-header]: tensor 'w' has a number with a fraction where a "
       "whole "
       "number was expected"},
      {"a list in a list", entry("U8", "[[1]]", "[0,1]"), 1,
       "f.pt:+0x24: error[format.bad-header]: tensor 'w' has a list where a whole number was "
       "expected"},
      {"over 63 bits", entry("U8", "[9223372036854775808]", "[0,1]"), 1,
       "f.pt:+0x37: error[format.bad-header]: number 9223372036854775808 of tensor 'w' is over "
       "2^63 - 1"},
      {"three offsets", entry("U8", "[1]", "[0,1,2]"), 1,
       "f.pt:+0x9: error[format.bad-header]: tensor 'w' has 3 data_offsets, not 2"},
      {"end before begin", entry("U8", "[1]", "[1,0]"), 1,
       "f.pt:+0x9: error[format.bad-header]: tensor 'w' ends at byte 0, before its begin at 1"},
      {"another size", entry("F32", "[2]", "[0,4]"), 4,
       "f.pt:+0x9: error[format.bad-header]: tensor 'w' has 4 bytes, its shape and dtype ask for "
       "8"},
      {"overflow", entry("F32", "[4294967296,4294967296,0]", "[0,0]"), 0,
       "f.pt:+0x9: error[format.bad-header]: the shape of tensor 'w' overflows 64 bits"},
      {"overflow by the dtype", entry("F64", "[4611686018427387904]", "[0,0]"), 0,
       "f.pt:+0x9: error[format.bad-header]: the shape of tensor 'w' overflows 64 bits"},
      {"metadata is text", "{\"__metadata__\":\"\"}", 0,
       "f.pt:+0x19: error[format.bad-header]: '__metadata__' is text, not an object"},
      {"metadata holds a number", "{\"__metadata__\":{\"a\":7}}", 0,
       "f.pt:+0x1e: error[format.bad-header]: '__metadata__' holds a number under 'a', not text"},
      {"metadata holds a list", "{\"__metadata__\":{\"a\":[]}}", 0,
       "f.pt:+0x1d: error[format.bad-header]: '__metadata__' holds a list under 'a', not text"},
  });
}

TEST_CASE("formats/safetensors-header: nothing stands twice") {
  const std::string w = "\"w\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
  check({
      {"tensor", "{" + w + "," + w + "}", 0,
       "f.pt:+0x3f: error[format.duplicate-name]: two tensors are called 'w'"},
      {"tensor, escaped", "{" + w + ",\"\\u0077\":{}}", 0,
       "f.pt:+0x44: error[format.duplicate-name]: two tensors are called 'w'"},
      {"metadata", "{\"__metadata__\":{},\"__metadata__\":{}}", 0,
       "f.pt:+0x28: error[format.duplicate-name]: two tensors are called '__metadata__'"},
      {"metadata key", "{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0,
       "f.pt:+0x22: error[format.duplicate-name]: '__metadata__' holds 'a' twice"},
      {"field", "{\"w\":{\"dtype\":\"U8\",\"dtype\":\"I8\"}}", 0,
       "f.pt:+0x21: error[format.duplicate-name]: tensor 'w' has 'dtype' twice"},
  });
}

TEST_CASE("formats/safetensors-header: tensors neither overlap nor leave gaps") {
  const auto two = [](const char* first, const char* second) {
    return cat("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":", first,
               "},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":", second, "}}");
  };
  check({
      {"side by side", two("[2,4]", "[0,2]"), 4, "b u8 [2] @113\na u8 [2] @115\n{}"},
      {"overlap", two("[0,2]", "[1,3]"), 3,
       "f.pt:+0x3d: error[format.bad-header]: tensor 'b' begins at byte 1 of the data, 2 was "
       "expected: "
       "tensors must not overlap"},
      {"the same bytes", two("[0,2]", "[0,2]"), 2,
       "f.pt:+0x3d: error[format.bad-header]: tensor 'b' begins at byte 0 of the data, 2 was "
       "expected: "
       "tensors must not overlap"},
      {"gap", two("[0,2]", "[3,5]"), 5,
       "f.pt:+0x3d: error[format.bad-header]: tensor 'b' begins at byte 3 of the data, 2 was "
       "expected: "
       "tensors must leave no gap"},
      {"gap at the begin", entry("U8", "[1]", "[1,2]"), 2,
       "f.pt:+0x9: error[format.bad-header]: tensor 'w' begins at byte 1 of the data, 0 was "
       "expected: "
       "tensors must leave no gap"},
  });
}

}  // namespace
}  // namespace recast::formats::tests
