#pragma once
// Text -> tree. The span is the text: its bytes are parsed, every node points into it.

#include "engine/base/result.hpp"
#include "engine/lang/layout_expr.hpp"
#include "engine/lang/name_template.hpp"
#include "engine/lang/scalar.hpp"

namespace recast::lang {

/// Errors of all: expr.syntax with what was expected, at the place where the text stops making
/// sense.
Result<LayoutExpr> parse_layout(const SourceSpan& text);
Result<ScalarExpr> parse_scalar(const SourceSpan& text);
enum class TemplateKind {
  Name,
  File,
  Ignore
};  // only Ignore has stars; File and Name have places and options
Result<NameTemplate> parse_template(const SourceSpan& text, TemplateKind kind);

}  // namespace recast::lang
