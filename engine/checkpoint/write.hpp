#pragma once
// Runs a planned conversion: files are made aside, filled, synced, and get their names in one
// rename at the end. A run that stops before that leaves nothing under a final name.

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "engine/checkpoint/staging.hpp"
#include "engine/checkpoint/target.hpp"
#include "engine/exec/executor.hpp"

namespace recast::checkpoint {

struct WriteOptions {
  exec::Options run;
  bool check_replicas = false;  // all of them; else those of at most 1 MiB
  const std::atomic<bool>* cancel = nullptr;
};

struct Written {
  exec::Outcome outcome;
  std::uint64_t files = 0;
  std::uint64_t nbytes = 0;          // of all files, headers and small files included
  std::uint64_t replica_nbytes = 0;  // compared on the way
  std::vector<std::string> notes;    // about what other runs left beside the output
};

/// Writes to `folder`, which must not exist or be empty. Codes: io.*, plan.overflow,
/// plan.replica-differs, plan.cancelled, format.cannot-write.
Result<Written> write_checkpoint(io::FileSystem& files, const Opened& opened,
                                 const Conversion& conversion, const std::string& folder,
                                 const WriteOptions& options, const exec::ProgressSink& progress);

/// Fills the payload of all files; gets them open, with their places.
using FillPayload = std::function<Result<exec::Outcome>(const exec::Outputs& outputs)>;

/// The same with any payload: makes the files aside, lets `fill` write them, closes, syncs and
/// renames. Codes: as above.
Result<Written> write_files(io::FileSystem& files, const Conversion& conversion,
                            const std::string& folder, const FillPayload& fill,
                            const std::atomic<bool>* cancel);

/// Open files of a checkpoint and where its tensors' bytes are: what the executor reads from.
struct OpenPayload {
  std::vector<std::unique_ptr<io::RandomAccessFile>> files;
  std::vector<exec::TensorPlace> places;  // parallel to Plan::sources

  std::vector<const io::RandomAccessFile*> borrowed() const;
};
/// `tensors`: sources of a plan, or targets when two checkpoints are compared; `file` and `index`
/// refer to `opened`.
Result<OpenPayload> open_payload(const io::FileSystem& files, const Opened& opened,
                                 const std::vector<plan::PlanTensor>& tensors);

}  // namespace recast::checkpoint
