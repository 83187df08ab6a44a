#pragma once
// How messages about the form of a file put things.

#include <string>
#include <string_view>
#include <vector>

namespace recast::rules {

/// 'text'
std::string in_quotes(std::string_view text);

/// "a, b or c".
std::string alternatives(const std::vector<std::string>& words);

/// "a, b, c"; an ellipsis stands for what comes after the twelfth.
std::string listed(const std::vector<std::string>& words);

/// A type of JSON Schema ("object") in the words of somebody who writes YAML ("a mapping").
std::string type_word(std::string_view type);

}  // namespace recast::rules
