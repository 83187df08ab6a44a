#include "engine/formats/torch_zip/pickle_literals.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace recast::formats::pickle {
namespace {

/// A number of exactly `count` hexadecimal digits at the front of `text`.
std::optional<std::uint32_t> hex_digits(std::string_view text, std::size_t count) noexcept {
  if (text.size() < count) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value, 16);
  if (error != std::errc{} || end != text.data() + count) return std::nullopt;
  return value;
}

bool is_octal(char c) noexcept {
  return c >= '0' && c <= '7';
}

}  // namespace

std::string_view minimal_integer(std::string_view twos_complement) noexcept {
  std::string_view out = twos_complement;
  while (!out.empty()) {
    const bool next_negative = out.size() > 1 && (out[out.size() - 2] & 0x80) != 0;
    if (out.back() != (next_negative ? '\xFF' : '\0')) break;
    out.remove_suffix(1);
  }
  return out;
}

std::optional<std::int64_t> small_integer(std::string_view bytes) noexcept {
  if (bytes.size() > 8) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const bool negative = !bytes.empty() && (bytes.back() & 0x80) != 0;
    const auto byte =
        i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : (negative ? 0xFFU : 0U);
    value |= std::uint64_t{byte} << (8 * i);
  }
  return static_cast<std::int64_t>(value);
}

std::optional<IntegerBytes> integer_of_decimal(std::string_view decimal, std::size_t max_digits) {
  const bool negative = !decimal.empty() && decimal.front() == '-';
  if (negative || (!decimal.empty() && decimal.front() == '+')) decimal.remove_prefix(1);
  if (decimal.empty() || decimal.size() > max_digits) return std::nullopt;
  std::vector<std::uint32_t> limbs;
  for (const char c : decimal) {
    if (c < '0' || c > '9') return std::nullopt;
    auto carry = static_cast<std::uint64_t>(c - '0');
    for (std::uint32_t& limb : limbs) {
      carry += std::uint64_t{limb} * 10;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
  }
  limbs.push_back(0);  // room for the sign
  if (negative) {
    std::uint64_t carry = 1;
    for (std::uint32_t& limb : limbs) {
      carry += static_cast<std::uint32_t>(~limb);
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  std::string bytes;
  for (const std::uint32_t limb : limbs)
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(limb >> shift);
  bytes.resize(minimal_integer(bytes).size());
  return bytes;
}

std::optional<double> float_of_repr(std::string_view text) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0U | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0U | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::optional<std::string> unescape_unicode(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool escape =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == 'u' || text[at + 1] == 'U');
    if (!escape) {
      append_utf8(out, static_cast<unsigned char>(text[at++]));
      continue;
    }
    const std::size_t digits = text[at + 1] == 'u' ? 4 : 8;
    const auto value = hex_digits(text.substr(at + 2), digits);
    if (!value || *value > 0x10FFFF) return std::nullopt;
    append_utf8(out, *value);
    at += 2 + digits;
  }
  return out;
}

std::optional<std::string> unescape_string(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != quoted.back() ||
      (quoted.front() != '\'' && quoted.front() != '"'))
    return std::nullopt;
  const std::string_view text = quoted.substr(1, quoted.size() - 2);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    if (at + 1 == text.size()) return std::nullopt;
    const char kind = text[at + 1];
    at += 2;
    static constexpr std::string_view kLetters = "\\'\"abfnrtv";
    static constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
    if (const std::size_t i = kLetters.find(kind); i != std::string_view::npos) {
      out += kMeanings[i];
    } else if (kind == 'x') {
      const auto value = hex_digits(text.substr(at), 2);
      if (!value) return std::nullopt;
      out += static_cast<char>(*value);
      at += 2;
    } else if (is_octal(kind)) {
      auto value = static_cast<unsigned>(kind - '0');
      for (int digits = 0; digits < 2 && at < text.size() && is_octal(text[at]); ++digits)
        value = value * 8 + static_cast<unsigned>(text[at++] - '0');
      out += static_cast<char>(value);
    } else {
      out += {'\\', kind};  // as Python: an unknown escape stays
    }
  }
  return out;
}

}  // namespace recast::formats::pickle
