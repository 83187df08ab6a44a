#pragma once
// Synthetic plans in the shapes that conversions are made of, each of about the same number of
// bytes.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/plan/plan.hpp"

namespace recast::bench {

struct Case {
  std::string name;
  plan::Plan plan;  // source_files and target_files are bare names
};

/// Every case; each reads about `nbytes`.
std::vector<Case> all_cases(std::int64_t nbytes);

}  // namespace recast::bench
