#include "engine/rules/schema_words.hpp"

#include "engine/base/diagnostic.hpp"

#include <algorithm>

namespace recast::rules {

std::string in_quotes(std::string_view text) {
  return cat("'", text, "'");
}

std::string alternatives(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += cat(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i]);
  return out;
}

std::string listed(const std::vector<std::string>& words) {
  constexpr std::size_t kMostListed = 12;
  std::string out;
  for (std::size_t i = 0; i < std::min(words.size(), kMostListed); ++i)
    out += cat(i == 0 ? "" : ", ", words[i]);
  return words.size() > kMostListed ? out + ", …" : out;
}

std::string type_word(std::string_view type) {
  if (type == "null") return "nothing";
  if (type == "boolean") return "true or false";
  if (type == "integer") return "an integer";
  if (type == "number") return "a number";
  if (type == "string") return "text";
  if (type == "array") return "a list";
  return "a mapping";
}

}  // namespace recast::rules
