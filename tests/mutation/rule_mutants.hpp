#pragma once
// Rule files with one mistake each, made from the files as they are.

#include <map>
#include <set>
#include <string>
#include <vector>

namespace recast::mutation {

/// Path below the rules' folder -> text.
using RuleFiles = std::map<std::string, std::string>;

/// One file's new text. `name` says what was done where, and is the same from run to run.
struct RuleMutant {
  std::string name;  // "llama/megatron.yaml norm: …"
  std::string file;
  std::string text;
};

/// What the rules of one family are made of, so that mutants stay among words that mean something.
struct Vocabulary {
  std::vector<std::string> axes, tensors;
  std::set<std::string> lines;  // names of the table's lines that the family uses
};

/// Mutants of a framework's or a family's page: every layout mutated (layout_mutants.hpp) or
/// exchanged with another line's, lines left out, conditions turned around or left out, cuts of
/// other axes or dimensions or none, stages in another order, with a tensor more, less or at the
/// other end, local axes and padding left out.
std::vector<RuleMutant> mutants_of_rules(const std::string& path, const std::string& text,
                                         const Vocabulary& words);

}  // namespace recast::mutation
