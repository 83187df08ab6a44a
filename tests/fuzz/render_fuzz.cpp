// Any bytes as a source text, any span in it: the text must stay on its lines and keep its carets,
// whatever is in it. The first two bytes are the begin and the end of the span; the others are the
// text.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/base/render.hpp"
#include "engine/base/utf8.hpp"

namespace {

void require(bool claim) {
  if (!claim) std::abort();
}

void check_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const recast::CodePoint c = recast::code_point_at(text, i);
    require(c.valid);
    i += c.nbytes;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t nbytes) {
  if (nbytes < 2) return 0;
  const std::string text(reinterpret_cast<const char*>(bytes) + 2, nbytes - 2);
  recast::SourceSpan span = recast::make_source(text, text);
  // Positions past the end are allowed: they count as the end.
  span.begin = bytes[0] * (nbytes / 128 + 1);
  span.end = bytes[1] * (nbytes / 128 + 1);
  const recast::Diagnostic diagnostic =
      recast::make_diagnostic(recast::Code::io_not_found, text).at(span).in(text, 7).suggest("h");

  const std::string shown = recast::render_text(diagnostic);
  // The message, the line, the carets, the file and the hint (a file without a name has no line).
  const auto line_ends = std::count(shown.begin(), shown.end(), '\n');
  require(line_ends == (text.empty() ? 4 : 5));
  require(shown.find('^') != std::string::npos);
  require(shown.find('\x1B') == std::string::npos);
  check_utf8(shown);

  const std::string json = recast::render_json(diagnostic);
  require(std::none_of(json.begin(), json.end(), [](char c) { return c >= 0 && c < 0x20; }));
  check_utf8(json);
  return 0;
}
