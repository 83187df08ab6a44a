#include "engine/exec/select.hpp"

#include <bit>
#include <optional>
#include <utility>

namespace recast::exec {
namespace {

struct Axes {
  std::array<MoveAxis, tensor::kMaxRank> axis{};
  std::size_t rank = 0;

  void drop(std::size_t at) noexcept {
    for (std::size_t k = at; k + 1 < rank; ++k)
      axis[k] = axis[k + 1];
    --rank;
  }
  MoveAxis take(std::size_t at) noexcept {
    const MoveAxis out = axis[at];
    drop(at);
    return out;
  }
};

std::int64_t magnitude(std::int64_t stride) noexcept {
  return stride < 0 ? -stride : stride;
}

/// Widest dst stride first: what is written is written in its order.
void order_axes(Axes& axes) noexcept {
  for (std::size_t k = 1; k < axes.rank; ++k) {
    for (std::size_t at = k; at > 0; --at) {
      if (magnitude(axes.axis[at - 1].dst_stride) >= magnitude(axes.axis[at].dst_stride)) break;
      std::swap(axes.axis[at - 1], axes.axis[at]);
    }
  }
}

void merge(Axes& axes) noexcept {
  for (std::size_t k = axes.rank; k-- > 1;) {
    MoveAxis& outer = axes.axis[k - 1];
    const MoveAxis& inner = axes.axis[k];
    if (outer.dst_stride != inner.extent * inner.dst_stride ||
        outer.src_stride != inner.extent * inner.src_stride) {
      continue;
    }
    outer = {outer.extent * inner.extent, inner.dst_stride, inner.src_stride};
    axes.drop(k);
  }
}

bool is_word(std::int64_t nbytes) noexcept {
  return nbytes <= 16 && std::has_single_bit(static_cast<std::uint64_t>(nbytes));
}

/// The axis along which src is adjacent, if dst is adjacent along the last one.
std::optional<std::size_t> row_axis(const Axes& axes, std::int64_t dst_nbytes,
                                    std::int64_t src_nbytes) noexcept {
  if (axes.rank < 2 || axes.axis[axes.rank - 1].dst_stride != dst_nbytes) return std::nullopt;
  for (std::size_t k = 0; k + 1 < axes.rank; ++k) {
    if (axes.axis[k].src_stride == src_nbytes) return k;
  }
  return std::nullopt;
}

void select_copy(Move& move, Axes& axes, std::int64_t element, const KernelTable& table) noexcept {
  std::int64_t run = element;
  while (axes.rank > 0) {
    const MoveAxis& inner = axes.axis[axes.rank - 1];
    if (inner.dst_stride != run || inner.src_stride != run) break;
    run *= inner.extent;
    axes.drop(axes.rank - 1);
  }
  move.nbytes = static_cast<std::size_t>(run);
  move.kernel = Move::Kernel::Runs;
  if (axes.rank == 0 || !is_word(run)) return;
  const auto row = run <= 8 ? row_axis(axes, run, run) : std::nullopt;
  if (row) {
    move.kernel = Move::Kernel::Transpose;
    move.transpose = table.transpose[std::countr_zero(static_cast<std::uint64_t>(run))];
    move.columns = axes.take(axes.rank - 1);
    move.rows = axes.take(*row);
    return;
  }
  move.kernel = Move::Kernel::Words;
  move.columns = axes.take(axes.rank - 1);
}

void select_cast(Move& move, Axes& axes, tensor::DType from, tensor::DType into,
                 const KernelTable& table) noexcept {
  const auto dst_nbytes = static_cast<std::int64_t>(tensor::dtype_nbytes(into));
  const auto src_nbytes = static_cast<std::int64_t>(tensor::dtype_nbytes(from));
  move.nbytes = static_cast<std::size_t>(dst_nbytes);
  move.from_nbytes = static_cast<std::size_t>(src_nbytes);
  move.cast = table.cast[static_cast<std::size_t>(cast_type(from))]
                        [static_cast<std::size_t>(cast_type(into))];
  move.kernel = Move::Kernel::CastRuns;
  move.columns = {1, dst_nbytes, src_nbytes};
  if (axes.rank == 0) return;
  const std::optional<std::size_t> row = row_axis(axes, dst_nbytes, src_nbytes);
  move.columns = axes.take(axes.rank - 1);
  if (move.columns.dst_stride == dst_nbytes && move.columns.src_stride == src_nbytes) return;
  move.kernel = Move::Kernel::CastWords;
  if (!row) return;
  move.kernel = Move::Kernel::CastBlocks;
  move.transpose = table.transpose[std::countr_zero(static_cast<std::uint64_t>(src_nbytes))];
  move.rows = axes.take(*row);
}

}  // namespace

Move select_move(tensor::DType from, tensor::DType into, const MoveAxis* axes, std::size_t rank,
                 const KernelTable& table, bool merge_axes) noexcept {
  Axes left;
  for (std::size_t k = 0; k < rank; ++k) {
    if (axes[k].extent != 1) left.axis[left.rank++] = axes[k];
  }
  order_axes(left);
  if (merge_axes) merge(left);
  Move move;
  if (from == into) {
    select_copy(move, left, static_cast<std::int64_t>(tensor::dtype_nbytes(from)), table);
  } else {
    select_cast(move, left, from, into, table);
  }
  move.loop_rank = static_cast<std::uint8_t>(left.rank);
  move.loops = left.axis;
  return move;
}

}  // namespace recast::exec
