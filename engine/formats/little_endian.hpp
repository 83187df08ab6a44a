#pragma once
// Numbers in files: little-endian, at any alignment.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace recast::formats {

static_assert(std::endian::native == std::endian::little, "numbers are moved as they lie");

/// The number at byte `at`; the caller has checked that it lies inside `bytes`.
template <class Number>
Number load_le(std::span<const std::byte> bytes, std::size_t at) noexcept {
  Number out{};
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

template <class Number>
Number load_le(std::string_view bytes, std::size_t at) noexcept {
  Number out{};
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

template <class Number>
void append_le(std::string& out, Number value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace recast::formats
