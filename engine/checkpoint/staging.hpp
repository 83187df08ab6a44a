#pragma once
// The folder in which an output is made: hidden, beside the output, of this run alone.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/io/file_system.hpp"

namespace recast::checkpoint {

/// Refuses an output folder that holds something or cannot be replaced by a finished one. Codes:
/// io.output-not-empty, io.output-place, io.read-failed.
Result<void> check_output(const io::FileSystem& files, const std::string& folder);

/// A folder that becomes the output, or vanishes. While it lives no other run writes that output:
/// `.<output>.recast-lock` beside it is held, and the folder is `.<output>.recast-partial-<run>`.
class Staging {
 public:
  /// Takes the lock, makes the folder and removes those that runs of this machine left when they
  /// were killed. Those of other machines may still be written, for locks need not reach so far:
  /// they stay, and `notes` names them. Codes: those of check_output, io.output-busy,
  /// io.write-failed, io.disk-full.
  static Result<std::unique_ptr<Staging>> begin(io::FileSystem& files, const std::string& folder,
                                                std::vector<std::string>& notes);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// Makes a file, and the folders above it; `inner` is relative to the output.
  Result<std::unique_ptr<io::OutputFile>> create(const std::string& inner);

  /// Puts the folders on the disk and gives the output its name. The files must have been synced.
  /// Where the name cannot be given, the finished files stay, and the diagnostic says where.
  Result<void> publish();

 private:
  Staging(io::FileSystem& files, std::string output, std::string run);

  io::FileSystem& files_;
  std::string output_, run_, path_;
  std::unique_ptr<io::Lock> lock_;
  std::set<std::string> folders_;  // whose entries this run made
  bool made_ = false;              // and to be removed
};

/// Where the output really is: links followed, no slash at the end. Codes: io.read-failed.
Result<std::string> output_path(const io::FileSystem& files, const std::string& folder);

}  // namespace recast::checkpoint
