#pragma once
// Kernels alone, in memory, against memcpy in the same run.

#include <nlohmann/json.hpp>

namespace recast::bench {

/// One object per kernel and table: GB/s (bytes read and written, halved) and the ratio to memcpy
/// of as many bytes.
nlohmann::ordered_json measure_kernels();

}  // namespace recast::bench
