#include "engine/checkpoint/json.hpp"

#include <doctest/doctest.h>

namespace recast::checkpoint {
namespace {

using tensor::Value;

TEST_CASE("checkpoint/json: integers stay integers, keys keep their order") {
  const auto read =
      parse_json(R"({"b": 1, "a": [1.0, null, true, "x"], "big": 9223372036854775807})", "file");
  REQUIRE(read.has_value());
  CHECK(tensor::print(*read) ==
        R"({"b": 1, "a": [1.0, null, true, "x"], "big": 9223372036854775807})");
}

TEST_CASE("checkpoint/json: what does not parse is named with its byte") {
  for (const char* text : {"", "{\"a\": 1", "[1, 2,, 3]", "{} {}"}) {
    CAPTURE(text);
    const auto read = parse_json(text, "file");
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == Code::format_json);
    CHECK(read.error().place.file == "file");
    CHECK(read.error().place.byte_offset.has_value());
  }
}

TEST_CASE("checkpoint/json: what nests without end is refused before it exhausts the stack") {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  const auto value = parse_json(deep, "config.json");
  REQUIRE_FALSE(value);
  CHECK(value.error().message == "this nests more than 256 levels deep");
  CHECK(parse_json(std::string(200, '[') + std::string(200, ']'), "config.json"));
}

TEST_CASE(
    "checkpoint/json: documents are printed with sorted keys, indented by two, and read back the "
    "same") {
  Value value{tensor::Mapping{}};
  tensor::set_field(value, "b", Value(2));
  tensor::set_field(value, "a/c", Value(0.5));
  tensor::set_field(value, "a/dtype", Value(tensor::Symbol{"torch", "bfloat16"}));
  CHECK(print_json(value) ==
        "{\n  \"a\": {\n    \"c\": 0.5,\n    \"dtype\": \"torch.bfloat16\"\n  },\n  \"b\": 2\n}\n");
  const auto again = parse_json(print_json(value), "file");
  REQUIRE(again.has_value());
  CHECK(print_json(*again) == print_json(value));
}

}  // namespace
}  // namespace recast::checkpoint
