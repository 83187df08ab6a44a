#pragma once
// Scalar expressions with one mistake each, made from their text.

#include <string>
#include <vector>

namespace recast::mutation {

/// Texts that differ from `expression` and from each other: a name that is null, a number one
/// larger, another word, truths and comparisons turned around, `and` for `or`, an operator for its
/// opposite, `not` left out, an argument or item left out, one branch of an `if` alone or both
/// exchanged. Not every one is a valid expression.
std::vector<std::string> mutants_of_expression(const std::string& expression);

}  // namespace recast::mutation
