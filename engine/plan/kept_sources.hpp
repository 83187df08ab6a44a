#pragma once
// What each element of the model is read from: sources may state one element several times, and the
// first statement is kept.

#include <cstdint>
#include <vector>

#include "engine/plan/plan.hpp"
#include "engine/plan/region_index.hpp"
#include "engine/plan/solve.hpp"

namespace recast::plan {

class KeptSources {
 public:
  /// `source` is borrowed; one index per logical tensor. `elements`: whose elements each logical
  /// tensor shares (its own number where it shares none).
  KeptSources(const Source& source, std::vector<layout::LabelId> elements,
              std::vector<RegionIndex> indexes);

  /// Keeps the first statement of each element in the order of the placement; the others become
  /// replicas.
  void take(std::vector<Replica>& replicas);

  /// Calls `visit(region, common)` for each kept region that meets `box`, with what they have in
  /// common.
  template <class Visit>
  void for_each_in(layout::LabelId label, const tensor::Box& box, const Visit& visit) const;

  /// How many elements of a logical tensor are kept.
  std::int64_t volume(layout::LabelId label) const {
    return volume_[static_cast<std::size_t>(label)];
  }

  /// What of `all` has no source, as disjoint boxes; stops looking when there are very many.
  std::vector<tensor::Box> missing(layout::LabelId label, const tensor::Box& all) const;

 private:
  const Source& source_;
  std::vector<layout::LabelId> elements_;
  std::vector<RegionIndex> indexes_;
  std::vector<rules::Region> kept_;
  std::vector<std::int64_t> volume_;
};

// ---- implementation

template <class Visit>
void KeptSources::for_each_in(layout::LabelId label, const tensor::Box& box,
                              const Visit& visit) const {
  indexes_[static_cast<std::size_t>(label)].for_each_near(box, [&](std::uint32_t id) {
    if (const auto common = tensor::intersect(box, kept_[id].box)) visit(kept_[id], *common);
  });
}

}  // namespace recast::plan
