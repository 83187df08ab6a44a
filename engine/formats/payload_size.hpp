#pragma once
// How many bytes the tensors of a file to be written have.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/container.hpp"

namespace recast::formats {

/// One size per tensor. Errors: format.cannot-write for a negative extent, or when sizes or their
/// sum pass 2^62: offsets of a file then fit 64 bits whatever headers come on top.
Result<std::vector<std::uint64_t>> payload_sizes(std::span<const TensorSpec> tensors);

}  // namespace recast::formats
