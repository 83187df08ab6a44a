#include "cli/progress.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>

#include "engine/base/byte_size.hpp"

namespace recast::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::string_view kClearLine = "\r\x1b[K";

/// 75 -> "1 min 15 s".
std::string print_duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 60) return cat(whole, " s");
  if (whole < 3600) return cat(whole / 60, " min ", whole % 60, " s");
  return cat(whole / 3600, " h ", whole % 3600 / 60, " min");
}

}  // namespace

std::string print_progress(const exec::Progress& progress, std::chrono::duration<double> elapsed) {
  const std::uint64_t done = std::min(progress.bytes_done, progress.bytes_total);
  const double share = progress.bytes_total == 0
                           ? 1.0
                           : static_cast<double>(done) / static_cast<double>(progress.bytes_total);
  std::string line = cat(print_byte_size(done), " of ", print_byte_size(progress.bytes_total), "  ",
                         static_cast<int>(share * 100), " %");
  if (elapsed.count() <= 0 || done == 0) return line;
  const double rate = static_cast<double>(done) / elapsed.count();
  line += cat("  ", print_byte_size(static_cast<std::uint64_t>(rate)), "/s");
  if (done < progress.bytes_total)
    line +=
        cat("  ", print_duration(static_cast<double>(progress.bytes_total - done) / rate), " left");
  return line;
}

ProgressLine::ProgressLine(std::ostream& err, bool shown, Clock clock)
    : err_(err), shown_(shown), clock_(std::move(clock)), started_(clock_()) {}

exec::ProgressSink ProgressLine::sink() {
  return [this](const exec::Progress& progress) { draw(progress); };
}

void ProgressLine::draw(const exec::Progress& progress) {
  if (!shown_) return;
  const std::lock_guard lock(mutex_);
  const auto now = clock_();
  const bool last = progress.bytes_done >= progress.bytes_total;
  if (drawn_ && !last && now - *drawn_ < kRedraw) return;
  drawn_ = now;
  err_ << kClearLine << print_progress(progress, now - started_) << std::flush;
}

void ProgressLine::finish() {
  const std::lock_guard lock(mutex_);
  if (!drawn_) return;
  err_ << kClearLine << std::flush;
  drawn_.reset();
}

}  // namespace recast::cli
