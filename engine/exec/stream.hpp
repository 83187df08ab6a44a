#pragma once
// Tiles on worker threads under one memory budget: what a run and a comparison have in common.

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "engine/exec/feed.hpp"

namespace recast::exec {

/// The least memory that one worker can do with.
inline constexpr std::uint64_t kLeastWorkerNbytes = 1ULL << 20;

/// Called once per tile, by several threads at once; `memory` holds tile.staging_nbytes bytes,
/// aligned to 64, and is the worker's alone during the call.
using TileBody = std::function<Result<void>(const Tile& tile, std::byte* memory)>;

/// How many workers share the memory, and how they cut the work; `tiles.most_nbytes` is what each
/// of them has.
struct StreamLimits {
  std::size_t workers = 1;
  TileLimits tiles;
};
/// As many workers as are wanted and the memory allows. Errors: plan.memory-too-small.
Result<StreamLimits> limits_of(const Options& options);

/// Runs `body` on all tiles of `work`. The first error stops the others and is returned. Returns
/// the most bytes of memory that all workers together used at their peaks. Errors: of `body`,
/// plan.cancelled.
Result<std::uint64_t> for_each_tile(const Work& work, const TileRules& rules,
                                    const StreamLimits& limits, const std::atomic<bool>* cancel,
                                    const TileBody& body);

/// Fills the memory of the windows that `files` can fill: one positioned read per run. Returns the
/// bytes read.
Result<std::uint64_t> read_windows(const std::vector<Window>& windows,
                                   const std::vector<const io::RandomAccessFile*>& files,
                                   std::byte* memory);

/// Counts bytes and tells a sink, at most a few times per second. Thread-safe.
class Meter {
 public:
  Meter(std::uint64_t total, const ProgressSink& sink);
  void add(std::uint64_t nbytes);
  /// The last word: everything is done.
  void finish();

 private:
  const std::uint64_t total_;
  const ProgressSink& sink_;
  std::atomic<std::uint64_t> done_{0};
  std::mutex telling_;
  std::chrono::steady_clock::time_point told_;
};

/// Bytes of all boxes on the right side.
std::uint64_t right_nbytes(const Work& work) noexcept;

}  // namespace recast::exec
