#include "cli/progress.hpp"

#include <doctest/doctest.h>

#include <sstream>

namespace recast::cli {
namespace {

using Seconds = std::chrono::duration<double>;

TEST_CASE("cli/progress: bytes, share, rate and time left") {
  CHECK(print_progress({4'000'000'000, 16'000'000'000}, Seconds(2)) ==
        "4.00 GB of 16.0 GB  25 %  2.00 GB/s  6 s left");
  CHECK(print_progress({1'000'000, 1'000'000'000}, Seconds(1)) ==
        "1.00 MB of 1.00 GB  0 %  1.00 MB/s  16 min 39 s left");
  CHECK(print_progress({1'000'000, 20'000'000'000}, Seconds(1)) ==
        "1.00 MB of 20.0 GB  0 %  1.00 MB/s  5 h 33 min left");
}

TEST_CASE("cli/progress: what is not known yet is left out") {
  CHECK(print_progress({0, 16'000}, Seconds(2)) == "0 B of 16.0 kB  0 %");
  CHECK(print_progress({8'000, 16'000}, Seconds(0)) == "8.00 kB of 16.0 kB  50 %");
  CHECK(print_progress({16'000, 16'000}, Seconds(2)) == "16.0 kB of 16.0 kB  100 %  8.00 kB/s");
  CHECK(print_progress({0, 0}, Seconds(0)) == "0 B of 0 B  100 %");
}

/// A line on a stream, with a clock that stands still until it is moved.
struct Drawn {
  std::ostringstream err;
  std::chrono::steady_clock::time_point now{};
  ProgressLine line;
  explicit Drawn(bool shown) : line(err, shown, [this] { return now; }) {}
};

TEST_CASE("cli/progress: the line is redrawn at most ten times a second, and at the end") {
  Drawn drawn(true);
  drawn.now += std::chrono::seconds(1);
  drawn.line.draw({1000, 4000});
  drawn.now += std::chrono::milliseconds(50);
  drawn.line.draw({2000, 4000});
  CHECK(drawn.err.str() == "\r\x1b[K1.00 kB of 4.00 kB  25 %  1.00 kB/s  3 s left");
  drawn.err.str("");
  drawn.line.draw({4000, 4000});
  CHECK(drawn.err.str() == "\r\x1b[K4.00 kB of 4.00 kB  100 %  3.81 kB/s");
  drawn.err.str("");
  drawn.line.finish();
  drawn.line.finish();
  CHECK(drawn.err.str() == "\r\x1b[K");
}

TEST_CASE("cli/progress: off a terminal nothing is written") {
  Drawn drawn(false);
  drawn.now += std::chrono::seconds(1);
  drawn.line.sink()({1000, 4000});
  drawn.line.finish();
  CHECK(drawn.err.str().empty());
}

TEST_CASE("cli/progress: a line never drawn is not cleared") {
  Drawn drawn(true);
  drawn.line.finish();
  CHECK(drawn.err.str().empty());
}

}  // namespace
}  // namespace recast::cli
