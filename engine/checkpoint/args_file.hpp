#pragma once
// A framework's own configuration as a JSON file beside the weights of another framework, so that
// the way back keeps every field. What JSON cannot say is written as text in the words of the
// framework's rules, and read back from them.

#include <string>

#include "engine/base/result.hpp"
#include "engine/rules/rule_set.hpp"
#include "engine/tensor/value.hpp"

namespace recast::checkpoint {

/// All fields in their order, indented by two, ASCII. A value of a class in `rule.classes` becomes
/// `Class.name`, one of a class in `rule.numbers` its number, another object that is made of
/// integers `module.Class(1)`, a symbol its dotted name, anything else a short text.
std::string print_args(const rules::ArgsFileRule& rule, const tensor::Value& config);

/// The fields again: texts that print_args writes for symbols of `rule.symbols` and for objects
/// become what they were. Codes: format.json.
Result<tensor::Value> parse_args(const rules::ArgsFileRule& rule, const std::string& text,
                                 const std::string& file);

}  // namespace recast::checkpoint
