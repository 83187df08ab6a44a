#include "engine/plan/region_index.hpp"

namespace recast::plan {

RegionIndex::RegionIndex(std::vector<std::size_t> key_axes, std::vector<std::int64_t> extents)
    : key_axes_(std::move(key_axes)), extents_(std::move(extents)) {
  std::size_t cells = 1;
  for (const std::int64_t extent : extents_)
    cells *= static_cast<std::size_t>(extent);
  cells_.resize(cells);
}

void RegionIndex::insert(const tensor::Box& box, std::uint32_t id) {
  for_each_cell(box, [&](std::size_t cell) { cells_[cell].push_back(id); });
}

}  // namespace recast::plan
