#include "engine/formats/torch_zip/torch_dtypes.hpp"

#include <array>

namespace recast::formats {
namespace {

using tensor::DType;

struct Row {
  DType dtype;
  std::string_view name;
  std::string_view storage_class;
};

constexpr auto kRows = std::to_array<Row>({
#define RECAST_TORCH_DTYPE(dtype, name, storage_class) {DType::dtype, name, storage_class},
#include "engine/formats/torch_zip/torch_dtypes.def"
#undef RECAST_TORCH_DTYPE
});

struct Alias {
  std::string_view name;
  DType dtype;
};

constexpr auto kAliases = std::to_array<Alias>({
    {"half", DType::F16},
    {"float", DType::F32},
    {"double", DType::F64},
    {"short", DType::I16},
    {"int", DType::I32},
    {"long", DType::I64},
    {"cfloat", DType::C64},
    {"cdouble", DType::C128},
});

// Storage classes beside the one of each dtype.
constexpr auto kOtherClasses = std::to_array<Alias>({
    {kUntypedStorage, DType::U8},
    {"_UntypedStorage", DType::U8},
    {"QInt8Storage", DType::I8},
    {"QUInt8Storage", DType::U8},
    {"QInt32Storage", DType::I32},
    {"QUInt4x2Storage", DType::U8},
    {"QUInt2x4Storage", DType::U8},
});

const Row& row_of(DType dtype) noexcept {
  return kRows[static_cast<std::size_t>(dtype)];
}

// The rows stand in the order of the enumeration.
constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].dtype != static_cast<DType>(i)) return false;
  return true;
}
static_assert(in_order());
static_assert(kRows.back().dtype == DType::C128, "every element type has a row");

}  // namespace

std::optional<DType> dtype_of_torch(std::string_view name) noexcept {
  for (const Row& row : kRows)
    if (row.name == name) return row.dtype;
  for (const Alias& alias : kAliases)
    if (alias.name == name) return alias.dtype;
  return std::nullopt;
}

std::string_view torch_name(DType dtype) noexcept {
  return row_of(dtype).name;
}

std::optional<DType> dtype_of_storage(std::string_view storage_class) noexcept {
  if (storage_class.empty()) return std::nullopt;
  for (const Row& row : kRows)
    if (row.storage_class == storage_class) return row.dtype;
  for (const Alias& alias : kOtherClasses)
    if (alias.name == storage_class) return alias.dtype;
  return std::nullopt;
}

std::string_view storage_class_of(DType dtype) noexcept {
  return row_of(dtype).storage_class;
}

}  // namespace recast::formats
