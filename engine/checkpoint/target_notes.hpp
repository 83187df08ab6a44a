#pragma once
// What is said of a planned conversion beside what is written.

#include "engine/checkpoint/target.hpp"

namespace recast::checkpoint {

/// Adds to `out.notes`: values of the source that are constants of its framework's code, where the
/// target's configuration (`config`) writes them down; values that the target takes for constants
/// and the model has otherwise; what the rules of either side tell. Codes: expr.*.
void add_notes(const Bound& source, bool same_framework, const tensor::Value& config,
               Conversion& out, DiagnosticSink& sink);

}  // namespace recast::checkpoint
