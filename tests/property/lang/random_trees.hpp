#pragma once
// Random trees of the rule language: any that a text can give, and no other (print.hpp says which
// those are).

#include "engine/lang/layout_expr.hpp"
#include "engine/lang/name_template.hpp"
#include "engine/lang/parser.hpp"
#include "engine/lang/scalar.hpp"
#include "tests/support/random.hpp"

namespace recast::lang {

LayoutExpr random_layout(Random& random);
ScalarExpr random_scalar(Random& random);
NameTemplate random_template(Random& random, TemplateKind kind);

}  // namespace recast::lang
