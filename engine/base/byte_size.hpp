#pragma once
// Sizes in bytes as people write them: 5GB (decimal), 256MiB (binary), 1000000.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recast {

/// Digits with an optional fraction and one of KB MB GB TB, KiB MiB GiB TiB, B or nothing; letters
/// of either case. nullopt for anything else, and for sizes beyond 2^63.
std::optional<std::uint64_t> parse_byte_size(std::string_view text);

/// The other way, for people: three significant digits and a decimal unit ("16.1 GB").
std::string print_byte_size(std::uint64_t nbytes);

}  // namespace recast
