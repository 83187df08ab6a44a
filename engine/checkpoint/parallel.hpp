#pragma once
// The same small job for many items on all cores: reading the headers of many files.

#include <cstddef>
#include <functional>
#include <thread>

namespace recast::checkpoint {

/// Starts a thread; throws std::system_error where the system allows no more.
using StartThread = std::function<std::thread(const std::function<void()>& work)>;

/// Calls `job(i)` for i in [0, count), each once, on as many threads as there are cores, or on
/// fewer where no more can be started; returns when all are done. The job must touch only what
/// belongs to its i. After one has thrown no more are begun, and the exception is the caller's.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& job);

/// The same with `threads` at most, the caller's among them.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& job,
                 std::size_t threads, const StartThread& start);

}  // namespace recast::checkpoint
