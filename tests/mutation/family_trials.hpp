#pragma once
// Which conversions see the mistakes in a family's rules. Those that see the most come first.

#include <string>
#include <vector>

#include "tests/mutation/trial.hpp"

namespace recast::mutation {

/// Every family of the tree; one whose line it is comes before those that share it.
const std::vector<std::string>& families();

/// All extents of a model differ, a group has more than one query head where the family allows, and
/// every element is 32 bits that no other has.
std::vector<Trial> trials_of(const std::string& family);

}  // namespace recast::mutation
