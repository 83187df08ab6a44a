#pragma once
// What became of mutants, and the list of those of which it is known why nothing can see them.

#include <map>
#include <set>
#include <string>

#include "tests/mutation/trial.hpp"

namespace recast::mutation {

/// Every rule file of the tree, read once.
const RuleFiles& rule_files();

/// "MUTANT = reason", one a line; '#' begins a comment. A '\n' in a mutant is written as it is
/// here.
std::map<std::string, std::string> equivalents(const std::string& path);

class Tally {
 public:
  void add(const std::string& mutant, Verdict verdict);

  /// Prints the counts; fails the test for a survivor that is not `known`, for one that is and does
  /// not survive, and if less than `at_least` were killed.
  void check(const std::string& what, const std::map<std::string, std::string>& known,
             std::size_t at_least) const;

 private:
  std::map<Verdict, std::size_t> counts_;
  std::set<std::string> names_, survivors_;
};

/// Fails the test for one of `known` that is no mutant any more, or whose reason is none.
void check_known(const std::map<std::string, std::string>& known,
                 const std::set<std::string>& mutants);

}  // namespace recast::mutation
