#pragma once
// Whether strided boxes fill a tensor: every address once, none twice. Exact, by arithmetic on
// strides; no address is listed.

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/tensor/box.hpp"

namespace recast::plan {

/// Addresses `offset + Σ stride · i` for i below each extent, in elements.
struct StridedBox {
  std::int64_t offset = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>>
      axes;  // (stride, extent), greatest stride first, no extent of 1

  StridedBox() = default;
  StridedBox(std::int64_t begin, const tensor::Box& box,
             const std::array<std::int64_t, tensor::kMaxRank>& stride);
};

/// Whether the boxes hold each address of [0, size) exactly once and no other.
bool covers_exactly(std::vector<StridedBox> boxes, std::int64_t size);

}  // namespace recast::plan
