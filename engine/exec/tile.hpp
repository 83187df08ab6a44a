#pragma once
// A tile: pieces that are moved together, the windows of both sides that are read and written for
// them, and where everything lies in one worker's memory.

#include <cstdint>
#include <vector>

#include "engine/exec/footprint.hpp"
#include "engine/exec/work.hpp"

namespace recast::exec {

/// Bytes of one file that are read or written together, and their place in the worker's memory.
struct Window {
  Footprint bytes;
  Packing packing;
  std::int64_t place = 0;  // byte offset in the worker's memory
  bool shares = false;  // lies inside a window of the other side: nothing is moved between the two
};

struct TilePiece {
  Piece piece;
  std::uint32_t read = 0;   // index into Tile::reads; unused by fills
  std::uint32_t write = 0;  // index into Tile::writes
  bool in_place = false;    // its bytes need no move
};

struct Tile {
  std::vector<TilePiece> pieces;
  std::vector<Window> reads;
  std::vector<Window> writes;
  std::int64_t staging_nbytes = 0;
  std::int64_t call_count = 0;      // positioned reads and writes
  std::int64_t payload_nbytes = 0;  // read and written
};

struct TileRules {
  bool in_place = true;          // windows that hold the same bytes share their memory
  bool right_is_written = true;  // else it is read, and its windows may have gaps too
};

/// Finds the windows. `pieces` of one call must not overlap on the right side. Reuses the memory of
/// `out`.
void lay_out(const Work& work, const std::vector<Piece>& pieces, const TileRules& rules, Tile& out);

/// Strides of a piece in memory, in bytes, and the place of its first element; parallel to the axes
/// of its box.
struct Placement {
  std::int64_t place = 0;
  std::array<std::int64_t, tensor::kMaxRank> stride{};
};
Placement left_placement(const Work& work, const Tile& tile, const TilePiece& piece) noexcept;
Placement right_placement(const Work& work, const Tile& tile, const TilePiece& piece) noexcept;

}  // namespace recast::exec
