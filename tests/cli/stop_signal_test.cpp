#include "cli/stop_signal.hpp"

#include <doctest/doctest.h>

#include <csignal>

#include "engine/base/diagnostic.hpp"

namespace recast::cli {
namespace {

TEST_CASE("cli/stop_signal: the first signal is a request, and each object starts without one") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const StopSignal stop;
    CHECK(!stop.requested());
    std::raise(signal);
    CHECK(stop.requested());
  }
}

TEST_CASE("cli/stop_signal: a second signal has its usual effect") {
  const StopSignal stop;
  std::raise(SIGINT);
  struct sigaction action {};
  sigaction(SIGINT, nullptr, &action);
  CHECK((action.sa_handler == SIG_DFL));
}

TEST_CASE("cli/stop_signal: what was there before comes back") {
  struct sigaction before {
  }, after{};
  sigaction(SIGTERM, nullptr, &before);
  { const StopSignal stop; }
  sigaction(SIGTERM, nullptr, &after);
  CHECK((before.sa_handler == after.sa_handler));
}

TEST_CASE("cli/stop_signal: there is one at a time") {
  const StopSignal stop;
  CHECK_THROWS_AS(StopSignal(), InternalError);
}

}  // namespace
}  // namespace recast::cli
