// Casts and transposes for every CPU of the architecture (on x86-64: SSE2).

#include <utility>

#include "engine/exec/kernels/kernels.hpp"
#include "engine/exec/kernels/scalar_cast.hpp"
#include "engine/exec/kernels/transpose_blocks.hpp"

namespace recast::exec {
namespace {

template <class From, class To>
std::uint64_t cast_row(std::byte* dst, const std::byte* src, std::size_t count) noexcept {
  return cast_elements<From, To>(dst, src, 0, count);
}

}  // namespace

// clang-format off
const KernelTable kBaselineKernels{
    "baseline",
    {{nullptr, cast_row<F16, BF16>, cast_row<F16, float>, cast_row<F16, double>},
     {cast_row<BF16, F16>, nullptr, cast_row<BF16, float>, cast_row<BF16, double>},
     {cast_row<float, F16>, cast_row<float, BF16>, nullptr, cast_row<float, double>},
     {cast_row<double, F16>, cast_row<double, BF16>, cast_row<double, float>, nullptr}},
    {transpose_blocks<Block1>, transpose_blocks<Block2>, transpose_blocks<Block4>, transpose_blocks<Block8>}};
// clang-format on

}  // namespace recast::exec
