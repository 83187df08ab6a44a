#include "cli/text.hpp"

#include <algorithm>
#include <array>
#include <ostream>

#include "engine/base/diagnostic.hpp"
#include "engine/base/utf8.hpp"

namespace recast::cli {
namespace {

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); i += code_point_at(text, i).nbytes)
    ++columns;
  return columns;
}

}  // namespace

std::string printable(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    const bool moves_cursor = c.value < 0x20 || (c.value >= 0x7F && c.value < 0xA0);
    const bool reorders = (c.value >= 0x202A && c.value <= 0x202E) ||
                          (c.value >= 0x2066 && c.value <= 0x2069) || c.value == 0x2028 ||
                          c.value == 0x2029;
    if (c.valid && !moves_cursor && !reorders) {
      out += text.substr(i, c.nbytes);
    } else {
      for (const char byte : text.substr(i, c.nbytes)) {
        const auto value = static_cast<unsigned char>(byte);
        out += cat("\\x", kHex[value >> 4], kHex[value & 15U]);
      }
    }
    i += c.nbytes;
  }
  return out;
}

std::string with_commas(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, 1, ',');
  }
  return out;
}

std::string print_shape(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i)
    out += cat(i == 0 ? "" : ", ", shape[i]);
  return out + "]";
}

void Table::row(std::vector<std::string> cells) {
  RECAST_CHECK(cells.size() == columns_.size(), "a row has as many cells as the table has columns");
  rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out, std::size_t indent) const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i]));
  for (const auto& row : rows_) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - columns_of(row[i]), ' ');
      if (i > 0) line += "  ";
      line += columns_[i] == Align::Right ? padding + row[i] : row[i] + padding;
    }
    out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

}  // namespace recast::cli
