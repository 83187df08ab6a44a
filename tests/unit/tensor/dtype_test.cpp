#include "engine/tensor/dtype.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace recast::tensor {
namespace {

constexpr DType kAll[] = {
#define RECAST_DTYPE(id, name, bits, kind) DType::id,
#include "engine/tensor/dtype.def"
#undef RECAST_DTYPE
};

TEST_CASE("tensor/dtype: each type is found by its name, and no other is") {
  std::set<std::string_view> names;
  for (const DType dtype : kAll) {
    CHECK(dtype_of(dtype_name(dtype)) == dtype);
    CHECK(names.insert(dtype_name(dtype)).second);
  }
  CHECK(dtype_of("float32") == std::nullopt);
  CHECK(dtype_of("") == std::nullopt);
}

TEST_CASE("tensor/dtype: sizes and kinds are those of the table") {
  CHECK(dtype_name(DType::BF16) == "bf16");
  CHECK(dtype_nbytes(DType::Bool) == 1);
  CHECK(dtype_nbytes(DType::F8E8M0) == 1);
  CHECK(dtype_nbytes(DType::BF16) == 2);
  CHECK(dtype_nbytes(DType::U64) == 8);
  CHECK(dtype_nbytes(DType::C128) == 16);
  CHECK(dtype_kind(DType::Bool) == DTypeKind::Bool);
  CHECK(dtype_kind(DType::U16) == DTypeKind::Unsigned);
  CHECK(dtype_kind(DType::I8) == DTypeKind::Signed);
  CHECK(dtype_kind(DType::F8E4M3) == DTypeKind::Float);
  CHECK(dtype_kind(DType::C64) == DTypeKind::Complex);
}

TEST_CASE("tensor/dtype: four types can be cast") {
  std::string castable;
  for (const DType dtype : kAll)
    if (is_castable(dtype)) castable += std::string(dtype_name(dtype)) + " ";
  CHECK(castable == "fp16 bf16 fp32 fp64 ");
}

TEST_CASE("tensor/dtype: a type widens to those that hold all of its values") {
  struct Row {
    DType from;
    const char* to;
  };
  // Worked out by hand from range, precision, zero, sign, infinity and NaN of each format.
  static constexpr Row rows[] = {
      {DType::Bool,
       "bool u8 i8 f8e5m2 f8e4m3 f8e4m3fnuz f8e5m2fnuz i16 u16 fp16 bf16 i32 u32 fp32 c64 fp64 i64 "
       "u64 c128 "},
      {DType::U8, "u8 i16 u16 fp16 bf16 i32 u32 fp32 c64 fp64 i64 u64 c128 "},
      {DType::I8, "i8 i16 fp16 bf16 i32 fp32 c64 fp64 i64 c128 "},
      {DType::I16, "i16 i32 fp32 c64 fp64 i64 c128 "},
      {DType::U16, "u16 i32 u32 fp32 c64 fp64 i64 u64 c128 "},
      {DType::I32, "i32 fp64 i64 c128 "},
      {DType::U32, "u32 fp64 i64 u64 c128 "},
      {DType::I64, "i64 "},
      {DType::U64, "u64 "},
      {DType::F8E5M2, "f8e5m2 fp16 bf16 fp32 c64 fp64 c128 "},
      {DType::F8E4M3, "f8e4m3 fp16 bf16 fp32 c64 fp64 c128 "},
      {DType::F8E8M0, "f8e8m0 bf16 fp32 c64 fp64 c128 "},
      {DType::F8E4M3FNUZ, "f8e4m3fnuz fp16 bf16 fp32 c64 fp64 c128 "},
      {DType::F8E5M2FNUZ, "f8e5m2fnuz fp16 bf16 fp32 c64 fp64 c128 "},
      {DType::F16, "fp16 fp32 c64 fp64 c128 "},
      {DType::BF16, "bf16 fp32 c64 fp64 c128 "},
      {DType::F32, "fp32 c64 fp64 c128 "},
      {DType::F64, "fp64 c128 "},
      {DType::C64, "c64 c128 "},
      {DType::C128, "c128 "},
  };
  CHECK(std::size(rows) == std::size(kAll));
  for (const Row& row : rows) {
    std::string wider;
    for (const DType to : kAll)
      if (widens(row.from, to)) wider += std::string(dtype_name(to)) + " ";
    CAPTURE(std::string(dtype_name(row.from)));
    CHECK(wider == row.to);
  }
}

}  // namespace
}  // namespace recast::tensor
