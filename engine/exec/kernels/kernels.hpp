#pragma once
// The innermost loops, one table per kind of CPU. All tables give the same bits; kernels cannot
// fail and allocate nothing.

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/tensor/dtype.hpp"

namespace recast::exec {

/// Casts `count` adjacent elements to adjacent elements; the ranges do not overlap. Rounds to
/// nearest, ties to even; NaN becomes a quiet NaN with its sign and the upper bits of its payload.
/// Returns how many finite values became infinite.
using CastRow = std::uint64_t (*)(std::byte* dst, const std::byte* src, std::size_t count) noexcept;

/// dst[i][j] = src[j][i] for i < rows, j < columns. Elements of a row are adjacent on both sides;
/// strides are those of the rows, in bytes.
using TransposePlane = void (*)(std::byte* dst, std::ptrdiff_t dst_stride, const std::byte* src,
                                std::ptrdiff_t src_stride, std::size_t rows,
                                std::size_t columns) noexcept;

/// Position of a castable type in KernelTable::cast.
enum class CastType : std::uint8_t { F16, BF16, F32, F64 };
inline constexpr std::size_t kCastTypes = 4;

struct KernelTable {
  const char* cpu;  // "baseline", "avx2"
  CastRow cast[kCastTypes]
              [kCastTypes];  // [from][into]; the diagonal is null: same-type copies keep their bits
  TransposePlane transpose[4];  // elements of 1, 2, 4 and 8 bytes
};

/// Precondition: is_castable(dtype).
CastType cast_type(tensor::DType dtype) noexcept;

/// The tables that this machine can run, slowest first; never empty.
std::span<const KernelTable* const> usable_kernel_tables() noexcept;
/// The fastest of them.
const KernelTable& kernel_table() noexcept;

// One table per source file, so that each is compiled for its CPU.
extern const KernelTable kBaselineKernels;
extern const KernelTable kAvx2Kernels;

}  // namespace recast::exec
