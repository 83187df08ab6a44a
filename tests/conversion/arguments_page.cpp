#include "tests/conversion/arguments_page.hpp"

#include <stdexcept>

namespace recast::conversion {
namespace {

std::vector<std::string> in_backticks(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = text.find('`'); at != std::string_view::npos; at = text.find('`', at)) {
    const std::size_t end = text.find('`', at + 1);
    if (end == std::string_view::npos) break;
    out.emplace_back(text.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return out;
}

}  // namespace

std::vector<ArgumentLine> read_arguments_page(std::string_view page) {
  std::vector<ArgumentLine> out;
  std::string framework;
  while (!page.empty()) {
    const std::string_view line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(line.size() + 1, page.size()));
    if (line.substr(0, 3) == "## ") {
      const std::vector<std::string> names = in_backticks(line);
      framework = names.empty() ? "" : names.front();
    }
    if (line.substr(0, 2) != "| ") continue;
    const std::size_t bar = line.find(" | ");
    if (bar == std::string_view::npos) continue;
    const std::vector<std::string> names = in_backticks(line.substr(0, bar));
    if (names.empty()) continue;  // the head of a table
    if (framework.empty()) throw std::invalid_argument("a table without a framework above it");
    for (const std::string& name : names)
      out.push_back({framework, name, std::string(line.substr(bar + 3))});
  }
  if (out.empty()) throw std::invalid_argument("no argument is listed");
  return out;
}

}  // namespace recast::conversion
