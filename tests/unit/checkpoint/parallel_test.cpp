#include "engine/checkpoint/parallel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace recast::checkpoint {
namespace {

TEST_CASE("checkpoint/parallel: each job is done once, also where no thread can be started") {
  for (const std::size_t allowed : {0U, 1U, 2U, 7U}) {
    CAPTURE(allowed);
    std::size_t started = 0;
    std::vector<int> done(1000, 0);
    in_parallel(
        done.size(), [&](std::size_t i) { ++done[i]; }, 8,
        [&](const std::function<void()>& work) {
          if (started == allowed)
            throw std::system_error(
                std::make_error_code(std::errc::resource_unavailable_try_again));
          ++started;
          return std::thread(work);
        });
    CHECK((done == std::vector<int>(1000, 1)));
    CHECK(started == allowed);
  }
}

TEST_CASE("checkpoint/parallel: no more threads are started than there are jobs") {
  std::size_t started = 0;
  in_parallel(
      3, [](std::size_t) {}, 8,
      [&](const std::function<void()>& work) {
        ++started;
        return std::thread(work);
      });
  CHECK(started == 2);
  in_parallel(0, [](std::size_t) { FAIL("there is no job"); });
}

TEST_CASE("checkpoint/parallel: what a job throws reaches the caller, from whichever thread") {
  for (const std::size_t thrower : {std::size_t{0}, std::size_t{1}, std::size_t{40}}) {
    CAPTURE(thrower);
    std::atomic<std::size_t> done{0};
    const auto run = [&] {
      in_parallel(
          100000,
          [&](std::size_t i) {
            if (i == thrower) throw std::runtime_error("on purpose");
            ++done;
          },
          4, [](const std::function<void()>& work) { return std::thread(work); });
    };
    CHECK_THROWS_WITH_AS(run(), "on purpose", std::runtime_error);
    CHECK(done < 100000);
  }
}

}  // namespace
}  // namespace recast::checkpoint
