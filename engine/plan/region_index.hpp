#pragma once
// Boxes of one logical tensor, found by the axes that stand in names (layer, expert), so that
// 100,000 tensors are matched in linear time.

#include <cstdint>
#include <vector>

#include "engine/tensor/box.hpp"

namespace recast::plan {

class RegionIndex {
 public:
  RegionIndex() = default;
  /// `key_axes`: positions of the axes that cells are made of; `extents`: how many cells along
  /// each.
  RegionIndex(std::vector<std::size_t> key_axes, std::vector<std::int64_t> extents);

  void insert(const tensor::Box& box, std::uint32_t id);

  /// Calls `visit(id)` once for each id whose cells meet those of `box`, in the order of insertion
  /// within a cell.
  template <class Visit>
  void for_each_near(const tensor::Box& box, const Visit& visit) const;

 private:
  /// Calls `visit(cell)` for each cell that the box meets: none if the box is empty.
  template <class Visit>
  void for_each_cell(const tensor::Box& box, const Visit& visit) const;

  std::vector<std::size_t> key_axes_;
  std::vector<std::int64_t> extents_;
  std::vector<std::vector<std::uint32_t>> cells_;
};

// ---- implementation

template <class Visit>
void RegionIndex::for_each_cell(const tensor::Box& box, const Visit& visit) const {
  if (tensor::volume(box) == 0) return;
  std::vector<std::int64_t> at(key_axes_.size());
  for (std::size_t i = 0; i < at.size(); ++i)
    at[i] = box.start[key_axes_[i]];
  while (true) {
    std::size_t cell = 0;
    for (std::size_t i = 0; i < at.size(); ++i)
      cell = cell * static_cast<std::size_t>(extents_[i]) + static_cast<std::size_t>(at[i]);
    visit(cell);
    std::size_t i = at.size();
    while (i > 0) {
      const std::size_t axis = key_axes_[i - 1];
      if (++at[i - 1] < box.start[axis] + box.extent[axis]) break;
      at[i - 1] = box.start[axis];
      --i;
    }
    if (i == 0) return;
  }
}

template <class Visit>
void RegionIndex::for_each_near(const tensor::Box& box, const Visit& visit) const {
  std::vector<std::uint32_t> seen;
  bool several = false;
  for (const std::size_t axis : key_axes_)
    several = several || box.extent[axis] > 1;
  for_each_cell(box, [&](std::size_t cell) {
    for (const std::uint32_t id : cells_[cell]) {
      if (several) {
        bool again = false;
        for (const std::uint32_t other : seen)
          again = again || other == id;
        if (again) continue;
        seen.push_back(id);
      }
      visit(id);
    }
  });
}

}  // namespace recast::plan
