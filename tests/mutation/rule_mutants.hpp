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
  /// Whose conversions may see it, the most likely first: all, or for a line in a framework's table
  /// those that use it.
  std::vector<std::string> families;
};

/// What the rules of all families are made of, so that mutants stay among words that mean
/// something.
struct Vocabulary {
  std::vector<std::string> axes, tensors;
  /// Family -> names of the lines that it uses in the framework's table, with those of its own
  /// page.
  std::map<std::string, std::set<std::string>> lines;
  std::vector<std::string> families;  // in the order in which they are asked whose a line is
};

/// Mutants of a framework's or a family's page for it: every layout mutated (layout_mutants.hpp) or
/// exchanged with another line's of the same axes; lines, and variants of a line, left out;
/// conditions turned around, made constant, or a part of them left out; tensors that carry nothing
/// made otherwise; cuts of other axes or dimensions, in another place or none; stages in another
/// order, with a tensor more, less or at the other end; local axes, padding and places in the mesh.
std::vector<RuleMutant> mutants_of_rules(const std::string& path, const std::string& text,
                                         const Vocabulary& words);

/// Mutants of a family's own model: axes left out, of a tensor or of all, or of another extent;
/// tensors left out; conditions and constants; ties. The order of a tensor's axes says nothing here
/// and stays.
std::vector<RuleMutant> mutants_of_model(const std::string& path, const std::string& text,
                                         const std::vector<std::string>& families);

}  // namespace recast::mutation
