#pragma once
// One line on the terminal that says how far a run is: bytes, rate, time left.

#include <chrono>
#include <functional>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <string>

#include "engine/exec/executor.hpp"

namespace recast::cli {

/// `4.10 GB of 16.1 GB  25 %  2.05 GB/s  5 s left`. The rate is that of the whole run so far;
/// without time passed it is left out, and so is the time left.
std::string print_progress(const exec::Progress& progress, std::chrono::duration<double> elapsed);

/// Draws on the stream that it borrows; removes its line when it ends. Thread-safe.
class ProgressLine {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// Draws nothing unless `shown`: on a terminal, without --quiet.
  ProgressLine(std::ostream& err, bool shown, Clock clock = std::chrono::steady_clock::now);
  ~ProgressLine() { finish(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// For the executor; refers to this object.
  exec::ProgressSink sink();
  void draw(const exec::Progress& progress);
  /// Clears the line; what is printed next starts in column 1.
  void finish();

 private:
  std::ostream& err_;
  bool shown_;
  Clock clock_;
  std::chrono::steady_clock::time_point started_;
  std::optional<std::chrono::steady_clock::time_point> drawn_;
  std::mutex mutex_;
};

}  // namespace recast::cli
