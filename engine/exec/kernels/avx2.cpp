// Casts for CPUs with AVX2 and F16C; compiled with -mavx2 -mf16c and reached only through the
// table.

#include "engine/exec/kernels/kernels.hpp"

#if defined(__AVX2__) && defined(__F16C__)

#include <immintrin.h>

#include "engine/exec/kernels/scalar_cast.hpp"
#include "engine/exec/kernels/transpose_blocks.hpp"

namespace recast::exec {
namespace {

constexpr std::size_t kLanes = 8;

// ---- eight values in a register, from and to memory

template <class T>
struct Lanes;

template <>
struct Lanes<F16> {
  static __m256 load(const std::byte* at) noexcept {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  }
  /// True if a lane is infinite: the caller then counts element by element.
  static bool store(std::byte* at, __m256 value) noexcept {
    const __m128i half = _mm256_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(at), half);
    const __m128i magnitude = _mm_and_si128(half, _mm_set1_epi16(0x7fff));
    return _mm_movemask_epi8(_mm_cmpeq_epi16(magnitude, _mm_set1_epi16(0x7c00))) != 0;
  }
};

template <>
struct Lanes<BF16> {
  static __m256 load(const std::byte* at) noexcept {
    const __m128i brain = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m256i bits = _mm256_slli_epi32(_mm256_cvtepu16_epi32(brain), 16);
    const __m256i magnitude = _mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff));
    const __m256i is_nan = _mm256_cmpgt_epi32(magnitude, _mm256_set1_epi32(0x7f800000));
    const __m256i quiet = _mm256_and_si256(is_nan, _mm256_set1_epi32(0x400000));
    return _mm256_castsi256_ps(_mm256_or_si256(bits, quiet));
  }
  static bool store(std::byte* at, __m256 value) noexcept {
    const __m256i bits = _mm256_castps_si256(value);
    const __m256i magnitude = _mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff));
    const __m256i is_nan = _mm256_cmpgt_epi32(magnitude, _mm256_set1_epi32(0x7f800000));
    const __m256i last = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i rounded =
        _mm256_add_epi32(bits, _mm256_add_epi32(last, _mm256_set1_epi32(0x7fff)));
    const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
    const __m256i words = _mm256_srli_epi32(_mm256_blendv_epi8(rounded, quiet, is_nan), 16);
    const __m256i packed = _mm256_packus_epi32(words, words);
    const __m128i brain =
        _mm256_castsi256_si128(_mm256_permute4x64_epi64(packed, _MM_SHUFFLE(3, 1, 2, 0)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(at), brain);
    const __m128i out = _mm_and_si128(brain, _mm_set1_epi16(0x7fff));
    return _mm_movemask_epi8(_mm_cmpeq_epi16(out, _mm_set1_epi16(0x7f80))) != 0;
  }
};

template <>
struct Lanes<float> {
  static __m256 load(const std::byte* at) noexcept {
    return _mm256_loadu_ps(reinterpret_cast<const float*>(at));
  }
  static bool store(std::byte* at, __m256 value) noexcept {
    _mm256_storeu_ps(reinterpret_cast<float*>(at), value);
    const __m256i magnitude =
        _mm256_and_si256(_mm256_castps_si256(value), _mm256_set1_epi32(0x7fffffff));
    return _mm256_movemask_epi8(_mm256_cmpeq_epi32(magnitude, _mm256_set1_epi32(0x7f800000))) != 0;
  }
};

/// f64_to_f32_odd for four lanes.
__m128 to_odd(__m256d value) noexcept {
  const __m128 nearest = _mm256_cvtpd_ps(value);
  const __m256d back = _mm256_cvtps_pd(nearest);
  const __m256d sign = _mm256_set1_pd(-0.0);
  // Ordered comparisons: a NaN is neither inexact nor above.
  const __m256d inexact = _mm256_cmp_pd(back, value, _CMP_NEQ_OQ);
  const __m256d above =
      _mm256_cmp_pd(_mm256_andnot_pd(sign, back), _mm256_andnot_pd(sign, value), _CMP_GT_OQ);
  const __m256i gather = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
  const __m128i inexact4 =
      _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(_mm256_castpd_si256(inexact), gather));
  const __m128i above4 =
      _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(_mm256_castpd_si256(above), gather));
  const __m128i bits = _mm_add_epi32(_mm_castps_si128(nearest), above4);  // mask is -1
  return _mm_castsi128_ps(_mm_or_si128(bits, _mm_and_si128(inexact4, _mm_set1_epi32(1))));
}

__m256d load_f64(const std::byte* at) noexcept {
  return _mm256_loadu_pd(reinterpret_cast<const double*>(at));
}

// ---- rows

template <class From, class To>
std::uint64_t cast_row(std::byte* dst, const std::byte* src, std::size_t count) noexcept {
  std::uint64_t overflows = 0;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m256 value = Lanes<From>::load(src + i * sizeof(From));
    if (Lanes<To>::store(dst + i * sizeof(To), value)) [[unlikely]] {
      overflows += cast_elements<From, To>(dst, src, i, i + kLanes);
    }
  }
  return overflows + cast_elements<From, To>(dst, src, i, count);
}

template <class To>
std::uint64_t cast_row_from_f64(std::byte* dst, const std::byte* src, std::size_t count) noexcept {
  std::uint64_t overflows = 0;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const std::byte* at = src + i * sizeof(double);
    __m128 low, high;
    if constexpr (sizeof(To) == sizeof(float)) {
      low = _mm256_cvtpd_ps(load_f64(at)), high = _mm256_cvtpd_ps(load_f64(at + 32));
    } else {
      low = to_odd(load_f64(at)), high = to_odd(load_f64(at + 32));
    }
    if (Lanes<To>::store(dst + i * sizeof(To), _mm256_set_m128(high, low))) [[unlikely]] {
      overflows += cast_elements<double, To>(dst, src, i, i + kLanes);
    }
  }
  return overflows + cast_elements<double, To>(dst, src, i, count);
}

template <class From>
std::uint64_t cast_row_to_f64(std::byte* dst, const std::byte* src, std::size_t count) noexcept {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const __m256 value = Lanes<From>::load(src + i * sizeof(From));
    auto* out = reinterpret_cast<double*>(dst + i * sizeof(double));
    _mm256_storeu_pd(out, _mm256_cvtps_pd(_mm256_castps256_ps128(value)));
    _mm256_storeu_pd(out + 4, _mm256_cvtps_pd(_mm256_extractf128_ps(value, 1)));
  }
  return cast_elements<From, double>(dst, src, i, count);
}

}  // namespace

// clang-format off
const KernelTable kAvx2Kernels{
    "avx2",
    {{nullptr, cast_row<F16, BF16>, cast_row<F16, float>, cast_row_to_f64<F16>},
     {cast_row<BF16, F16>, nullptr, cast_row<BF16, float>, cast_row_to_f64<BF16>},
     {cast_row<float, F16>, cast_row<float, BF16>, nullptr, cast_row_to_f64<float>},
     {cast_row_from_f64<F16>, cast_row_from_f64<BF16>, cast_row_from_f64<float>, nullptr}},
    {transpose_blocks<Block1>, transpose_blocks<Block2>, transpose_blocks<Block4>, transpose_blocks<Block8>}};
// clang-format on

}  // namespace recast::exec

#else

namespace recast::exec {
// Another architecture: never chosen, see usable_kernel_tables().
const KernelTable kAvx2Kernels = kBaselineKernels;
}  // namespace recast::exec

#endif
