#include "engine/exec/element.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

namespace recast::exec {
namespace {

using tensor::DType;

std::string encoded(DType dtype, double value) {
  const auto bytes = encode_element(dtype, value);
  return bytes ? element_bits(dtype, bytes->data()) : "none";
}

}  // namespace

TEST_CASE("exec/element: a value is encoded as its type has it, or not at all") {
  struct Row {
    DType dtype;
    double value;
    const char* bits;
  };
  static constexpr Row rows[] = {
      {DType::BF16, 1.5, "0x3fc0"},
      {DType::F16, -1e-6, "0x8011"},
      {DType::F32, 0.1, "0x3dcccccd"},
      {DType::F64, 0.1, "0x3fb999999999999a"},
      {DType::U8, 255, "0xff"},
      {DType::U8, 256, "none"},
      {DType::U8, -1, "none"},
      {DType::I8, -128, "0x80"},
      {DType::I32, 0.5, "none"},
      {DType::I64, 9223372036854775808.0, "none"},
      {DType::U64, 9223372036854775808.0, "0x8000000000000000"},
      {DType::Bool, 1, "0x01"},
      {DType::Bool, 2, "none"},
      {DType::F8E4M3, 0, "0x00"},
      {DType::F8E4M3, 1, "none"},
      {DType::F8E8M0, 0, "none"},
      {DType::C64, 0, "0x0000000000000000"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(tensor::dtype_name(row.dtype)));
    CAPTURE(row.value);
    CHECK(encoded(row.dtype, row.value) == row.bits);
  }
}

TEST_CASE("exec/element: text is the shortest that reads back, bits where there is none") {
  struct Row {
    DType dtype;
    double value;
    const char* text;
  };
  static constexpr Row rows[] = {
      {DType::BF16, 0.1, "0.100097656"}, {DType::F32, 0.1, "0.1"},  {DType::F64, 0.1, "0.1"},
      {DType::F16, 65504, "65504"},      {DType::I8, -7, "-7"},     {DType::U64, 7, "7"},
      {DType::Bool, 1, "true"},          {DType::Bool, 0, "false"}, {DType::F8E5M2, 0, "0x00"},
  };
  for (const Row& row : rows) {
    CHECK(element_text(row.dtype, encode_element(row.dtype, row.value)->data()) == row.text);
  }
}

TEST_CASE("exec/element: an element is named by its axes") {
  const std::int64_t index[] = {3, 0, 17};
  CHECK(name_element({"attn.q", {"layer", "group", "hidden"}}, index) ==
        "'attn.q' layer 3, group 0, hidden 17");
  CHECK(name_element({"step", {}}, {}) == "'step'");
}

}  // namespace recast::exec
