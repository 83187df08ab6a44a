#pragma once
// compare() with limits of the caller's choice instead of those that follow from Options: what
// tests cut small.

#include "engine/exec/stream.hpp"
#include "engine/verify/compare.hpp"

namespace recast::verify {

Result<Comparison> compare_limited(const exec::Inputs& left,
                                   const std::vector<const io::RandomAccessFile*>& right_files,
                                   const std::vector<exec::TensorPlace>& right_places,
                                   const Tolerance& tolerance, const exec::StreamLimits& limits,
                                   const exec::ProgressSink& progress);

}  // namespace recast::verify
