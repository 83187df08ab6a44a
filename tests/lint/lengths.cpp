#include <algorithm>

#include "tests/lint/lint.hpp"

namespace recast::lint {

namespace {

constexpr std::size_t kMostLines = 400;

/// A comment of its own, with a reason behind the colon.
bool is_excuse(std::string_view line) {
  const std::vector<std::string> words = words_of(line);
  return words.size() > 3 && (words[0] == "//" || words[0] == "#") && words[1] == "long" &&
         words[2] == "because:";
}

}  // namespace

std::vector<Problem> check_lengths(const std::vector<TextFile>& files) {
  std::vector<Problem> problems;
  for (const TextFile& file : files) {
    const auto lines = lines_of(file.text);
    if (lines.size() <= kMostLines || std::any_of(lines.begin(), lines.end(), is_excuse)) continue;
    problems.push_back({file.path, 0,
                        std::to_string(lines.size()) + " lines, more than " +
                            std::to_string(kMostLines) +
                            ", without a line '// long because: …' that says why"});
  }
  return problems;
}

}  // namespace recast::lint
