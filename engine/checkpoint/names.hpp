#pragma once
// Names of stored tensors, per rank's file: where each is, which chunk of the model it belongs to,
// which may be ignored.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/checkpoint/open.hpp"

namespace recast::checkpoint {

/// A stored tensor: indices into Opened::files and that file's catalog.
struct StoredAt {
  std::uint32_t file = 0;
  std::uint32_t index = 0;
};
using NameMap = std::unordered_map<std::string_view, StoredAt>;

/// Borrows the opened checkpoint. Where tensors of one rank are spread over all files there is one
/// map for all.
class NameTable {
 public:
  explicit NameTable(const Opened& opened);
  /// Names in the file of that relative path; null if the file is not there.
  const NameMap* of(const std::string& path) const;
  const tensor::StoredTensor& tensor(const StoredAt& at) const {
    return opened_.files[at.file].catalog.tensors[at.index];
  }
  /// Parallel to the opened files: whether a placed file stands for it.
  std::vector<bool> placed_files(const rules::Placement& placement) const;

 private:
  const Opened& opened_;
  bool single_;  // files are one set of weights
  std::vector<NameMap> maps_;
  std::unordered_map<std::string_view, std::size_t> map_of_;
};

/// The dialect's `ignore` lines and the names of rank buffers, matched as one set.
class IgnoreSet {
 public:
  IgnoreSet(const rules::RuleSet& rules, const rules::Grid& grid, DiagnosticSink& sink);
  /// The line that covers a tensor's full name; null if none does.
  const rules::IgnoreRule* match(const std::string& name) const;

 private:
  const rules::IgnoreRule& below(std::size_t id) const;

  const rules::RuleSet& rules_;
  std::vector<std::string> roots_;
  std::optional<lang::TemplateSet> below_root_, from_top_;
  std::vector<std::size_t> below_ids_, top_ids_;
};

}  // namespace recast::checkpoint
