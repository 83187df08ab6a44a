#pragma once
// One code point at a time out of bytes that may not be UTF-8.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace recast {

struct CodePoint {
  char32_t value = 0;      // U+FFFD where the bytes are not UTF-8
  std::size_t nbytes = 1;  // how many bytes it takes in the text; 1 for a byte that is not UTF-8
  bool valid = false;
};

/// The code point that starts at byte `at`, which must be inside the text. Overlong forms,
/// surrogates and values over U+10FFFF are not UTF-8.
inline CodePoint code_point_at(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t nbytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const CodePoint invalid{0xFFFD, 1, false};
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < nbytes) return invalid;
  char32_t value = lead & (0x7FU >> nbytes);
  for (std::size_t i = 1; i < nbytes; ++i) {
    const unsigned next = byte(at + i);
    if ((next & 0xC0U) != 0x80U) return invalid;
    value = (value << 6) | (next & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kSmallest[nbytes] || surrogate || value > 0x10FFFF) return invalid;
  return {value, nbytes, true};
}

/// True for the second and later bytes of a code point.
inline bool is_continuation(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace recast
