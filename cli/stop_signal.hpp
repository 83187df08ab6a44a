#pragma once
// Ctrl-C as a request: a run that is stopped cleans up after itself.

#include <atomic>

namespace recast::cli {

/// While it lives, the first SIGINT or SIGTERM sets requested(); a second one ends the program at
/// once. One at a time.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// For the executor's `cancel`.
  const std::atomic<bool>& requested() const noexcept;
};

}  // namespace recast::cli
