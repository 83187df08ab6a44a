#pragma once
// Transposes by register blocks of 8×8 (16×16 bytes for bytes). Internal to the kernel sources:
// everything lies in an anonymous namespace on purpose, so that each CPU's file gets its own code.

#include <cstddef>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace recast::exec {
namespace {

template <class Word, std::size_t kSide>
inline void transpose_plain(std::byte* dst, std::ptrdiff_t dst_stride, const std::byte* src,
                            std::ptrdiff_t src_stride, std::size_t rows,
                            std::size_t columns) noexcept {
  for (std::size_t i = 0; i < rows; ++i) {
    std::byte* out = dst + static_cast<std::ptrdiff_t>(i) * dst_stride;
    const std::byte* in = src + i * sizeof(Word);
    for (std::size_t j = 0; j < columns; ++j) {
      std::memcpy(out + j * sizeof(Word), in, sizeof(Word));
      in += src_stride;
    }
  }
}

#if defined(__SSE2__)

inline __m128i load8(const std::byte* at) noexcept {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at));
}
inline __m128i load16(const std::byte* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
inline void store16(std::byte* at, __m128i value) noexcept {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(at), value);
}
inline void store8(std::byte* at, __m128i value) noexcept {
  _mm_storel_epi64(reinterpret_cast<__m128i*>(at), value);
}
inline void store8_high(std::byte* at, __m128i value) noexcept {
  _mm_storeh_pd(reinterpret_cast<double*>(at), _mm_castsi128_pd(value));
}

struct Block1 {
  using Word = std::uint8_t;
  static constexpr std::size_t kSide = 8;
  static void full(std::byte* dst, std::ptrdiff_t ds, const std::byte* src,
                   std::ptrdiff_t ss) noexcept {
    const __m128i a = _mm_unpacklo_epi8(load8(src), load8(src + ss));
    const __m128i b = _mm_unpacklo_epi8(load8(src + 2 * ss), load8(src + 3 * ss));
    const __m128i c = _mm_unpacklo_epi8(load8(src + 4 * ss), load8(src + 5 * ss));
    const __m128i d = _mm_unpacklo_epi8(load8(src + 6 * ss), load8(src + 7 * ss));
    const __m128i ab0 = _mm_unpacklo_epi16(a, b), ab1 = _mm_unpackhi_epi16(a, b);
    const __m128i cd0 = _mm_unpacklo_epi16(c, d), cd1 = _mm_unpackhi_epi16(c, d);
    const __m128i r01 = _mm_unpacklo_epi32(ab0, cd0), r23 = _mm_unpackhi_epi32(ab0, cd0);
    const __m128i r45 = _mm_unpacklo_epi32(ab1, cd1), r67 = _mm_unpackhi_epi32(ab1, cd1);
    store8(dst, r01), store8_high(dst + ds, r01);
    store8(dst + 2 * ds, r23), store8_high(dst + 3 * ds, r23);
    store8(dst + 4 * ds, r45), store8_high(dst + 5 * ds, r45);
    store8(dst + 6 * ds, r67), store8_high(dst + 7 * ds, r67);
  }
};

struct Block2 {
  using Word = std::uint16_t;
  static constexpr std::size_t kSide = 8;
  static void full(std::byte* dst, std::ptrdiff_t ds, const std::byte* src,
                   std::ptrdiff_t ss) noexcept {
    const __m128i r0 = load16(src), r1 = load16(src + ss), r2 = load16(src + 2 * ss);
    const __m128i r3 = load16(src + 3 * ss), r4 = load16(src + 4 * ss), r5 = load16(src + 5 * ss);
    const __m128i r6 = load16(src + 6 * ss), r7 = load16(src + 7 * ss);
    const __m128i a0 = _mm_unpacklo_epi16(r0, r1), a1 = _mm_unpackhi_epi16(r0, r1);
    const __m128i b0 = _mm_unpacklo_epi16(r2, r3), b1 = _mm_unpackhi_epi16(r2, r3);
    const __m128i c0 = _mm_unpacklo_epi16(r4, r5), c1 = _mm_unpackhi_epi16(r4, r5);
    const __m128i d0 = _mm_unpacklo_epi16(r6, r7), d1 = _mm_unpackhi_epi16(r6, r7);
    const __m128i e0 = _mm_unpacklo_epi32(a0, b0), e1 = _mm_unpackhi_epi32(a0, b0);
    const __m128i e2 = _mm_unpacklo_epi32(a1, b1), e3 = _mm_unpackhi_epi32(a1, b1);
    const __m128i f0 = _mm_unpacklo_epi32(c0, d0), f1 = _mm_unpackhi_epi32(c0, d0);
    const __m128i f2 = _mm_unpacklo_epi32(c1, d1), f3 = _mm_unpackhi_epi32(c1, d1);
    store16(dst, _mm_unpacklo_epi64(e0, f0)), store16(dst + ds, _mm_unpackhi_epi64(e0, f0));
    store16(dst + 2 * ds, _mm_unpacklo_epi64(e1, f1));
    store16(dst + 3 * ds, _mm_unpackhi_epi64(e1, f1));
    store16(dst + 4 * ds, _mm_unpacklo_epi64(e2, f2));
    store16(dst + 5 * ds, _mm_unpackhi_epi64(e2, f2));
    store16(dst + 6 * ds, _mm_unpacklo_epi64(e3, f3));
    store16(dst + 7 * ds, _mm_unpackhi_epi64(e3, f3));
  }
};

