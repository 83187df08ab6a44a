#pragma once
// Two checkpoints of whatever frameworks and topologies, compared as models: element by element in
// the axes of the family, and size by size where both tell.

#include <optional>
#include <string>
#include <vector>

#include "engine/checkpoint/bind.hpp"
#include "engine/verify/compare.hpp"

namespace recast::checkpoint {

/// A size on which two configurations disagree.
struct SizeDifference {
  std::string size, left, right;
};

/// One side: what was opened and what the rules make of it.
struct Compared {
  const Opened& opened;
  const Bound& bound;
};

struct ModelComparison {
  plan::Plan plan;  // left into right's own layout
  verify::Comparison tensors;
  std::vector<SizeDifference> sizes;
  std::vector<std::string> not_held;  // of one side's model, what the other's framework cannot hold
  std::vector<plan::Dropped> not_compared;  // padding, constants
  std::uint64_t replica_nbytes = 0;         // replicas compared within each side

  bool equal() const noexcept { return tensors.equal() && sizes.empty() && not_held.empty(); }
};

/// `check_replicas`: read every replica on both sides and compare it with the one that is used.
/// Codes: plan.*, io.*; differences are no error.
std::optional<ModelComparison> compare_models(const io::FileSystem& files, const Compared& left,
                                              const Compared& right,
                                              const verify::Tolerance& tolerance,
                                              bool check_replicas, const exec::Options& options,
                                              const exec::ProgressSink& progress,
                                              DiagnosticSink& sink);

}  // namespace recast::checkpoint
