#include "engine/checkpoint/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace recast::checkpoint {

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& job) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++)
      job(i);
  };
  const std::size_t threads =
      std::min<std::size_t>(count, std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> pool;
  for (std::size_t i = 1; i < threads; ++i)
    pool.emplace_back(work);
  work();
  for (std::thread& thread : pool)
    thread.join();
}

}  // namespace recast::checkpoint
