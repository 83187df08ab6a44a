#pragma once
// Two placements of the same logical tensors -> the copies between them, and the proof that they
// are complete: every target element is written exactly once, every source element is read or named
// as dropped.

#include <string>
#include <vector>

#include "engine/plan/plan.hpp"
#include "engine/rules/placement.hpp"

namespace recast::plan {

/// One side. `dtypes` and `present` are parallel to the placement's tensors; a target is present
/// throughout and its dtypes are what is wanted (see Target). All is borrowed.
struct Side {
  const rules::RuleSet& rules;
  const rules::Placement& placement;
  const std::vector<rules::LiveTensor>& live;
};

struct Source {
  Side side;
  const std::vector<tensor::DType>& dtypes;
  const std::vector<bool>& present;
  const std::vector<std::string>& files;           // paths of the files on the disk
  const std::vector<std::uint32_t>& stored_file;   // which of them holds each tensor
  const std::vector<std::uint32_t>& stored_index;  // index of each tensor in its file's catalog
};

struct Target {
  Side side;
  std::optional<tensor::DType> dtype;  // cast to this, but for tensors whose rule keeps theirs
  const rules::Sizes& sizes;           // the true extents of padded axes, by the axis's rule
  bool fill_padding = true;  // false: padding that the source does not have is left alone (verify)
};

/// Elements of the source that no target reads, and why.
struct Dropped {
  std::string what;  // "264 > 262 along vocab of embed", "head of rank tp 1"
  std::string why;
  std::int64_t elements = 0;
};

struct Solution {
  Plan plan;  // target_files are left to whoever lays files out
  std::vector<Dropped> dropped;
  std::vector<std::string> filled;  // "rows 262 … 287 along vocab of embed repeat row 261"
  std::uint64_t replica_elements = 0;
};

/// Codes: plan.no-source, plan.source-unused, plan.extent-differs, plan.mixed-dtypes. After an
/// error the solution is not to be run.
Solution solve(const Source& source, const Target& target, DiagnosticSink& sink);

/// Checks a finished plan on its own: every address lies inside its tensor, and each element of
/// each target tensor is written exactly once. Codes: plan.not-proven.
void prove(const Plan& plan, DiagnosticSink& sink);

}  // namespace recast::plan
