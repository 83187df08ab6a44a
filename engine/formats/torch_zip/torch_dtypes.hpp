#pragma once
// torch's names of element types and of storage classes.

#include <optional>
#include <string_view>

#include "engine/tensor/dtype.hpp"

namespace recast::formats {

inline constexpr std::string_view kUntypedStorage = "UntypedStorage";

/// "bfloat16", and the aliases "half", "double", "long", … nullopt for types that recast does not
/// have (quantised ones, bits8, complex32, float4).
std::optional<tensor::DType> dtype_of_torch(std::string_view name) noexcept;
std::string_view torch_name(tensor::DType dtype) noexcept;

/// The element type whose bytes a storage of this class holds: quantised classes hold integers, an
/// untyped storage bytes.
std::optional<tensor::DType> dtype_of_storage(std::string_view storage_class) noexcept;
/// Empty for types without a class of their own.
std::string_view storage_class_of(tensor::DType dtype) noexcept;

}  // namespace recast::formats
