#pragma once
// The same small job for many items on all cores: reading the headers of many files.

#include <cstddef>
#include <functional>

namespace recast::checkpoint {

/// Calls `job(i)` for i in [0, count), each once, on as many threads as there are cores; returns
/// when all are done. The job must not throw and must touch only what belongs to its i.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& job);

}  // namespace recast::checkpoint
