#pragma once
// Gives every window of a tile its place in memory, one place to two windows that hold the same
// bytes: what is contiguous on both sides is then read straight into what is written, or written
// straight from what was read.

#include "engine/exec/tile.hpp"

namespace recast::exec {

/// Fills in Window::place and shares, TilePiece::in_place and Tile::staging_nbytes. With `share`
/// off each window has its own place.
void assign_memory(const Work& work, bool share, Tile& tile);

}  // namespace recast::exec
