#pragma once
// Text for terminals: columns, numbers that can be read, names from files that cannot move the
// cursor.

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace recast::cli {

/// The text on one line, with control characters and bytes that are not UTF-8 as `\x1b`. A terminal
/// obeys the others.
std::string printable(std::string_view text);

/// 1234567 -> "1,234,567".
std::string with_commas(std::uint64_t number);

/// [2, 3]; [] for a single element.
std::string print_shape(const std::vector<std::int64_t>& shape);

/// Rows whose cells stand in columns, two spaces apart. Cells are printable() text already.
class Table {
 public:
  enum class Align { Left, Right };
  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
  /// One cell per column.
  void row(std::vector<std::string> cells);
  std::size_t size() const noexcept { return rows_.size(); }
  void print(std::ostream& out, std::size_t indent) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace recast::cli
