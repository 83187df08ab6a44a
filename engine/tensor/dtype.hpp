#pragma once
// Element types. Foreign spellings ("BF16", "torch.bfloat16") live with the container that uses
// them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace recast::tensor {

enum class DType : std::uint8_t {
#define RECAST_DTYPE(id, name, bits, kind) id,
#include "engine/tensor/dtype.def"
#undef RECAST_DTYPE
};

enum class DTypeKind : std::uint8_t { Bool, Unsigned, Signed, Float, Complex };

std::string_view dtype_name(DType dtype) noexcept;
std::optional<DType> dtype_of(std::string_view name) noexcept;
DTypeKind dtype_kind(DType dtype) noexcept;
/// Bytes of one element.
std::size_t dtype_nbytes(DType dtype) noexcept;
/// fp16, bf16, fp32 and fp64: the types that a cast may read or write.
bool is_castable(DType dtype) noexcept;
/// True if every value of `from` is a value of `to` (bf16 -> fp32 yes, fp16 -> bf16 no).
bool widens(DType from, DType to) noexcept;

}  // namespace recast::tensor
