#include "engine/base/source.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/utf8.hpp"

namespace recast {

namespace {

std::size_t line_begin(std::string_view text, std::size_t offset) noexcept {
  if (offset == 0) return 0;
  const std::size_t end = text.rfind('\n', offset - 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

}  // namespace

std::string_view SourceSpan::text() const noexcept {
  if (!source) return {};
  const std::string_view all = source->text;
  const std::size_t from = std::min(begin, all.size());
  const std::size_t to = std::clamp(end, from, all.size());
  return all.substr(from, to - from);
}

SourceSpan SourceSpan::sub(std::size_t from, std::size_t to) const noexcept {
  const std::size_t length = end > begin ? end - begin : 0;
  const std::size_t first = std::min(from, length);
  const std::size_t last = std::clamp(to, first, length);
  return {source, begin + first, begin + last};
}

SourceSpan make_source(std::string name, std::string text) {
  const std::size_t nbytes = text.size();
  auto source = std::make_shared<SourceText>(SourceText{std::move(name), std::move(text)});
  return {std::move(source), 0, nbytes};
}

LineColumn line_column(const SourceText& source, std::size_t offset) noexcept {
  const std::string_view text = source.text;
  const std::size_t at = std::min(offset, text.size());
  const std::string_view before = text.substr(0, at);
  const std::size_t lines =
      static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  std::size_t column = 1;
  for (std::size_t i = line_begin(text, at); i < at; i += code_point_at(text, i).nbytes)
    ++column;
  return {source.first_line + lines, column};
}

std::string_view line_at(const SourceText& source, std::size_t offset) noexcept {
  const std::string_view text = source.text;
  const std::size_t begin = line_begin(text, std::min(offset, text.size()));
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace recast
