#pragma once
// The text of a rule file with one place changed.

#include <string>
#include <vector>

#include "engine/rules/yaml_source.hpp"
#include "tests/mutation/rule_mutants.hpp"

namespace recast::mutation {

/// From the first item to the last, without the brackets.
SourceSpan items_span(const rules::YamlNode& list);

/// `families` with one in front of the others.
std::vector<std::string> first_of(std::vector<std::string> families, const std::string& first);

/// Collects the mutants of one file; each text once, none equal to the file's.
class RuleText {
 public:
  RuleText(std::string path, std::string text);

  /// Throws std::runtime_error if the file does not parse.
  rules::YamlNode parsed() const;
  void for_families(std::vector<std::string> families) { families_ = std::move(families); }
  std::vector<RuleMutant> take() { return std::move(out_); }

  void replace(const std::string& where, const SourceSpan& span, const std::string& by);
  /// Two places that do not overlap, in any order.
  void replace_two(const std::string& where, const SourceSpan& one, const std::string& by,
                   const SourceSpan& other, const std::string& other_by);
  void exchange(const std::string& where, const rules::YamlNode& one, const rules::YamlNode& other);
  /// An entry of a mapping that is written with an entry a line.
  void drop_entry(const rules::YamlNode& mapping, std::size_t index);
  /// An item that begins on a line of its own.
  void drop_item(const std::string& where, const rules::YamlNode& item);
  /// The field of a mapping, in braces or with an entry a line, where it has that field.
  void drop_field(const std::string& where, const rules::YamlNode& mapping,
                  const std::string& field);
  /// Each mutant of the text (expression_mutants.hpp) in its place.
  void expression(const std::string& where, const rules::YamlNode* text);
  /// Constant, turned around, and without each of the terms that `and` or `or` joins.
  void conditions(const std::string& where, const rules::YamlNode* condition);
  /// Items left out, one by one; each replaced by, and the list longer by, each of `others`.
  void list(const std::string& where, const rules::YamlNode& list,
            const std::vector<std::string>& others);

 private:
  void add(const std::string& what, std::string text);
  /// Behind the line at `line` and those below it that are indented deeper.
  std::size_t block_end(std::size_t line) const;
  void drop_lines(const std::string& where, std::size_t place);

  std::string path_, text_;
  std::vector<std::string> families_;
  std::set<std::string> seen_;
  std::vector<RuleMutant> out_;
};

}  // namespace recast::mutation
