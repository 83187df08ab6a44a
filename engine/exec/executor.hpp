#pragma once
// Runs a plan's copies and fills under a hard memory budget, in tiles that read every source byte
// once (design §4.7).

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/io/file_system.hpp"
#include "engine/plan/plan.hpp"

namespace recast::exec {

/// Where a tensor's bytes are: parallel to Plan::sources or Plan::targets. `byte_offset` is that of
/// element 0 (the element to which a Copy's offset counts).
struct TensorPlace {
  std::uint32_t file = 0;
  std::uint64_t byte_offset = 0;
};

struct Options {
  std::uint64_t memory_nbytes = 256ULL << 20;  // for all buffers of all threads together
  int threads = 0;                             // 0: one per core
  bool allow_overflow = false;  // finite values beyond the range of a cast's type become infinities
  bool merge_axes = true;       // passes that can be switched off; the bytes are the same
  bool read_in_place = true;    // read straight into the buffer that is written
};

/// Bytes done so far, of how many; called from worker threads, at most a few times per second and
/// at the end.
struct Progress {
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
};
using ProgressSink = std::function<void(const Progress&)>;

/// What a run did; `crc32` holds one value per target tensor when they were asked for.
struct Outcome {
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t peak_buffer_nbytes = 0;
  std::uint64_t overflows =
      0;  // finite elements that a cast made infinite (only with allow_overflow)
  std::vector<std::uint32_t> crc32;
};

/// Files are borrowed and indexed by TensorPlace::file.
struct Inputs {
  const plan::Plan& plan;
  std::vector<const io::RandomAccessFile*> source_files;
  std::vector<TensorPlace> source_places;
};
struct Outputs {
  std::vector<io::OutputFile*> target_files;
  std::vector<TensorPlace> target_places;
  std::vector<bool> wants_crc;  // per target file
};

/// Errors: io.*, plan.overflow (names the first element in the plan's order and says how many there
/// are), plan.cannot-cast, plan.memory-too-small (less than 1 MiB), plan.cancelled. What was
/// written before an error stays where it is. The bytes written depend on neither threads nor
/// budget. `cancel` may be null.
Result<Outcome> run(const Inputs& inputs, const Outputs& outputs, const Options& options,
                    const ProgressSink& progress, const std::atomic<bool>* cancel);

/// Reads both sides of Plan::replicas that are tied or whose box is at most `limit_nbytes` and
/// compares them bit for bit, types included. Returns how many bytes were compared (those of one
/// side). Errors: plan.replica-differs (names both tensors and the first differing element by
/// axis), plan.memory-too-small, plan.cancelled, io.*.
Result<std::uint64_t> check_replicas(const Inputs& inputs, std::uint64_t limit_nbytes,
                                     const Options& options,
                                     const std::atomic<bool>* cancel = nullptr);

/// Reads Plan::constants and compares each element with its value as the element's type has it, or
/// as a narrower type that the file came from had it. Errors: plan.constant-differs (names the
/// first element by axis), io.*.
Result<void> check_constants(const Inputs& inputs);

}  // namespace recast::exec
