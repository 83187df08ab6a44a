#pragma once
// Text that diagnostics can point into: rule files, expressions given on the command line, JSON
// documents.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace recast {

/// A named text, immutable once made. `name` is what a diagnostic prints before `:line:column`.
struct SourceText {
  std::string name;
  std::string text;
  /// Line of the first byte of `text` in the file `name` (1-based): more than 1 for a scalar that
  /// was cut out of a file.
  std::size_t first_line = 1;
};

/// 1-based; columns count code points, as editors do.
struct LineColumn {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// A half-open range of bytes in a text. The text is shared by every span into it and by whoever
/// parsed it, so that a diagnostic outlives the stage that found it.
struct SourceSpan {
  std::shared_ptr<const SourceText> source;  // null: no position is known
  std::size_t begin = 0;
  std::size_t end = 0;

  explicit operator bool() const noexcept { return source != nullptr; }
  /// The bytes that the span covers; empty without a source.
  std::string_view text() const noexcept;
  /// The part [from, to) of this span, counted in bytes from its begin and clamped to it.
  SourceSpan sub(std::size_t from, std::size_t to) const noexcept;
};

/// A span over all of a fresh text.
SourceSpan make_source(std::string name, std::string text);

/// Line and column of a byte offset; an offset past the end counts as the end.
LineColumn line_column(const SourceText& source, std::size_t offset) noexcept;

/// The line (without its end) that holds the byte at `offset`.
std::string_view line_at(const SourceText& source, std::size_t offset) noexcept;

}  // namespace recast
