#pragma once
// What convert, plan and verify share: rules loaded, a source found, opened and bound, with every
// problem reported.

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "cli/command.hpp"
#include "cli/report.hpp"
#include "cli/shared_options.hpp"
#include "engine/checkpoint/bind.hpp"
#include "engine/checkpoint/target.hpp"
#include "engine/exec/executor.hpp"

namespace recast::cli {

/// A source as it was found and what the rules make of it.
struct Source {
  checkpoint::Opened opened;
  checkpoint::Bound bound;
};

class Session {
 public:
  Session(Streams streams, Reporter& report) : streams_(streams), report_(report) {}

  /// False after anything was reported as an error.
  bool load_rules(const std::vector<std::string>& folders);
  /// `alone`: a configuration without weights will do. The configuration of another framework that
  /// the source carries tells what the source's own does not.
  std::unique_ptr<const Source> open(const std::string& path, const SourceOptions& options,
                                     bool alone);
  /// What `open` does after opening; reports into `sink`.
  std::optional<checkpoint::Bound> bind(const checkpoint::Opened& opened,
                                        const SourceOptions& options, const rules::ValueMap& set,
                                        DiagnosticSink& sink);
  std::optional<checkpoint::Conversion> plan(const Source& source, const TargetOptions& target,
                                             const SourceOptions& options);

  const rules::Library& library() const { return *library_; }
  /// `--set` as values; nullopt after a report.
  std::optional<rules::ValueMap> settings(const std::vector<Assignment>& sets);

 private:
  bool reported(const DiagnosticSink& sink);
  Streams streams_;
  Reporter& report_;
  std::optional<rules::Library> library_;
};

/// What finding and binding had to say, one line each.
void print_notes(const Source& source, std::ostream& err);

exec::Options exec_options(const RunOptions& machine, bool allow_overflow);

}  // namespace recast::cli
