#pragma once
// run() with limits of the caller's choice instead of those that follow from Options: what tests
// and benchmarks cut small.

#include "engine/exec/executor.hpp"
#include "engine/exec/stream.hpp"

namespace recast::exec {

/// As run(); `limits` stand in for options.memory_nbytes and options.threads, and may be as small
/// as one element.
Result<Outcome> run_limited(const Inputs& inputs, const Outputs& outputs, const Options& options,
                            const StreamLimits& limits, const ProgressSink& progress,
                            const std::atomic<bool>* cancel);

}  // namespace recast::exec
