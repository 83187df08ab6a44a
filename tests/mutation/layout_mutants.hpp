#pragma once
// Layout expressions that are like a given one and wrong in one place.

#include <string>
#include <vector>

namespace recast::mutation {

struct LayoutMutant {
  std::string what;  // "items swapped"
  std::string text;  // the whole expression
};

/// Every mutant of `layout`, each text once, none equal to the original's:
///   an item or a part left out; two items of a sequence swapped; two parts of a sum swapped, or
///   their labels alone; parentheses left out; two neighbouring dimensions put into parentheses; an
///   axis moved to any other place; two axes exchanged.
/// Left out are those that never load: what no text can say, parentheses or parts around nothing,
/// and layouts that give a tensor other axes than it has.
/// Throws std::runtime_error if `layout` does not parse.
std::vector<LayoutMutant> mutants_of_layout(const std::string& layout);

}  // namespace recast::mutation
