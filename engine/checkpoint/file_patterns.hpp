#pragma once
// The files of a checkpoint's folder, and the patterns by which rules name them.

#include <optional>
#include <string>
#include <vector>

#include "engine/io/file_system.hpp"
#include "engine/lang/name_template.hpp"

namespace recast::checkpoint {

/// Tells which of the patterns match a name; `numbers`: places that are numbers. nullopt after an
/// error, which is in `sink`. Codes: expr.*.
std::optional<lang::TemplateSet> pattern_set(const std::vector<lang::NameTemplate>& patterns,
                                             const std::vector<std::string>& numbers,
                                             DiagnosticSink& sink);

/// The names of rules that have one.
template <class Rule>
std::vector<lang::NameTemplate> names_of(const std::vector<Rule>& rules) {
  std::vector<lang::NameTemplate> out;
  for (const Rule& rule : rules)
    out.push_back(rule.name);
  return out;
}

/// Files in the folder and in its folders, as paths relative to it; among them links that lead
/// nowhere. Codes: io.not-found, io.read-failed.
Result<std::vector<std::string>> files_below(const io::FileSystem& files,
                                             const std::string& folder);

}  // namespace recast::checkpoint
