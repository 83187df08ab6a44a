#include "engine/plan/kept_sources.hpp"

#include <utility>

#include "engine/plan/region.hpp"

namespace recast::plan {
namespace {

using layout::LabelId;
using rules::Region;
using tensor::Box;

/// Beyond this a list of what is missing helps nobody.
constexpr std::size_t kMostBoxes = 10'000;

Replica replica_of(const Region& kept, const Region& other, LabelId elements, const Box& common) {
  Replica replica;
  replica.kept = kept.tensor;
  replica.other = other.tensor;
  replica.logical = static_cast<std::uint32_t>(elements);
  replica.kept_offset = offset_of(kept, common);
  replica.other_offset = offset_of(other, common);
  replica.box = common;
  replica.kept_stride = kept.stride;
  replica.other_stride = other.stride;
  replica.tied = kept.label != other.label;
  return replica;
}

}  // namespace

KeptSources::KeptSources(const Source& source, std::vector<LabelId> elements,
                         std::vector<RegionIndex> indexes)
    : source_(source),
      elements_(std::move(elements)),
      indexes_(std::move(indexes)),
      volume_(indexes_.size(), 0) {}

void KeptSources::take(std::vector<Replica>& replicas) {
  for (const Region& region : source_.side.placement.regions) {
    if (!source_.present[region.tensor]) continue;
    const LabelId elements = elements_[at(region.label)];
    std::vector<Box> fresh{region.box};
    indexes_[at(elements)].for_each_near(region.box, [&](std::uint32_t id) {
      const Region& kept = kept_[id];
      for (const Box& box : fresh)
        if (const auto common = tensor::intersect(box, kept.box))
          replicas.push_back(replica_of(kept, region, elements, *common));
      fresh = without(fresh, kept.box);
    });
    for (const Box& box : fresh) {
      Region piece = region;
      piece.offset = offset_of(region, box);
      piece.box = box;
      indexes_[at(elements)].insert(box, static_cast<std::uint32_t>(kept_.size()));
      kept_.push_back(piece);
      volume_[at(elements)] += tensor::volume(box);
    }
  }
}

std::vector<Box> KeptSources::missing(LabelId label, const Box& all) const {
  std::vector<Box> missing{all};
  for (const Region& piece : kept_) {
    if (elements_[at(piece.label)] != label) continue;
    missing = without(missing, piece.box);
    if (missing.size() > kMostBoxes) break;
  }
  return missing;
}

}  // namespace recast::plan
