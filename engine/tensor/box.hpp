#pragma once
// A box: an offset and an extent per axis. The axes are those of one logical tensor, in its order.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace recast::tensor {

inline constexpr std::size_t kMaxRank = 8;

/// Fixed storage: plans hold hundreds of thousands of boxes.
struct Box {
  std::uint8_t rank = 0;
  std::array<std::int64_t, kMaxRank> start{};
  std::array<std::int64_t, kMaxRank> extent{};

  bool operator==(const Box& other) const noexcept;
};

/// How many elements; 1 for rank 0. A product that does not fit is the largest number.
std::int64_t volume(const Box& box) noexcept;
/// The common part; nullopt when empty. Ranks must agree.
std::optional<Box> intersect(const Box& a, const Box& b) noexcept;
/// `a` without `b`, as disjoint boxes (at most 2 · rank), in a fixed order.
std::vector<Box> subtract(const Box& a, const Box& b);
/// Whether every element of `inner` is one of `outer`; an empty box is in every box. Ranks must
/// agree.
bool contains(const Box& outer, const Box& inner) noexcept;

}  // namespace recast::tensor
