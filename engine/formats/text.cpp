#include "engine/formats/text.hpp"

#include "engine/base/utf8.hpp"

namespace recast::formats {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

bool is_surrogate_at(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 3) return false;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  return text[at] == '\xED' && second >= 0xA0 && second <= 0xBF && is_continuation(text[at + 2]);
}

}  // namespace

bool is_utf8(std::string_view text, Surrogates surrogates) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const CodePoint point = code_point_at(text, at);
    if (point.valid) {
      at += point.nbytes;
    } else if (surrogates == Surrogates::Allowed && is_surrogate_at(text, at)) {
      at += 3;
    } else {
      return false;
    }
  }
  return true;
}

std::string shown(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (out.size() >= limit) return out + "…";
    const CodePoint point = code_point_at(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (!point.valid || byte < 0x20 || byte == 0x7F) {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15U]};
      ++at;
    } else {
      out += text.substr(at, point.nbytes);
      at += point.nbytes;
    }
  }
  return out;
}

}  // namespace recast::formats
