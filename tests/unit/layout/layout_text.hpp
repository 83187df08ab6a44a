#pragma once
// Small layouts by hand: axis n is `axis(n)`.

#include <string>
#include <vector>

#include "engine/layout/layout.hpp"

namespace recast::layout {

inline Item axis(AxisId id) {
  return {Item::Kind::Axis, id, {}, {}};
}
inline Item unit() {
  return {};
}
inline Item group(std::vector<Item> items) {
  return {Item::Kind::Group, 0, std::move(items), {}};
}
inline Item sum(std::vector<Part> parts) {
  return {Item::Kind::Sum, 0, {}, std::move(parts)};
}

/// (group [q: rep dim | k: dim | v: dim]) hidden with group 2, rep 3, dim 4, hidden 5: axes 0 to 3,
/// labels 0 to 2.
inline Layout fused() {
  return {
      kNoLabel,
      {group({axis(0), sum({{0, {axis(1), axis(2)}}, {1, {axis(2)}}, {2, {axis(2)}}})}), axis(3)}};
}
inline Ranges fused_ranges() {
  return {{0, 2}, {0, 3}, {0, 4}, {0, 5}};
}

}  // namespace recast::layout
