#pragma once
// Canonical text of each tree; parse(print(x)) == x up to spans, for every tree that a text can
// give. (No text gives a negative number as a literal, two texts in a row, an option that begins
// with '[' or whose text holds ' if ', or a name with other characters than names have.)

#include <string>

#include "engine/lang/layout_expr.hpp"
#include "engine/lang/name_template.hpp"
#include "engine/lang/scalar.hpp"

namespace recast::lang {

std::string print(const LayoutExpr& expr);
std::string print(const ScalarExpr& expr);
/// The part of `expr` below `root`; what messages quote.
std::string print(const ScalarExpr& expr, ScalarId root);
std::string print(const NameTemplate& name);

/// The shortest decimal that reads back as the same number, with a point or an exponent; `inf`,
/// `nan` have no literal.
std::string print_number(double number);

/// Equal but for spans and the order in which nodes are kept.
bool same(const LayoutExpr& a, const LayoutExpr& b);
bool same(const ScalarExpr& a, const ScalarExpr& b);
bool same(const NameTemplate& a, const NameTemplate& b);

}  // namespace recast::lang
