#pragma once
// Lists in messages.

#include <string>
#include <string_view>

#include "engine/base/diagnostic.hpp"

namespace recast {

/// What `spell` makes of each item (anything that cat() takes), with `separator` between them.
template <class Range, class Spell>
std::string joined(const Range& items, std::string_view separator, Spell spell) {
  std::string out;
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += separator;
    first = false;
    out += cat(spell(item));
  }
  return out;
}

template <class Range>
std::string joined(const Range& items, std::string_view separator = ", ") {
  return joined(items, separator, [](const auto& item) { return cat(item); });
}

}  // namespace recast
