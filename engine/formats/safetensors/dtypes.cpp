#include "engine/formats/safetensors/dtypes.hpp"

#include <array>
#include <utility>

namespace recast::formats::safetensors {
namespace {

using tensor::DType;

constexpr auto kRows = std::to_array<std::pair<DType, std::string_view>>({
#define RECAST_SAFETENSORS_DTYPE(dtype, name) {DType::dtype, name},
#include "engine/formats/safetensors/dtypes.def"
#undef RECAST_SAFETENSORS_DTYPE
});

}  // namespace

std::optional<DType> dtype_of(std::string_view name) noexcept {
  for (const auto& [dtype, known] : kRows)
    if (known == name) return dtype;
  return std::nullopt;
}

std::optional<DTypeRow> row_of(DType dtype) noexcept {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].first == dtype) return DTypeRow{kRows[i].second, i};
  return std::nullopt;
}

}  // namespace recast::formats::safetensors
