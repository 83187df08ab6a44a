#pragma once
// A tile: pieces that are moved together, the windows of both sides that are read and written for
// them, and where everything lies in one worker's memory.

#include <cstdint>
#include <vector>

#include "engine/exec/windows.hpp"
#include "engine/exec/work.hpp"

namespace recast::exec {

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
  std::int64_t payload_nbytes = 0;  // of the pieces, both sides
  std::int64_t cost_nbytes = 0;     // read and written, and what the calls cost in bytes
};

struct TileRules {
  bool in_place = true;          // windows that hold the same bytes share their memory
  bool right_is_written = true;  // else it is read, and its windows may have gaps too
  bool may_read_gaps =
      true;  // off for parts of a component: what lies between them is another tile's
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
