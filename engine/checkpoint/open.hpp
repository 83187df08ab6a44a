#pragma once
// A checkpoint on the disk, found and opened: which framework, which files, what they hold, what
// the configuration says. No rule of a family is involved yet, and no payload is read.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/file_system.hpp"
#include "engine/rules/loader.hpp"
#include "engine/rules/placement.hpp"
#include "engine/tensor/catalog.hpp"

namespace recast::checkpoint {

struct OpenedFile {
  std::string path;  // relative to Opened::folder
  tensor::FileCatalog catalog;
  std::string rank_buffers;  // holds those of this rule and nothing of the model; or empty
};

struct Opened {
  std::string path;    // as it was given
  std::string folder;  // where the tensors' files are
  rules::RuleSet framework;
  std::string container;
  std::vector<OpenedFile> files;  // sorted by path
  std::optional<tensor::Value> config;
  std::string config_place;  // the file that holds it
  rules::ValueMap told;      // sizes that names and trackers tell (an iteration)
  rules::ValueMap stated;    // sizes that the files' own entries state
  rules::Grid grid;
  std::vector<std::string> ignored_files;  // "path: why"
  std::vector<std::string> notes;
  bool sharded = false;  // tensors of one rank are spread over all files
};

struct OpenOptions {
  std::string framework;  // empty: found out
  rules::ValueMap set;
  bool allow_no_tensors = false;  // a configuration alone will do (planning) …
  bool config_only = false;       // … and is all that is looked at
};

/// Frameworks whose files lie in a folder, by name. Codes: rule.*, expr.*.
std::vector<std::string> recognise(const io::FileSystem& files, const rules::Library& library,
                                   const std::string& path, DiagnosticSink& sink);

/// Codes: io.*, format.*, plan.unknown-framework, plan.refused.
std::optional<Opened> open_checkpoint(const io::FileSystem& files, const rules::Library& library,
                                      const std::string& path, const OpenOptions& options,
                                      DiagnosticSink& sink);

}  // namespace recast::checkpoint
