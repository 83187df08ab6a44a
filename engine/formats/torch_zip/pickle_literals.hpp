#pragma once
// Literals of pickle: text forms of protocol 0 and two's complement integers.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recast::formats::pickle {

/// An integer of any size as minimal little-endian two's complement; 0 is empty.
using IntegerBytes = std::string;

/// Drops bytes that only repeat the sign.
std::string_view minimal_integer(std::string_view twos_complement) noexcept;
/// The value if it fits 64 bits. `bytes` is minimal.
std::optional<std::int64_t> small_integer(std::string_view bytes) noexcept;
/// Minimal bytes of a decimal with optional sign; nullopt if it is none or has more than
/// `max_digits` digits.
std::optional<IntegerBytes> integer_of_decimal(std::string_view decimal, std::size_t max_digits);

/// A Python float as `repr` prints it, inf and nan included.
std::optional<double> float_of_repr(std::string_view text) noexcept;
/// UNICODE: Latin-1 bytes with \uXXXX and \UXXXXXXXX escapes; the result is UTF-8 (surrogates as
/// three bytes).
std::optional<std::string> unescape_unicode(std::string_view text);
/// STRING: a quoted Python 2 string with its escapes; the result is bytes.
std::optional<std::string> unescape_string(std::string_view quoted);

/// One code point as UTF-8; surrogates as three bytes.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace recast::formats::pickle
