#pragma once
// How a document shows a storage that stands outside a tensor: its class, applied to a tensor of
// all its elements.

#include <cstddef>
#include <optional>

#include "engine/tensor/value.hpp"

namespace recast::formats {

/// `torch.LongStorage(<tensor index>)`.
tensor::Object bare_storage(tensor::Symbol storage_class, std::size_t index);
/// The index if `object` is of that form.
std::optional<std::size_t> tensor_of_bare_storage(const tensor::Object& object);

}  // namespace recast::formats
