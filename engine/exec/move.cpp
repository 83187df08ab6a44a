// The loops around the kernels: what a Move says, carried out.

#include <algorithm>
#include <cstring>

#include "engine/exec/select.hpp"

namespace recast::exec {
namespace {

/// Calls `body(dst, src)` for each index of the loops; src may be null throughout.
template <class Body>
void for_each_index(const MoveAxis* loops, std::size_t rank, std::byte* dst, const std::byte* src,
                    const Body& body) noexcept {
  if (rank == 0) {
    body(dst, src);
    return;
  }
  std::array<std::int64_t, tensor::kMaxRank> index{};
  const std::size_t inner = rank - 1;
  std::ptrdiff_t to = 0;
  std::ptrdiff_t from = 0;
  while (true) {
    for (std::int64_t i = 0; i < loops[inner].extent; ++i) {
      body(dst + to + i * loops[inner].dst_stride, src + from + i * loops[inner].src_stride);
    }
    std::size_t k = inner;
    while (true) {
      if (k == 0) return;
      --k;
      to += loops[k].dst_stride;
      from += loops[k].src_stride;
      if (++index[k] < loops[k].extent) break;
      to -= loops[k].extent * loops[k].dst_stride;
      from -= loops[k].extent * loops[k].src_stride;
      index[k] = 0;
    }
  }
}

template <std::size_t kNbytes>
void copy_words(std::byte* dst, const std::byte* src, const MoveAxis& axis) noexcept {
  for (std::int64_t i = 0; i < axis.extent; ++i) {
    std::memcpy(dst + i * axis.dst_stride, src + i * axis.src_stride, kNbytes);
  }
}

void copy_words(std::byte* dst, const std::byte* src, const MoveAxis& axis,
                std::size_t nbytes) noexcept {
  switch (nbytes) {
    case 1:
      return copy_words<1>(dst, src, axis);
    case 2:
      return copy_words<2>(dst, src, axis);
    case 4:
      return copy_words<4>(dst, src, axis);
    case 8:
      return copy_words<8>(dst, src, axis);
    default:
      return copy_words<16>(dst, src, axis);
  }
}

// Both buffers of a block stay in the first-level cache: 32 KiB and 32 KiB at most for 64×64
// elements of 8 bytes.
constexpr std::int64_t kBlockSide = 64;

/// Transposes block by block into a buffer of src's type, then casts row by row.
std::uint64_t cast_blocks(const Move& move, std::byte* dst, const std::byte* src) noexcept {
  alignas(64) std::byte block[kBlockSide * kBlockSide * 8];
  const auto from_nbytes = static_cast<std::int64_t>(move.from_nbytes);
  const std::ptrdiff_t block_stride = kBlockSide * from_nbytes;
  std::uint64_t overflows = 0;
  for (std::int64_t i = 0; i < move.rows.extent; i += kBlockSide) {
    const std::int64_t rows = std::min(kBlockSide, move.rows.extent - i);
    for (std::int64_t j = 0; j < move.columns.extent; j += kBlockSide) {
      const std::int64_t columns = std::min(kBlockSide, move.columns.extent - j);
      move.transpose(block, block_stride,
                     src + i * move.rows.src_stride + j * move.columns.src_stride,
                     move.columns.src_stride, static_cast<std::size_t>(rows),
                     static_cast<std::size_t>(columns));
      std::byte* out = dst + i * move.rows.dst_stride + j * move.columns.dst_stride;
      for (std::int64_t row = 0; row < rows; ++row) {
        overflows += move.cast(out + row * move.rows.dst_stride, block + row * block_stride,
                               static_cast<std::size_t>(columns));
      }
    }
  }
  return overflows;
}

/// Gathers, casts and scatters in short stretches.
std::uint64_t cast_words(const Move& move, std::byte* dst, const std::byte* src) noexcept {
  constexpr std::int64_t kStretch = 256;
  alignas(64) std::byte from[kStretch * 8];
  alignas(64) std::byte into[kStretch * 8];
  std::uint64_t overflows = 0;
  for (std::int64_t i = 0; i < move.columns.extent; i += kStretch) {
    const std::int64_t count = std::min(kStretch, move.columns.extent - i);
    copy_words(from, src + i * move.columns.src_stride,
               {count, static_cast<std::int64_t>(move.from_nbytes), move.columns.src_stride},
               move.from_nbytes);
    overflows += move.cast(into, from, static_cast<std::size_t>(count));
    copy_words(dst + i * move.columns.dst_stride, into,
               {count, move.columns.dst_stride, static_cast<std::int64_t>(move.nbytes)},
               move.nbytes);
  }
  return overflows;
}

}  // namespace

std::uint64_t run_move(const Move& move, std::byte* dst, const std::byte* src) noexcept {
  std::uint64_t overflows = 0;
  const MoveAxis* loops = move.loops.data();
  switch (move.kernel) {
    case Move::Kernel::Runs:
      for_each_index(loops, move.loop_rank, dst, src, [&](std::byte* to, const std::byte* from) {
        std::memcpy(to, from, move.nbytes);
      });
      break;
    case Move::Kernel::Words:
      for_each_index(loops, move.loop_rank, dst, src, [&](std::byte* to, const std::byte* from) {
        copy_words(to, from, move.columns, move.nbytes);
      });
      break;
    case Move::Kernel::Transpose:
      for_each_index(loops, move.loop_rank, dst, src, [&](std::byte* to, const std::byte* from) {
        move.transpose(to, move.rows.dst_stride, from, move.columns.src_stride,
                       static_cast<std::size_t>(move.rows.extent),
                       static_cast<std::size_t>(move.columns.extent));
      });
      break;
    case Move::Kernel::CastRuns:
      for_each_index(loops, move.loop_rank, dst, src, [&](std::byte* to, const std::byte* from) {
        overflows += move.cast(to, from, static_cast<std::size_t>(move.columns.extent));
      });
      break;
    case Move::Kernel::CastBlocks:
      for_each_index(loops, move.loop_rank, dst, src, [&](std::byte* to, const std::byte* from) {
        overflows += cast_blocks(move, to, from);
      });
      break;
    case Move::Kernel::CastWords:
      for_each_index(loops, move.loop_rank, dst, src, [&](std::byte* to, const std::byte* from) {
        overflows += cast_words(move, to, from);
      });
      break;
  }
  return overflows;
}

void fill_elements(std::byte* dst, const MoveAxis* axes, std::size_t rank, const std::byte* value,
                   std::size_t nbytes) noexcept {
  const MoveAxis inner =
      rank == 0 ? MoveAxis{} : MoveAxis{axes[rank - 1].extent, axes[rank - 1].dst_stride, 0};
  for_each_index(axes, rank == 0 ? 0 : rank - 1, dst, nullptr,
                 [&](std::byte* to, const std::byte*) { copy_words(to, value, inner, nbytes); });
}

}  // namespace recast::exec
