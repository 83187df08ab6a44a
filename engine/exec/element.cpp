#include "engine/exec/element.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "engine/base/diagnostic.hpp"
#include "engine/exec/kernels/kernels.hpp"

namespace recast::exec {
namespace {

using tensor::DType;
using tensor::DTypeKind;

template <class Number>
std::string number_text(Number value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

/// Calls `with(T{})` for the C++ type of an integer or boolean dtype; false for others.
template <class With>
bool with_integer(DType dtype, const With& with) {
  switch (dtype) {
    case DType::Bool:
    case DType::U8:
      return with(std::uint8_t{}), true;
    case DType::I8:
      return with(std::int8_t{}), true;
    case DType::U16:
      return with(std::uint16_t{}), true;
    case DType::I16:
      return with(std::int16_t{}), true;
    case DType::U32:
      return with(std::uint32_t{}), true;
    case DType::I32:
      return with(std::int32_t{}), true;
    case DType::U64:
      return with(std::uint64_t{}), true;
    case DType::I64:
      return with(std::int64_t{}), true;
    default:
      return false;
  }
}

template <class T>
T load(const std::byte* bytes) noexcept {
  T out;
  std::memcpy(&out, bytes, sizeof(T));
  return out;
}

CastRow cast_between(DType from, DType into) noexcept {
  return kBaselineKernels
      .cast[static_cast<std::size_t>(cast_type(from))][static_cast<std::size_t>(cast_type(into))];
}

/// Whether a double is a value of T; the range's upper end is a power of two and so exact.
template <class T>
bool is_value_of(double value) noexcept {
  const double above = std::ldexp(1.0, std::numeric_limits<T>::digits);
  const double least = std::is_signed_v<T> ? -above : 0.0;
  return value >= least && value < above && std::trunc(value) == value;
}

}  // namespace

std::optional<std::array<std::byte, 16>> encode_element(DType dtype, double value) noexcept {
  std::array<std::byte, 16> out{};
  if (dtype == DType::F64) {
    std::memcpy(out.data(), &value, sizeof(value));
    return out;
  }
  if (tensor::is_castable(dtype)) {
    std::array<std::byte, sizeof(double)> wide{};
    std::memcpy(wide.data(), &value, sizeof(value));
    cast_between(DType::F64, dtype)(out.data(), wide.data(), 1);
    return out;
  }
  bool fits = value == 0 && dtype != DType::F8E8M0;  // all zero bits are 0 wherever there is a 0
  with_integer(dtype, [&](auto zero) {
    using T = decltype(zero);
    fits = dtype == DType::Bool ? value == 0 || value == 1 : is_value_of<T>(value);
    if (!fits) return;
    const T element = static_cast<T>(value);
    std::memcpy(out.data(), &element, sizeof(T));
  });
  if (!fits) return std::nullopt;
  return out;
}

std::optional<double> element_value(DType dtype, const std::byte* bytes) noexcept {
  if (dtype == DType::F64) return load<double>(bytes);
  if (tensor::is_castable(dtype)) {
    std::array<std::byte, sizeof(double)> wide{};
    cast_between(dtype, DType::F64)(wide.data(), bytes, 1);
    return load<double>(wide.data());
  }
  std::optional<double> out;
  with_integer(dtype, [&](auto zero) { out = static_cast<double>(load<decltype(zero)>(bytes)); });
  return out;
}

std::string element_text(DType dtype, const std::byte* bytes) {
  if (dtype == DType::Bool) return bytes[0] == std::byte{0} ? "false" : "true";
  if (dtype == DType::F64) return number_text(load<double>(bytes));
  if (dtype == DType::F32) return number_text(load<float>(bytes));
  if (tensor::is_castable(dtype))
    return number_text(static_cast<float>(*element_value(dtype, bytes)));
  std::string out;
  if (with_integer(dtype, [&](auto zero) { out = number_text(load<decltype(zero)>(bytes)); })) {
    return out;
  }
  return element_bits(dtype, bytes);
}

std::string element_bits(DType dtype, const std::byte* bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "0x";
  for (std::size_t i = tensor::dtype_nbytes(dtype); i-- > 0;) {
    const auto byte = std::to_integer<unsigned>(bytes[i]);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string name_element(const plan::LogicalTensor& logical, std::span<const std::int64_t> index) {
  std::string out = cat("'", logical.name, "'");
  for (std::size_t k = 0; k < index.size() && k < logical.axes.size(); ++k) {
    out += cat(k == 0 ? " " : ", ", logical.axes[k], " ", index[k]);
  }
  return out;
}

}  // namespace recast::exec
