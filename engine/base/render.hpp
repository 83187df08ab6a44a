#pragma once
// Diagnostic -> text with caret, diagnostic -> one JSON object (schemas/diagnostics.schema.json).

#include <string>

#include "engine/base/diagnostic.hpp"

namespace recast {

/// `file:line:column: error[code]: message`, the source line with a caret under the span, notes,
/// hint; ends in a newline. Data errors print `file:+0x1f8: error[code]: …` instead of line and
/// column. No colour.
std::string render_text(const Diagnostic& diagnostic);

/// The same as a single line of JSON, without a newline.
std::string render_json(const Diagnostic& diagnostic);

/// Escapes for a JSON string literal (with quotes); bytes that are not UTF-8 become U+FFFD.
std::string json_quote(std::string_view text);

}  // namespace recast
