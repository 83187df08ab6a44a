#pragma once
// What rules say of the cases of refusal_cases.hpp.

#include <string>
#include <vector>

#include "engine/rules/rule_set.hpp"
#include "tests/conversion/refusal_cases.hpp"

namespace recast::conversion {

/// "rope_scaling" of "rope_scaling.factor".
std::string top_of(const std::string& path);

/// Whether a message has the word, not as a part of another.
bool names(const std::string& message, const std::string& word);

/// All fields of a case, "name=value".
std::vector<std::string> fields_of(const ReadingCase& one);

/// What is said of a configuration with these fields ("name=value") and no others.
std::vector<std::string> said(const rules::RuleSet& rules, const std::vector<std::string>& fields);

/// What a family's demo with a case's sizes and grid is not written for. Throws std::runtime_error
/// where the rules do not get that far.
std::vector<std::string> not_written(const rules::RuleSet& rules, const WritingCase& one);

/// Whether one of the messages names what a case is about.
bool is_named(const ReadingCase& one, const std::vector<std::string>& messages);
bool is_named(const WritingCase& one, const std::vector<std::string>& messages);

}  // namespace recast::conversion
