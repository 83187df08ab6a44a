#pragma once
// safetensors' names of element types.

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/tensor/dtype.hpp"

namespace recast::formats::safetensors {

std::optional<tensor::DType> dtype_of(std::string_view name) noexcept;

/// Name and place in the format's own order; nullopt for a type that the format lacks (c128).
struct DTypeRow {
  std::string_view name;
  std::size_t order = 0;
};
std::optional<DTypeRow> row_of(tensor::DType dtype) noexcept;

}  // namespace recast::formats::safetensors
