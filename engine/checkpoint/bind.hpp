#pragma once
// An opened checkpoint against a family's rules: every stored tensor is what a rule says it is, or
// is named.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/checkpoint/open.hpp"
#include "engine/plan/solve.hpp"

namespace recast::checkpoint {

/// A tensor that a rank keeps for itself (see rank_buffers.hpp).
struct RankBuffer {
  std::string rule;                   // name of its RankBufferRule
  std::string kind;                   // which of a rank's buffers
  std::vector<std::string> key;       // one value for each of the rule's keys
  std::uint32_t file = 0, index = 0;  // where it is: Opened::files and that file's catalog
};

struct Bound {
  rules::RuleSet rules;
  rules::Sizes sizes;
  rules::Grid grid;
  rules::Stages stages;
  rules::Placement placement;
  std::vector<rules::LiveTensor> live;
  // Parallel to placement.tensors.
  std::vector<bool> present;
  std::vector<tensor::DType> dtypes;
  std::vector<std::uint32_t> stored_file, stored_index;
  std::vector<std::string> file_paths;  // full paths of the files on the disk
  std::map<std::string, std::pair<std::int64_t, std::string>>
      ignored;  // pattern -> how many names, why
  std::vector<RankBuffer> rank_buffers;
  std::vector<std::string> notes;
  bool synthetic = false;  // made from a configuration alone
};

struct BindOptions {
  std::string family;  // empty: found out
  rules::ValueMap set;
  const rules::Sizes* carried = nullptr;  // sizes of a configuration that was carried along
};

/// `opened` must outlive nothing: what is needed of it is copied. Codes: plan.*, format.*,
/// layout.*, expr.*, rule.*.
std::optional<Bound> bind(const Opened& opened, const rules::Library& library,
                          const BindOptions& options, DiagnosticSink& sink);

/// The view of a bound checkpoint that solving takes; borrows it.
plan::Source source_of(const Bound& bound);

}  // namespace recast::checkpoint
