#include "engine/base/render.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/base/utf8.hpp"

namespace recast {

namespace {

constexpr std::size_t kExcerptColumns = 92;  // of the source line; with the gutter 100
constexpr std::size_t kTabColumns = 4;
// Bytes on either side of the begin of a span that are looked at: headers are lines of megabytes.
constexpr std::size_t kLookedAtBytes = 4 * kExcerptColumns;
constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "error";
    case Severity::Warning:
      return "warning";
    case Severity::Note:
      return "note";
  }
  return "error";
}

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return {digits.data(), end};
}

// Control characters and those that reorder text: names come from files, and a terminal obeys them.
bool is_unprintable(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/// Terminal columns of a code point: 0 for combining marks, 2 for the wide East Asian blocks and
/// emoji.
std::size_t columns_of(char32_t c) {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},  {0x3041, 0xA4CF},
                                    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},  {0xFE30, 0xFE6F},
                                    {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
                                    {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
  static constexpr Range kCombining[] = {{0x0300, 0x036F}, {0x200B, 0x200D}, {0xFE00, 0xFE0F}};
  const auto inside = [c](const Range& range) { return c >= range.first && c <= range.last; };
  if (std::any_of(std::begin(kCombining), std::end(kCombining), inside)) return 0;
  return std::any_of(std::begin(kWide), std::end(kWide), inside) ? 2 : 1;
}

/// Text that stays on its line whatever it was made of.
std::string one_line(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    if (!c.valid) {
      out += cat("\\x", hex(static_cast<unsigned char>(text[i])));
    } else if (c.value == '\n') {
      out += "\\n";
    } else if (c.value == '\t') {
      out += "\\t";
    } else if (is_unprintable(c.value)) {
      out += cat("\\u{", hex(c.value), "}");
    } else {
      out += text.substr(i, c.nbytes);
    }
    i += c.nbytes;
  }
  return out;
}

/// One code point as it is shown: replaced where a terminal would not show it as itself.
struct Cell {
  std::string text;
  std::size_t columns = 1;
  std::size_t begin = 0;  // byte in the line
};

Cell cell_of(std::string_view line, std::size_t at, const CodePoint& c) {
  if (c.value == '\t') return {std::string(kTabColumns, ' '), kTabColumns, at};
  if (!c.valid || is_unprintable(c.value)) return {std::string(kReplacement), 1, at};
  return {std::string(line.substr(at, c.nbytes)), columns_of(c.value), at};
}

/// The part of a line around a span, and the carets under the span.
struct Excerpt {
  std::string line;
  std::string carets;
};

/// `begin` and `end` are bytes in `line`, begin <= end <= line.size().
Excerpt excerpt_of(std::string_view line, std::size_t begin, std::size_t end) {
  std::size_t first = begin > kLookedAtBytes ? begin - kLookedAtBytes : 0;
  while (first > 0 && first < begin && is_continuation(line[first]))
    ++first;
  const std::size_t last = std::min(line.size(), begin + kLookedAtBytes);

  std::vector<Cell> cells;
  for (std::size_t i = first; i < last;) {
    const CodePoint c = code_point_at(line, i);
    cells.push_back(cell_of(line, i, c));
    i += c.nbytes;
  }
  // Columns of the whole, of what stands before the span, and of the span.
  std::size_t total = 0, before = 0, covered = 0;
  for (const Cell& cell : cells) {
    total += cell.columns;
    if (cell.begin < begin) before += cell.columns;
    if (cell.begin >= begin && cell.begin < end) covered += cell.columns;
  }
  covered = std::max<std::size_t>(covered, 1);

  // The window of columns [from, to) that is shown: everything, or the span in the middle.
  const bool fits = first == 0 && last == line.size() && total <= kExcerptColumns;
  std::size_t from = 0, to = total;
  if (!fits) {
    const std::size_t room = kExcerptColumns - 2;  // for an ellipsis at either end
    const std::size_t margin = covered < room ? (room - covered) / 2 : 0;
    from = before > margin ? before - margin : 0;
    if (from + room > total) from = total > room ? total - room : 0;
    to = std::min(total, from + room);
  }
  const bool cut_left = first > 0 || from > 0;
  const bool cut_right = last < line.size() || to < total;

  Excerpt out;
  if (cut_left) out.line += kEllipsis;
  std::size_t column = 0, shown = cut_left ? 1 : 0, caret_at = shown;
  for (const Cell& cell : cells) {
    const bool inside = column >= from && column + cell.columns <= to;
    column += cell.columns;
    if (!inside) continue;
    out.line += cell.text;
    shown += cell.columns;
    if (cell.begin < begin) caret_at = shown;
  }
  if (cut_right) out.line += kEllipsis;
  const std::size_t visible = std::max<std::size_t>(shown, caret_at + 1) - caret_at;
  out.carets = std::string(caret_at, ' ') + std::string(std::min(covered, visible), '^');
  return out;
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + std::string(text);
}

