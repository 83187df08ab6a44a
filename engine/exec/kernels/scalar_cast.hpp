#pragma once
// One element at a time: what every vector variant must equal bit for bit. Everything is always
// inlined, because the file is compiled for several CPUs and the linker must never take one's copy
// for another's.

#include <bit>
#include <cstdint>
#include <cstring>

namespace recast::exec {

#define RECAST_INLINE inline __attribute__((always_inline))

RECAST_INLINE float f16_to_f32(std::uint16_t half) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t magnitude = half & 0x7fffU;
  if (magnitude > 0x7c00U) return std::bit_cast<float>(sign | 0x7fc00000U | (magnitude << 13));
  if (magnitude == 0x7c00U) return std::bit_cast<float>(sign | 0x7f800000U);
  if (magnitude < 0x0400U) {  // a denormal is a multiple of 2^-24
    const float value = static_cast<float>(magnitude) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(value));
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000U));
}

RECAST_INLINE std::uint16_t f32_to_f16(float value) noexcept {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  std::uint32_t half = 0;
  if (magnitude > 0x7f800000U) {
    half = 0x7e00U | ((magnitude >> 13) & 0x3ffU);
  } else if (magnitude >= 0x47800000U) {  // 2^16
    half = 0x7c00U;
  } else if (magnitude < 0x38800000U) {
    // Below 2^-14: at 0.5 a float's last bit is worth 2^-24, a half's smallest denormal, so the sum
    // rounds right.
    const float sum = std::bit_cast<float>(magnitude) + 0.5F;
    half = std::bit_cast<std::uint32_t>(sum) - 0x3f000000U;
  } else {
    half = (magnitude - 0x38000000U + 0xfffU + ((magnitude >> 13) & 1U)) >> 13;
  }
  return static_cast<std::uint16_t>(sign | half);
}

RECAST_INLINE float bf16_to_f32(std::uint16_t brain) noexcept {
  std::uint32_t bits = static_cast<std::uint32_t>(brain) << 16;
  if ((bits & 0x7fffffffU) > 0x7f800000U) bits |= 0x400000U;
  return std::bit_cast<float>(bits);
}

RECAST_INLINE std::uint16_t f32_to_bf16(float value) noexcept {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffU) > 0x7f800000U) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

/// Towards zero, with the last bit set if anything was lost: rounding the result to a type with at
/// least two bits less is then the same as rounding `value` itself.
RECAST_INLINE float f64_to_f32_odd(double value) noexcept {
  const float nearest = static_cast<float>(value);
  const double back = static_cast<double>(nearest);
  if (value != value || back == value) return nearest;
  std::uint32_t bits = std::bit_cast<std::uint32_t>(nearest);
  const double above = back < 0 ? -back : back;
  const double magnitude = value < 0 ? -value : value;
  if (above > magnitude) bits -= 1;
  return std::bit_cast<float>(bits | 1U);
}

// Element types as the casts see them: raw bits, so that no NaN is touched by a move.
struct F16 {
  std::uint16_t bits;
};
struct BF16 {
  std::uint16_t bits;
};

RECAST_INLINE bool is_infinite(F16 v) noexcept {
  return (v.bits & 0x7fffU) == 0x7c00U;
}
RECAST_INLINE bool is_infinite(BF16 v) noexcept {
  return (v.bits & 0x7fffU) == 0x7f80U;
}
RECAST_INLINE bool is_infinite(float v) noexcept {
  return (std::bit_cast<std::uint32_t>(v) & 0x7fffffffU) == 0x7f800000U;
}
RECAST_INLINE bool is_infinite(double v) noexcept {
  return (std::bit_cast<std::uint64_t>(v) & 0x7fffffffffffffffU) == 0x7ff0000000000000U;
}

template <class From, class To>
struct Cast;
// clang-format off
template <> struct Cast<F16, BF16>    { static RECAST_INLINE BF16 of(F16 v) noexcept { return {f32_to_bf16(f16_to_f32(v.bits))}; } };
template <> struct Cast<F16, float>   { static RECAST_INLINE float of(F16 v) noexcept { return f16_to_f32(v.bits); } };
template <> struct Cast<F16, double>  { static RECAST_INLINE double of(F16 v) noexcept { return static_cast<double>(f16_to_f32(v.bits)); } };
template <> struct Cast<BF16, F16>    { static RECAST_INLINE F16 of(BF16 v) noexcept { return {f32_to_f16(bf16_to_f32(v.bits))}; } };
template <> struct Cast<BF16, float>  { static RECAST_INLINE float of(BF16 v) noexcept { return bf16_to_f32(v.bits); } };
template <> struct Cast<BF16, double> { static RECAST_INLINE double of(BF16 v) noexcept { return static_cast<double>(bf16_to_f32(v.bits)); } };
template <> struct Cast<float, F16>   { static RECAST_INLINE F16 of(float v) noexcept { return {f32_to_f16(v)}; } };
template <> struct Cast<float, BF16>  { static RECAST_INLINE BF16 of(float v) noexcept { return {f32_to_bf16(v)}; } };
template <> struct Cast<float, double>{ static RECAST_INLINE double of(float v) noexcept { return static_cast<double>(v); } };
template <> struct Cast<double, F16>  { static RECAST_INLINE F16 of(double v) noexcept { return {f32_to_f16(f64_to_f32_odd(v))}; } };
template <> struct Cast<double, BF16> { static RECAST_INLINE BF16 of(double v) noexcept { return {f32_to_bf16(f64_to_f32_odd(v))}; } };
template <> struct Cast<double, float>{ static RECAST_INLINE float of(double v) noexcept { return static_cast<float>(v); } };
// clang-format on

/// Casts elements [begin, count) one by one; the tail of every vector loop and the whole of the
/// baseline.
template <class From, class To>
RECAST_INLINE std::uint64_t cast_elements(std::byte* dst, const std::byte* src, std::size_t begin,
                                          std::size_t count) noexcept {
  std::uint64_t overflows = 0;
  for (std::size_t i = begin; i < count; ++i) {
    From from;
    std::memcpy(&from, src + i * sizeof(From), sizeof(From));
    const To to = Cast<From, To>::of(from);
    overflows += static_cast<std::uint64_t>(is_infinite(to) && !is_infinite(from));
    std::memcpy(dst + i * sizeof(To), &to, sizeof(To));
  }
  return overflows;
}

#undef RECAST_INLINE

}  // namespace recast::exec
