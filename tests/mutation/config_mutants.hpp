#pragma once
// Mistakes in what rules say of configurations.

#include <string>
#include <vector>

#include "tests/mutation/rule_mutants.hpp"

namespace recast::mutation {

/// Mutants of what a page reads from configurations and writes into them: entries left out, fields
/// by another name, other expressions (expression_mutants.hpp), other constants and defaults; of
/// sizes, their defaults and the words that they may be; of the mesh, its sizes; of a page's
/// `document`, what is written; of `check`, `replaces` and `tell`, each entry.
std::vector<RuleMutant> mutants_of_config(const std::string& path, const std::string& text,
                                          const std::vector<std::string>& families);

/// Mutants of how a family is told from the others.
std::vector<RuleMutant> mutants_of_detection(const std::string& path, const std::string& text,
                                             const std::vector<std::string>& families);

/// Mutants of what is refused, on reading and on writing: rules left out, and other conditions.
std::vector<RuleMutant> mutants_of_refusals(const std::string& path, const std::string& text,
                                            const std::vector<std::string>& families);

/// Mutants of names: of files and folders, and of stored tensors that are ignored. Left out, longer
/// by a letter, with another width, without an optional part, with a star less.
std::vector<RuleMutant> mutants_of_names(const std::string& path, const std::string& text,
                                         const std::vector<std::string>& families);

}  // namespace recast::mutation
