#include "engine/tensor/dtype.hpp"

#include <array>

namespace recast::tensor {

namespace {

struct DTypeRow {
  std::string_view name;
  unsigned bits;
  DTypeKind kind;
};

constexpr auto kRows = std::to_array<DTypeRow>({
#define RECAST_DTYPE(id, name, bits, kind) {name, bits, DTypeKind::kind},
#include "engine/tensor/dtype.def"
#undef RECAST_DTYPE
});

const DTypeRow& row_of(DType dtype) noexcept {
  return kRows[static_cast<std::size_t>(dtype)];
}

/// The numbers of a real type: m * 2^e with |m| < 2^precision and e >= lowest, below 2^(highest +
/// 1).
struct Numbers {
  int precision;
  int lowest;
  int highest;
  bool has_zero = true;
  bool has_minus_zero = false;
  bool has_negative = false;
  bool has_infinity = false;
  bool has_nan = false;
};

constexpr Numbers ieee(int precision, int lowest, int highest) {
  return {precision, lowest, highest, true, true, true, true, true};
}

Numbers numbers_of(DType dtype) noexcept {
  const int bits = static_cast<int>(row_of(dtype).bits);
  switch (dtype) {
    case DType::F8E5M2:
      return ieee(3, -16, 15);
    case DType::F8E4M3:
      return {4, -9, 8, true, true, true, false, true};
    case DType::F8E8M0:
      return {1, -127, 127, false, false, false, false, true};
    case DType::F8E4M3FNUZ:
      return {4, -10, 7, true, false, true, false, true};
    case DType::F8E5M2FNUZ:
      return {3, -17, 15, true, false, true, false, true};
    case DType::F16:
      return ieee(11, -24, 15);
    case DType::BF16:
      return ieee(8, -133, 127);
    case DType::F32:
    case DType::C64:
      return ieee(24, -149, 127);
    case DType::F64:
    case DType::C128:
      return ieee(53, -1074, 1023);
    case DType::Bool:
      return {1, 0, 0};
    default:
      break;
  }
  if (row_of(dtype).kind == DTypeKind::Unsigned) return {bits, 0, bits - 1};
  // The least signed number is a power of two: it costs no precision, but it reaches one higher.
  return {bits - 1, 0, bits - 1, true, false, true};
}

bool holds(const Numbers& to, const Numbers& from) noexcept {
  return from.precision <= to.precision && from.lowest >= to.lowest && from.highest <= to.highest &&
         (to.has_zero || !from.has_zero) && (to.has_minus_zero || !from.has_minus_zero) &&
         (to.has_negative || !from.has_negative) && (to.has_infinity || !from.has_infinity) &&
         (to.has_nan || !from.has_nan);
}

bool is_integer(DTypeKind kind) noexcept {
  return kind == DTypeKind::Bool || kind == DTypeKind::Unsigned || kind == DTypeKind::Signed;
}

}  // namespace

std::string_view dtype_name(DType dtype) noexcept {
  return row_of(dtype).name;
}

std::optional<DType> dtype_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].name == name) return static_cast<DType>(i);
  return std::nullopt;
}

DTypeKind dtype_kind(DType dtype) noexcept {
  return row_of(dtype).kind;
}

std::size_t dtype_nbytes(DType dtype) noexcept {
  return row_of(dtype).bits / 8;
}

bool is_castable(DType dtype) noexcept {
  return dtype == DType::F16 || dtype == DType::BF16 || dtype == DType::F32 || dtype == DType::F64;
}

bool widens(DType from, DType to) noexcept {
  if (from == to) return true;
  const DTypeKind from_kind = dtype_kind(from);
  const DTypeKind to_kind = dtype_kind(to);
  if (to_kind == DTypeKind::Bool) return false;
  if (from_kind == DTypeKind::Complex && to_kind != DTypeKind::Complex) return false;
  if (!is_integer(from_kind) && is_integer(to_kind)) return false;
  if (is_integer(from_kind) && is_integer(to_kind)) {
    // Whole numbers have no precision to lose: the range decides, and a sign costs one bit of it.
    if (from_kind == DTypeKind::Bool) return true;
    if (from_kind == DTypeKind::Signed && to_kind == DTypeKind::Unsigned) return false;
    const unsigned sign = from_kind != to_kind ? 1 : 0;
    return row_of(from).bits + sign <= row_of(to).bits;
  }
  return holds(numbers_of(to), numbers_of(from));
}

}  // namespace recast::tensor
