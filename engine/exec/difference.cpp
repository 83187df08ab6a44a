#include "engine/exec/difference.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <tuple>

#include "engine/exec/kernels/kernels.hpp"
#include "engine/exec/select.hpp"

namespace recast::exec {
namespace {

constexpr std::int64_t kStretch = 256;

struct Count {
  std::uint64_t differing = 0;
  double max_absolute = 0;
};

/// Both sides of a piece in memory.
struct Sides {
  tensor::DType left_type;
  tensor::DType right_type;
  std::int64_t left_nbytes;
  std::int64_t right_nbytes;
  Placement left;
  Placement right;
};

Sides sides_of(const Work& work, const Tile& tile, const TilePiece& piece) noexcept {
  const plan::Copy& copy = (*work.copies)[piece.piece.step];
  const Tensor& left = work.left[copy.from];
  const Tensor& right = work.right[copy.into];
  return {left.dtype,
          right.dtype,
          left.element_nbytes,
          right.element_nbytes,
          left_placement(work, tile, piece),
          right_placement(work, tile, piece)};
}

/// Elements side by side; both strides in bytes.
struct Row {
  const std::byte* left;
  const std::byte* right;
  std::int64_t left_stride;
  std::int64_t right_stride;
  std::int64_t count;
};

template <class Word>
std::uint64_t count_unequal(const Row& row) noexcept {
  std::uint64_t out = 0;
  for (std::int64_t i = 0; i < row.count; ++i) {
    Word a;
    Word b;
    std::memcpy(&a, row.left + i * row.left_stride, sizeof(Word));
    std::memcpy(&b, row.right + i * row.right_stride, sizeof(Word));
    out += static_cast<std::uint64_t>(a != b);
  }
  return out;
}

std::uint64_t count_unequal(const Row& row, std::int64_t nbytes) noexcept {
  if (row.left_stride == nbytes && row.right_stride == nbytes &&
      std::memcmp(row.left, row.right, static_cast<std::size_t>(row.count * nbytes)) == 0) {
    return 0;
  }
  switch (nbytes) {
    case 1:
      return count_unequal<std::uint8_t>(row);
    case 2:
      return count_unequal<std::uint16_t>(row);
    case 4:
      return count_unequal<std::uint32_t>(row);
    case 8:
      return count_unequal<std::uint64_t>(row);
    default:
      return count_unequal<std::array<std::uint64_t, 2>>(row);
  }
}

/// Widens a stretch of elements to doubles.
void widen(double* out, const std::byte* in, std::int64_t stride, tensor::DType type,
           std::int64_t count) noexcept {
  const std::size_t nbytes = tensor::dtype_nbytes(type);
  if (type == tensor::DType::F64) {
    for (std::int64_t i = 0; i < count; ++i)
      std::memcpy(out + i, in + i * stride, sizeof(double));
    return;
  }
  std::byte packed[kStretch * sizeof(float)];
  for (std::int64_t i = 0; i < count; ++i) {
    std::memcpy(packed + static_cast<std::size_t>(i) * nbytes, in + i * stride, nbytes);
  }
  kernel_table()
      .cast[static_cast<std::size_t>(cast_type(type))][static_cast<std::size_t>(CastType::F64)](
          reinterpret_cast<std::byte*>(out), packed, static_cast<std::size_t>(count));
}

bool are_close(double a, double b, const Equality& equality) noexcept {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  if (!std::isfinite(a) || !std::isfinite(b)) return false;
  return std::fabs(a - b) <= equality.absolute + equality.relative * std::fabs(b);
}

/// Counts in doubles; with bitwise equality only the distance matters here.
void count_far(const Row& row, const Sides& sides, const Equality& equality, Count& count) {
  double left[kStretch];
  double right[kStretch];
  for (std::int64_t done = 0; done < row.count; done += kStretch) {
    const std::int64_t n = std::min(kStretch, row.count - done);
    widen(left, row.left + done * row.left_stride, row.left_stride, sides.left_type, n);
    widen(right, row.right + done * row.right_stride, row.right_stride, sides.right_type, n);
    for (std::int64_t i = 0; i < n; ++i) {
      if (are_close(left[i], right[i], equality)) continue;
      ++count.differing;
      const double distance = std::fabs(left[i] - right[i]);
      if (distance > count.max_absolute) count.max_absolute = distance;
    }
  }
}

/// Calls visit(row) for the rows of a box, in any order; axes that continue each other on both
/// sides are one.
template <class Visit>
void for_each_row(const Sides& sides, const tensor::Box& box, const std::byte* memory,
                  const Visit& visit) {
  std::array<MoveAxis, tensor::kMaxRank> axes;
  std::size_t rank = 0;
  for (std::size_t k = 0; k < box.rank; ++k) {
    const MoveAxis axis{box.extent[k], sides.right.stride[k], sides.left.stride[k]};
    if (axis.extent == 1) continue;
    if (rank > 0 && axes[rank - 1].dst_stride == axis.extent * axis.dst_stride &&
        axes[rank - 1].src_stride == axis.extent * axis.src_stride) {
      axes[rank - 1] = {axes[rank - 1].extent * axis.extent, axis.dst_stride, axis.src_stride};
    } else {
      axes[rank++] = axis;
    }
  }
  const MoveAxis inner =
      rank == 0 ? MoveAxis{1, sides.right_nbytes, sides.left_nbytes} : axes[--rank];
  std::array<std::int64_t, tensor::kMaxRank> index{};
  std::int64_t left = sides.left.place;
  std::int64_t right = sides.right.place;
  while (true) {
    visit(Row{memory + left, memory + right, inner.src_stride, inner.dst_stride, inner.extent});
    std::size_t k = rank;
    while (true) {
      if (k == 0) return;
      --k;
      left += axes[k].src_stride;
      right += axes[k].dst_stride;
      if (++index[k] < axes[k].extent) break;
      left -= axes[k].extent * axes[k].src_stride;
      right -= axes[k].extent * axes[k].dst_stride;
      index[k] = 0;
    }
  }
}

Count count_differences(const Sides& sides, const tensor::Box& box, const std::byte* memory,
                        const Equality& equality) {
  Count out;
  const bool cast = tensor::is_castable(sides.left_type) && tensor::is_castable(sides.right_type);
  const bool same_type = sides.left_type == sides.right_type;
  if (!equality.bitwise && cast) {
    for_each_row(sides, box, memory, [&](const Row& row) { count_far(row, sides, equality, out); });
    return out;
  }
  if (same_type) {
    for_each_row(sides, box, memory,
                 [&](const Row& row) { out.differing += count_unequal(row, sides.left_nbytes); });
  } else {
    out.differing = static_cast<std::uint64_t>(tensor::volume(box));
  }
  if (out.differing > 0 && cast) {
    Count distance;
    for_each_row(sides, box, memory, [&](const Row& row) { count_far(row, sides, {}, distance); });
    out.max_absolute = distance.max_absolute;
  }
  return out;
}

bool element_differs(const Sides& sides, const std::byte* left, const std::byte* right,
                     const Equality& equality) {
  const bool cast = tensor::is_castable(sides.left_type) && tensor::is_castable(sides.right_type);
  if (!equality.bitwise && cast) {
    Count count;
    count_far({left, right, 0, 0, 1}, sides, equality, count);
    return count.differing > 0;
  }
  return sides.left_type != sides.right_type ||
         std::memcmp(left, right, static_cast<std::size_t>(sides.left_nbytes)) != 0;
}

/// The first difference of a piece that has one.
FirstDifference find_first(const Sides& sides, const Piece& piece, const std::byte* memory,
                           const Equality& equality) {
  const tensor::Box& box = piece.box;
  FirstDifference out;
  out.copy = piece.step;
  out.index.assign(box.start.begin(), box.start.begin() + box.rank);
  while (true) {
    const std::byte* left = memory + sides.left.place;
    const std::byte* right = memory + sides.right.place;
    for (std::size_t k = 0; k < box.rank; ++k) {
      left += (out.index[k] - box.start[k]) * sides.left.stride[k];
      right += (out.index[k] - box.start[k]) * sides.right.stride[k];
    }
    if (element_differs(sides, left, right, equality)) {
      std::memcpy(out.left.data(), left, static_cast<std::size_t>(sides.left_nbytes));
      std::memcpy(out.right.data(), right, static_cast<std::size_t>(sides.right_nbytes));
      return out;
    }
    std::size_t k = box.rank;
    do {
      RECAST_CHECK(k > 0, "a difference that was counted is found again");
      --k;
      if (++out.index[k] < box.start[k] + box.extent[k]) break;
      out.index[k] = box.start[k];
    } while (true);
  }
}

}  // namespace

void Differences::add(const Work& work, const Tile& tile, const TilePiece& piece,
                      const std::byte* memory, const Equality& equality) {
  const tensor::Box& box = piece.piece.box;
  const Sides sides = sides_of(work, tile, piece);
  const Count count = count_differences(sides, box, memory, equality);
  const std::lock_guard lock(mutex_);
  elements_ += static_cast<std::uint64_t>(tensor::volume(box));
  if (count.differing == 0) return;
  differing_ += count.differing;
  max_absolute_ = std::max(max_absolute_, count.max_absolute);
  if (first_) {
    const auto begin = box.start.begin();
    const std::vector<std::int64_t> start(begin, begin + box.rank);
    if (std::tie(first_->index, first_->copy) < std::tie(start, piece.piece.step)) return;
  }
  FirstDifference found = find_first(sides, piece.piece, memory, equality);
  if (!first_ || std::tie(found.index, found.copy) < std::tie(first_->index, first_->copy)) {
    first_ = std::move(found);
  }
}

}  // namespace recast::exec
