#include "engine/exec/kernels/kernels.hpp"

#include <array>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace recast::exec {
namespace {

#if defined(__x86_64__)
/// Clang 14's __builtin_cpu_supports does not know this one. AVX2, asked for beside it, also says
/// that the system saves the wide registers.
bool has_f16c() noexcept {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}
#endif

struct UsableTables {
  std::array<const KernelTable*, 2> tables{};
  std::size_t count = 0;
};

UsableTables find_usable_tables() noexcept {
  UsableTables out;
  out.tables[out.count++] = &kBaselineKernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && has_f16c()) {
    out.tables[out.count++] = &kAvx2Kernels;
  }
#endif
  return out;
}

}  // namespace

CastType cast_type(tensor::DType dtype) noexcept {
  switch (dtype) {
    case tensor::DType::F16:
      return CastType::F16;
    case tensor::DType::BF16:
      return CastType::BF16;
    case tensor::DType::F64:
      return CastType::F64;
    default:
      return CastType::F32;
  }
}

std::span<const KernelTable* const> usable_kernel_tables() noexcept {
  static const UsableTables usable = find_usable_tables();
  return {usable.tables.data(), usable.count};
}

const KernelTable& kernel_table() noexcept {
  return *usable_kernel_tables().back();
}

}  // namespace recast::exec