std::string excerpt_text(const SourceSpan& span) {
  const SourceText& source = *span.source;
  const std::size_t begin = std::min(span.begin, source.text.size());
  const std::string_view line = line_at(source, begin);
  const auto line_begin = static_cast<std::size_t>(line.data() - source.text.data());
  const std::size_t from = std::min(begin - line_begin, line.size());
  // A span over several lines is shown by its first.
  const std::size_t to = std::clamp(span.end, line_begin + from, line_begin + line.size());
  const Excerpt excerpt = excerpt_of(line, from, to - line_begin);
  const std::string number = padded(std::to_string(line_column(source, begin).line), 5);
  const std::string gutter(number.size(), ' ');
  return cat(number, " | ", excerpt.line, "\n", gutter, " | ", excerpt.carets, "\n");
}

std::string span_text(const SourceSpan& span) {
  const LineColumn at = line_column(*span.source, span.begin);
  return cat(one_line(span.source->name), ":", at.line, ":", at.column);
}

std::string place_text(const DataPlace& place) {
  std::string out = one_line(place.file);
  if (place.byte_offset) out += cat(":+0x", hex(*place.byte_offset));
  return out;
}

std::string span_json(const SourceSpan& span) {
  const LineColumn begin = line_column(*span.source, span.begin);
  const LineColumn end = line_column(*span.source, std::max(span.begin, span.end));
  return cat(R"("file":)", json_quote(span.source->name), R"(,"line":)", begin.line,
             R"(,"column":)", begin.column, R"(,"end_line":)", end.line, R"(,"end_column":)",
             end.column);
}

}  // namespace

std::string render_text(const Diagnostic& diagnostic) {
  std::string out;
  if (diagnostic.span) {
    out += span_text(diagnostic.span) + ": ";
  } else if (!diagnostic.place.file.empty()) {
    out += place_text(diagnostic.place) + ": ";
  }
  out += cat(severity_name(code_severity(diagnostic.code)), "[", code_name(diagnostic.code),
             "]: ", one_line(diagnostic.message), "\n");
  if (diagnostic.span) {
    out += excerpt_text(diagnostic.span);
    if (!diagnostic.place.file.empty())
      out += cat(place_text(diagnostic.place), ": note: found in this file\n");
  }
  for (const DiagnosticNote& note : diagnostic.notes) {
    if (note.span) out += span_text(note.span) + ": ";
    out += cat("note: ", one_line(note.message), "\n");
  }
  if (!diagnostic.hint.empty()) out += cat("hint: ", one_line(diagnostic.hint), "\n");
  return out;
}

std::string render_json(const Diagnostic& diagnostic) {
  std::string out =
      cat(R"({"severity":")", severity_name(code_severity(diagnostic.code)), R"(","code":")",
          code_name(diagnostic.code), R"(","message":)", json_quote(diagnostic.message));
  if (diagnostic.span) out += cat(R"(,"span":{)", span_json(diagnostic.span), "}");
  if (!diagnostic.place.file.empty()) {
    out += cat(R"(,"place":{"file":)", json_quote(diagnostic.place.file));
    if (diagnostic.place.byte_offset)
      out += cat(R"(,"byte_offset":)", *diagnostic.place.byte_offset);
    out += "}";
  }
  out += R"(,"notes":[)";
  for (std::size_t i = 0; i < diagnostic.notes.size(); ++i) {
    const DiagnosticNote& note = diagnostic.notes[i];
    out += cat(i == 0 ? "" : ",", R"({"message":)", json_quote(note.message));
    if (note.span) out += cat(R"(,"span":{)", span_json(note.span), "}");
    out += "}";
  }
  out += "]";
  if (!diagnostic.hint.empty()) out += cat(R"(,"hint":)", json_quote(diagnostic.hint));
  return out + "}";
}

std::string json_quote(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    if (!c.valid) {
      out += kReplacement;
    } else if (c.value == '"' || c.value == '\\') {
      out += '\\';
      out += text[i];
    } else if (c.value == '\n') {
      out += "\\n";
    } else if (c.value == '\t') {
      out += "\\t";
    } else if (c.value == '\r') {
      out += "\\r";
    } else if (c.value < 0x20 || c.value == 0x7F) {
      const std::string digits = hex(c.value);
      out += cat("\\u", std::string(4 - digits.size(), '0'), digits);
    } else {
      out += text.substr(i, c.nbytes);
    }
    i += c.nbytes;
  }
  return out + '"';
}

}  // namespace recast
