#pragma once
// Random plans with the bytes to run them on: axes cut into cells, cells laid out in any order of
// axes, side by side, under common axes, in files with gaps; casts, fills past the true extent,
// repeated elements, replicas on both sides.

#include <cstdint>
#include <random>

#include "tests/support/reference_executor.hpp"

namespace recast::support {

struct RandomRun {
  plan::Plan plan;
  ReferenceSide left;   // files are full of random bytes
  ReferenceSide right;  // files are full of 0x5a: what no step writes must stay so
};

struct RandomShape {
  std::int64_t most_extent = 6;  // of an axis
  bool casts = true;
  bool whole_targets = false;  // every element of every target tensor is written
};

RandomRun random_run(std::mt19937_64& random, const RandomShape& shape);

}  // namespace recast::support
