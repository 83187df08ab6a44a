#pragma once
// Compares the two sides of a piece after both were read: counts, and the first difference in the
// order of the logical index space. Shared by the check of replicas and by verify.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/exec/tile.hpp"

namespace recast::exec {

/// When two elements count as equal. Bitwise: same type and same bits. Else |left - right| <=
/// absolute + relative · |right| in double precision, NaN equals NaN and an infinity itself; types
/// that do not cast are compared bitwise all the same.
struct Equality {
  bool bitwise = true;
  double absolute = 0;
  double relative = 0;
};

/// The first difference found so far, by logical index, then by the plan's order of copies.
struct FirstDifference {
  std::vector<std::int64_t> index;
  StepIndex copy = 0;
  std::array<std::byte, 16> left{};  // the elements' bytes
  std::array<std::byte, 16> right{};
};

/// What is known about some pieces; gathers what several threads find.
class Differences {
 public:
  /// `tile` was laid out with right_is_written off and its windows are in `memory`. Thread-safe.
  void add(const Work& work, const Tile& tile, const TilePiece& piece, const std::byte* memory,
           const Equality& equality);

  std::uint64_t elements() const noexcept { return elements_; }
  std::uint64_t differing() const noexcept { return differing_; }
  /// The largest |left - right| among elements that differ, where the types cast and neither is a
  /// NaN.
  double max_absolute() const noexcept { return max_absolute_; }
  const std::optional<FirstDifference>& first() const noexcept { return first_; }

 private:
  std::mutex mutex_;
  std::uint64_t elements_ = 0;
  std::uint64_t differing_ = 0;
  double max_absolute_ = 0;
  std::optional<FirstDifference> first_;
};

}  // namespace recast::exec
