#include "engine/base/byte_size.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace recast {
namespace {

struct Unit {
  std::string_view name;  // lower case
  double nbytes;
};
constexpr std::array<Unit, 10> kUnits{{{"", 1.0},
                                       {"b", 1.0},
                                       {"kb", 1e3},
                                       {"mb", 1e6},
                                       {"gb", 1e9},
                                       {"tb", 1e12},
                                       {"kib", 1024.0},
                                       {"mib", 1024.0 * 1024},
                                       {"gib", 1024.0 * 1024 * 1024},
                                       {"tib", 1024.0 * 1024 * 1024 * 1024}}};

}  // namespace

std::optional<std::uint64_t> parse_byte_size(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || number < 0) return std::nullopt;
  std::string unit;
  for (const char* c = end; c != text.data() + text.size(); ++c)
    if (*c != ' ') unit += static_cast<char>(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
  for (const Unit& known : kUnits) {
    if (known.name != unit) continue;
    const double nbytes = number * known.nbytes;
    if (!(nbytes < 9.2e18)) return std::nullopt;
    return static_cast<std::uint64_t>(std::llround(nbytes));
  }
  return std::nullopt;
}

std::string print_byte_size(std::uint64_t nbytes) {
  if (nbytes < 1000) return std::to_string(nbytes) + " B";
  static constexpr std::array<const char*, 6> kNames{"kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(nbytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kNames.size()) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  const int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  std::snprintf(text.data(), text.size(), "%.*f %s", digits, value, kNames[unit]);
  return text.data();
}

}  // namespace recast