struct Block4 {
  using Word = std::uint32_t;
  static constexpr std::size_t kSide = 4;
  static void full(std::byte* dst, std::ptrdiff_t ds, const std::byte* src,
                   std::ptrdiff_t ss) noexcept {
    const __m128i r0 = load16(src), r1 = load16(src + ss), r2 = load16(src + 2 * ss);
    const __m128i r3 = load16(src + 3 * ss);
    const __m128i a0 = _mm_unpacklo_epi32(r0, r1), a1 = _mm_unpackhi_epi32(r0, r1);
    const __m128i b0 = _mm_unpacklo_epi32(r2, r3), b1 = _mm_unpackhi_epi32(r2, r3);
    store16(dst, _mm_unpacklo_epi64(a0, b0)), store16(dst + ds, _mm_unpackhi_epi64(a0, b0));
    store16(dst + 2 * ds, _mm_unpacklo_epi64(a1, b1));
    store16(dst + 3 * ds, _mm_unpackhi_epi64(a1, b1));
  }
};

struct Block8 {
  using Word = std::uint64_t;
  static constexpr std::size_t kSide = 2;
  static void full(std::byte* dst, std::ptrdiff_t ds, const std::byte* src,
                   std::ptrdiff_t ss) noexcept {
    const __m128i r0 = load16(src), r1 = load16(src + ss);
    store16(dst, _mm_unpacklo_epi64(r0, r1)), store16(dst + ds, _mm_unpackhi_epi64(r0, r1));
  }
};

#else

template <class W>
struct PlainBlock {
  using Word = W;
  static constexpr std::size_t kSide = 8;
  static void full(std::byte* dst, std::ptrdiff_t ds, const std::byte* src,
                   std::ptrdiff_t ss) noexcept {
    transpose_plain<Word, kSide>(dst, ds, src, ss, kSide, kSide);
  }
};
using Block1 = PlainBlock<std::uint8_t>;
using Block2 = PlainBlock<std::uint16_t>;
using Block4 = PlainBlock<std::uint32_t>;
using Block8 = PlainBlock<std::uint64_t>;

#endif

/// Walks square cells of one cache line's worth of elements, so that each line of both sides is
/// finished while it is in the first-level cache.
template <class Block>
void transpose_blocks(std::byte* dst, std::ptrdiff_t dst_stride, const std::byte* src,
                      std::ptrdiff_t src_stride, std::size_t rows, std::size_t columns) noexcept {
  using Word = typename Block::Word;
  constexpr std::size_t kSide = Block::kSide;
  constexpr std::size_t kCell = 64 / sizeof(Word);
  for (std::size_t i0 = 0; i0 < rows; i0 += kCell) {
    const std::size_t i1 = i0 + kCell < rows ? i0 + kCell : rows;
    for (std::size_t j0 = 0; j0 < columns; j0 += kCell) {
      const std::size_t j1 = j0 + kCell < columns ? j0 + kCell : columns;
      for (std::size_t i = i0; i < i1; i += kSide) {
        for (std::size_t j = j0; j < j1; j += kSide) {
          std::byte* out = dst + static_cast<std::ptrdiff_t>(i) * dst_stride + j * sizeof(Word);
          const std::byte* in =
              src + static_cast<std::ptrdiff_t>(j) * src_stride + i * sizeof(Word);
          if (i + kSide <= i1 && j + kSide <= j1) {
            Block::full(out, dst_stride, in, src_stride);
          } else {
            transpose_plain<Word, kSide>(out, dst_stride, in, src_stride,
                                         i1 - i < kSide ? i1 - i : kSide,
                                         j1 - j < kSide ? j1 - j : kSide);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace recast::exec
