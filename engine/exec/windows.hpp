#pragma once
// Joins the footprints of many pieces into the few windows that are read or written in one call
// each.

#include <cstdint>
#include <vector>

#include "engine/exec/footprint.hpp"

namespace recast::exec {

/// Bytes of one file that are read or written together, and their place in the worker's memory.
struct Window {
  Footprint bytes;
  Packing packing;
  std::int64_t place = 0;  // byte offset in the worker's memory
  bool shares = false;  // lies inside a window of the other side: nothing is moved between the two
};

/// A footprint and who it belongs to; owners are counted from 0.
struct OwnedFootprint {
  Footprint bytes;
  std::uint32_t owner = 0;
};

enum class Gaps : std::uint8_t {
  None,     // windows hold the footprints' bytes and no other
  Inside,   // and a footprint that lies within another's interval is part of that
  Between,  // and so are gaps that are shorter than what a call costs
};

struct JoinedWindows {
  std::vector<Window> windows;  // by file, then plain intervals first, then by address
  std::vector<std::uint32_t>
      of_owner;  // index of each owner's window; 0 for owners without footprint
};

JoinedWindows join_windows(std::vector<OwnedFootprint> footprints, std::size_t owner_count,
                           Gaps gaps);

/// A positioned read or write costs about as much as copying this many bytes (measured on tmpfs:
/// 0.3 µs).
inline constexpr std::int64_t kCallNbytes = 2048;

}  // namespace recast::exec
