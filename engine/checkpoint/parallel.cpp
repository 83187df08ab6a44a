#include "engine/checkpoint/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace recast::checkpoint {

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& job,
                 std::size_t threads, const StartThread& start) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++)
        job(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      if (!thrown) thrown = std::current_exception();
    }
  };
  std::vector<std::thread> pool;
  pool.reserve(threads);
  try {
    while (pool.size() + 1 < std::min(count, threads))
      pool.push_back(start(work));
  } catch (const std::exception&) {
    // The system allows no more threads, or has no memory for them: those that there are do it.
  }
  work();
  for (std::thread& thread : pool)
    thread.join();
  if (thrown) std::rethrow_exception(std::move(thrown));
}

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& job) {
  in_parallel(count, job, std::max(1U, std::thread::hardware_concurrency()),
              [](const std::function<void()>& work) { return std::thread(work); });
}

}  // namespace recast::checkpoint
