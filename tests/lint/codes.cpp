#include <algorithm>
#include <cctype>

#include "tests/lint/lint.hpp"

namespace recast::lint {

namespace {

bool is_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

/// Whether `name` stands in `text` with nothing of a longer name around it.
bool mentions(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || !is_of_name(text[at - 1]);
    if (begins && (end == text.size() || !is_of_name(text[end]))) return true;
  }
  return false;
}

}  // namespace

std::vector<Problem> check_codes(const TextFile& codes, const std::vector<TextFile>& tests) {
  constexpr std::string_view kRow = "RECAST_CODE(";
  std::vector<Problem> problems;
  std::size_t number = 0, rows = 0;
  for (const std::string_view line : lines_of(codes.text)) {
    ++number;
    if (!line.starts_with(kRow)) continue;
    ++rows;
    const std::size_t comma = line.find(',');
    const std::size_t open = line.find('"');
    const std::size_t close = line.find('"', open + 1);
    if (comma == std::string_view::npos || close == std::string_view::npos || open < comma) {
      problems.push_back({codes.path, number, "a row without an enumerator and a name"});
      continue;
    }
    const std::string enumerator =
        "Code::" + std::string(line.substr(kRow.size(), comma - kRow.size()));
    const std::string_view name = line.substr(open + 1, close - open - 1);
    const bool tested = std::any_of(tests.begin(), tests.end(), [&](const TextFile& test) {
      return mentions(test.text, name) || mentions(test.text, enumerator);
    });
    if (!tested)
      problems.push_back({codes.path, number, "no test mentions '" + std::string(name) + "'"});
  }
  if (rows == 0) problems.push_back({codes.path, 0, "there is no code in it"});
  return problems;
}

}  // namespace recast::lint
