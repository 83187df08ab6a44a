#include "engine/exec/stream.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/io/page_memory.hpp"

namespace recast::exec {
namespace {

// Measured with tests/bench/exec_bench on tmpfs, 2 cores of 1 MiB second-level cache: tiles of 0.5
// to 4 MiB cost the same, larger ones up to a tenth more; transposes cost 2.1 times a copy in tiles
// of 8 KiB a call and 1.7 times in large ones.
constexpr std::int64_t kPreferredTileNbytes = 2 << 20;
constexpr std::int64_t kMeanCallNbytes = 16 << 10;
constexpr std::uint64_t kPageNbytes = 4096;
constexpr auto kTellEvery = std::chrono::milliseconds(200);

std::uint64_t worker_count(const Options& options) noexcept {
  const std::uint64_t wanted = options.threads > 0
                                   ? static_cast<std::uint64_t>(options.threads)
                                   : std::max(1U, std::thread::hardware_concurrency());
  return std::min(wanted, options.memory_nbytes / kLeastWorkerNbytes);
}

/// What all workers share.
struct Team {
  TileFeed feed;
  const TileBody& body;
  const std::atomic<bool>* cancel;
  std::int64_t worker_nbytes;

  std::mutex mutex;
  std::optional<Diagnostic> error;
  std::exception_ptr exception;
  std::uint64_t peak_nbytes = 0;

  void fail(Diagnostic diagnostic) {
    feed.stop();
    const std::lock_guard lock(mutex);
    if (!error) error = std::move(diagnostic);
  }

  void work() {
    const io::PageMemory memory = io::allocate_pages(static_cast<std::size_t>(worker_nbytes));
    std::int64_t peak = 0;
    Tile tile;
    while (feed.next(tile)) {
      if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) {
        fail(make_diagnostic(Code::plan_cancelled, "the run was stopped before its end"));
        break;
      }
      peak = std::max(peak, tile.staging_nbytes);
      if (Result<void> done = body(tile, memory.get()); !done) {
        fail(std::move(done).error());
        break;
      }
    }
    const std::lock_guard lock(mutex);
    peak_nbytes += static_cast<std::uint64_t>(peak);
  }

  /// Exceptions (out of memory, a bug) cross to the caller's thread.
  void work_guarded() noexcept {
    try {
      work();
    } catch (...) {
      feed.stop();
      const std::lock_guard lock(mutex);
      if (!exception) exception = std::current_exception();
    }
  }
};

}  // namespace

Result<StreamLimits> limits_of(const Options& options) {
  StreamLimits out;
  out.workers = worker_count(options);
  if (out.workers == 0) {
    return make_diagnostic(
               Code::plan_memory_too_small,
               cat("a memory budget of ", options.memory_nbytes, " bytes is less than the ",
                   kLeastWorkerNbytes, " bytes that one thread needs"))
        .suggest("allow at least 1 MiB");
  }
  const std::uint64_t each =
      std::min<std::uint64_t>(options.memory_nbytes / out.workers, 1ULL << 40);
  out.tiles.most_nbytes = static_cast<std::int64_t>(each / kPageNbytes * kPageNbytes);
  out.tiles.preferred_nbytes = std::min(kPreferredTileNbytes, out.tiles.most_nbytes);
  out.tiles.call_nbytes = kMeanCallNbytes;
  return out;
}

Result<std::uint64_t> for_each_tile(const Work& work, const TileRules& rules,
                                    const StreamLimits& limits, const std::atomic<bool>* cancel,
                                    const TileBody& body) {
  Team team{
      TileFeed(work, limits.tiles, rules), body, cancel, limits.tiles.most_nbytes, {}, {}, {}, 0};
  std::vector<std::thread> threads;
  try {
    while (threads.size() + 1 < limits.workers)
      threads.emplace_back([&team] { team.work_guarded(); });
  } catch (const std::system_error&) {
    // The system allows no more threads: those that there are do it.
  }
  team.work_guarded();
  for (std::thread& each : threads)
    each.join();
  if (team.exception) std::rethrow_exception(team.exception);
  if (team.error) return *std::move(team.error);
  return team.peak_nbytes;
}

Result<std::uint64_t> read_windows(const std::vector<Window>& windows,
                                   const std::vector<const io::RandomAccessFile*>& files,
                                   std::byte* memory) {
  std::uint64_t nbytes = 0;
  for (const Window& window : windows) {
    const io::RandomAccessFile& file = *files[window.bytes.file];
    const auto run = static_cast<std::size_t>(window.bytes.run);
    Result<void> outcome;
    for_each_run(window.bytes, window.packing, [&](std::int64_t at, std::int64_t place) {
      outcome = file.read(static_cast<std::uint64_t>(at), {memory + window.place + place, run});
      return outcome.has_value();
    });
    if (!outcome) return std::move(outcome).error();
    nbytes += static_cast<std::uint64_t>(covered_nbytes(window.bytes));
  }
  return nbytes;
}

Meter::Meter(std::uint64_t total, const ProgressSink& sink)
    : total_(total), sink_(sink), told_(std::chrono::steady_clock::now()) {}

void Meter::add(std::uint64_t nbytes) {
  done_.fetch_add(nbytes, std::memory_order_relaxed);
  if (!sink_) return;
  const std::unique_lock lock(telling_, std::try_to_lock);
  if (!lock) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - told_ < kTellEvery) return;
  told_ = now;
  sink_({done_.load(std::memory_order_relaxed), total_});
}

void Meter::finish() {
  if (sink_) sink_({total_, total_});
}

std::uint64_t right_nbytes(const Work& work) noexcept {
  std::uint64_t nbytes = 0;
  for (StepIndex step = 0; step < work.step_count(); ++step) {
    nbytes += static_cast<std::uint64_t>(tensor::volume(box_of(work, step)) *
                                         work.right[right_of(work, step)].element_nbytes);
  }
  return nbytes;
}

}  // namespace recast::exec
