#pragma once
// Canonical text of each tree; parse(print(x)) == x up to spans.

#include <string>

#include "engine/lang/layout_expr.hpp"
#include "engine/lang/name_template.hpp"
#include "engine/lang/scalar.hpp"

namespace recast::lang {

std::string print(const LayoutExpr& expr);
std::string print(const ScalarExpr& expr);
std::string print(const NameTemplate& name);

/// Equal but for spans.
bool same(const LayoutExpr& a, const LayoutExpr& b);
bool same(const ScalarExpr& a, const ScalarExpr& b);
bool same(const NameTemplate& a, const NameTemplate& b);

}  // namespace recast::lang
