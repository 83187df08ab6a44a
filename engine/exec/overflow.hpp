#pragma once
// Finite values that a cast made infinite: how many, and the first of them whatever order the tiles
// came in.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "engine/exec/tile.hpp"

namespace recast::exec {

class OverflowLog {
 public:
  /// Takes in that moving `piece` made `count` values infinite; `memory` still holds what was read.
  /// Thread-safe.
  void add(const Work& work, const Tile& tile, const TilePiece& piece, const std::byte* memory,
           std::uint64_t count);

  std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

  /// plan.overflow, which names the first by the plan's order of copies, then by index.
  /// Precondition: count() > 0.
  Diagnostic explain(const plan::Plan& plan) const;

 private:
  struct Place {
    StepIndex copy = 0;
    std::vector<std::int64_t> index;
    auto operator<=>(const Place&) const = default;
  };

  std::atomic<std::uint64_t> count_{0};
  std::mutex mutex_;
  bool found_ = false;
  Place first_;
  std::array<std::byte, 8> value_{};  // in the source's type
};

}  // namespace recast::exec
