#include "cli/stop_signal.hpp"

#include <array>
#include <csignal>

#include "engine/base/diagnostic.hpp"

namespace recast::cli {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};

// A handler can reach nothing but globals.
std::atomic<bool> stop_requested{false};
std::atomic<bool> in_use{false};
std::array<struct sigaction, kSignals.size()> previous{};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void request_stop(int) {
  stop_requested = true;
}

}  // namespace

StopSignal::StopSignal() {
  RECAST_CHECK(!in_use.exchange(true), "one StopSignal at a time");
  stop_requested = false;
  struct sigaction action {};
  action.sa_handler = request_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (std::size_t i = 0; i < kSignals.size(); ++i)
    sigaction(kSignals[i], &action, &previous[i]);
}

StopSignal::~StopSignal() {
  for (std::size_t i = 0; i < kSignals.size(); ++i)
    sigaction(kSignals[i], &previous[i], nullptr);
  in_use = false;
}

const std::atomic<bool>& StopSignal::requested() const noexcept {
  return stop_requested;
}

}  // namespace recast::cli
