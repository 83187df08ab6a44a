#pragma once
// Which bytes of a file a strided box touches, as runs under a few nested axes; and how such sets
// join when they lie beside each other. Everything that decides what is read and written in one
// call comes from here.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/tensor/box.hpp"

namespace recast::exec {

struct FootprintAxis {
  std::int64_t extent = 1;
  std::int64_t stride = 0;  // bytes, > 0
  bool operator==(const FootprintAxis&) const = default;
};

/// Runs of `run` bytes at base + Σ i_k · axes[k].stride. Axes go from the widest stride to the
/// narrowest and are nested: each stride is more than the span of everything inside it, so that no
/// two runs touch and every address has one position.
struct Footprint {
  std::uint32_t file = 0;
  std::uint8_t rank = 0;
  std::int64_t base = 0;  // byte offset in the file
  std::int64_t run = 0;   // bytes
  std::array<FootprintAxis, tensor::kMaxRank> axes{};
};

/// How many runs there are: one positioned read or write each.
std::int64_t run_count(const Footprint& footprint) noexcept;
/// Bytes covered: run_count · run.
std::int64_t covered_nbytes(const Footprint& footprint) noexcept;

/// The footprint of a box of elements whose first element starts at byte `at`; strides in elements,
/// any sign, 0 for a repeated element. Axes that are not nested (overlapping views) give the whole
/// interval that they span.
Footprint footprint_of(std::uint32_t file, std::int64_t at, std::int64_t element_nbytes,
                       std::span<const std::int64_t> extents,
                       std::span<const std::int64_t> strides) noexcept;

/// Merges axes that continue each other and takes runs that touch into one.
void collapse(Footprint& footprint) noexcept;

/// True if `b` starts in or right after the runs of `a` and has the same axes; then `a` has grown
/// to cover both. Precondition: a.base <= b.base.
bool join(Footprint& a, const Footprint& b) noexcept;

/// Reads through gaps of at most `gap_nbytes` that are no longer than the runs beside them: fewer
/// calls for a few more bytes.
void read_through_gaps(Footprint& footprint, std::int64_t gap_nbytes) noexcept;

/// Where a footprint's runs lie in memory: packed, or with rows apart so that they fall into
/// different cache sets.
struct Packing {
  std::array<std::int64_t, tensor::kMaxRank> stride{};  // bytes, parallel to Footprint::axes
  std::int64_t nbytes = 0;
};
Packing pack(const Footprint& footprint) noexcept;

/// Translates a distance in the file (from the footprint's base, or along an axis) into one in its
/// packed memory.
std::int64_t packed_distance(const Footprint& footprint, const Packing& packing,
                             std::int64_t distance) noexcept;

/// Calls visit(byte offset in the file, byte offset in packed memory) for each run, by rising
/// addresses; stops when it returns false.
template <class Visit>
void for_each_run(const Footprint& footprint, const Packing& packing, const Visit& visit) {
  std::array<std::int64_t, tensor::kMaxRank> index{};
  std::int64_t at = footprint.base;
  std::int64_t place = 0;
  while (visit(at, place)) {
    std::size_t k = footprint.rank;
    while (true) {
      if (k == 0) return;
      --k;
      at += footprint.axes[k].stride;
      place += packing.stride[k];
      if (++index[k] < footprint.axes[k].extent) break;
      at -= footprint.axes[k].extent * footprint.axes[k].stride;
      place -= footprint.axes[k].extent * packing.stride[k];
      index[k] = 0;
    }
  }
}

}  // namespace recast::exec
