#pragma once
// Which element type each tensor of a target gets.

#include <optional>
#include <set>

#include "engine/base/diagnostic.hpp"
#include "engine/plan/plan.hpp"
#include "engine/rules/rule_set.hpp"

namespace recast::plan {

/// A target keeps the dtype of its sources, or takes `asked` where its rule allows a cast. Targets
/// in `constants` take what most of the model has. Copies are made. Codes: plan.mixed-dtypes.
void choose_dtypes(Plan& plan, const rules::RuleSet& rules, std::optional<tensor::DType> asked,
                   const std::set<TensorIndex>& constants, DiagnosticSink& sink);

}  // namespace recast::plan
