#pragma once
// Which kernel moves a piece: decided from element types, strides and CPU before the first byte
// moves.

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/exec/kernels/kernels.hpp"
#include "engine/tensor/box.hpp"
#include "engine/tensor/dtype.hpp"

namespace recast::exec {

/// Strides in bytes.
struct MoveAxis {
  std::int64_t extent = 1;
  std::int64_t dst_stride = 0;
  std::int64_t src_stride = 0;
};

/// A chosen kernel under a nest of loops; `axes` hold the loops, outermost first, and what the
/// kernel itself walks last.
struct Move {
  enum class Kernel : std::uint8_t {
    Runs,        // `nbytes` adjacent on both sides
    Words,       // one axis of `nbytes`-sized words, any strides
    Transpose,   // two axes: adjacent in dst, adjacent in src
    CastRuns,    // one axis of adjacent elements
    CastBlocks,  // two axes as in Transpose
    CastWords,   // one axis, any strides
  };
  Kernel kernel = Kernel::Runs;
  std::uint8_t loop_rank = 0;
  std::array<MoveAxis, tensor::kMaxRank> loops{};
  MoveAxis rows;  // Transpose, CastBlocks: the axis that is adjacent in src
  MoveAxis
      columns;  // the axis that is adjacent in dst; the only one of Words, CastRuns and CastWords
  std::size_t nbytes = 0;       // of a run or word; of an element of dst when casting
  std::size_t from_nbytes = 0;  // of an element of src when casting
  CastRow cast = nullptr;
  TransposePlane transpose = nullptr;
};

/// Precondition: the types are equal, or both castable. `merge_axes` may be off: the bytes are the
/// same.
Move select_move(tensor::DType from, tensor::DType into, const MoveAxis* axes, std::size_t rank,
                 const KernelTable& table, bool merge_axes) noexcept;

/// Moves; returns how many finite values became infinite. `dst` and `src` point at the first
/// element; no overlap.
std::uint64_t run_move(const Move& move, std::byte* dst, const std::byte* src) noexcept;

/// Writes `nbytes` (1, 2, 4, 8 or 16) of `value` to each element of a box.
void fill_elements(std::byte* dst, const MoveAxis* axes, std::size_t rank, const std::byte* value,
                   std::size_t nbytes) noexcept;

}  // namespace recast::exec
