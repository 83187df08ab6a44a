#pragma once
// Cuts the work into tiles, one at a time and on demand: nothing is kept per tile, so memory does
// not grow with the model.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/exec/components.hpp"
#include "engine/exec/tile.hpp"

namespace recast::exec {

/// How large tiles get, in bytes of a worker's memory.
struct TileLimits {
  std::int64_t most_nbytes = 0;       // hard: what one worker has
  std::int64_t preferred_nbytes = 0;  // tiles over this are cut while their calls stay long
  std::int64_t call_nbytes = 0;       // mean bytes per call below which a tile is rather left large
};

/// Where pieces may be cut: the range of an axis that they share by name, or of their list when no
/// axis is left.
struct CutLine {
  static constexpr std::uint16_t kList = 0xffff;
  std::uint16_t axis = kList;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Hands out tiles to several workers, roughly in the order of the left files. Which tiles there
/// are depends on the limits alone; the bytes that come of them depend on nothing.
class TileFeed {
 public:
  TileFeed(const Work& work, TileLimits limits, TileRules rules);

  /// The next tile; false when there is none or the feed was stopped. Thread-safe; may wait for
  /// another worker's cuts.
  bool next(Tile& tile);
  /// Makes every next() return false.
  void stop();

 private:
  // Pieces that wait to become one tile or several. With slices > 1 they are to be cut into that
  // many even parts, of which `next_slice` comes next; the pieces are then shared by all workers
  // who cut from them.
  struct Node {
    std::shared_ptr<const std::vector<Piece>> pieces;
    CutLine line;
    std::int64_t slices = 1;
    std::int64_t next_slice = 0;
    bool is_part = false;  // of components, not whole ones
  };

  bool take(Node& node);
  void refine(Node node, Tile& tile);
  std::vector<Piece> next_batch();

  const Work& work_;
  const TileLimits limits_;
  const TileRules rules_;
  const Components components_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Node> waiting_;  // a stack, so that tiles come in order
  std::size_t next_component_ = 0;
  int refining_ = 0;  // workers that may still give nodes
  bool stopped_ = false;
};

}  // namespace recast::exec
