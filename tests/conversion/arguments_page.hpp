#pragma once
// rules/ARGUMENTS.md as a table: which argument of which framework it says something of.

#include <string>
#include <string_view>
#include <vector>

namespace recast::conversion {

struct ArgumentLine {
  std::string framework, argument, text;
  /// Whether the text says so, of all values or of some.
  bool refused() const { return text.find("refused") != std::string::npos; }
};

/// One line per name in backticks in the first column of each table; the framework is that of the
/// heading "## … (`framework`)" above. Throws std::invalid_argument for a table without such a
/// heading, or a page without tables.
std::vector<ArgumentLine> read_arguments_page(std::string_view page);

}  // namespace recast::conversion
