#pragma once
// Whether the files of all ranks are of one save of one run.

#include "engine/checkpoint/open.hpp"

namespace recast::checkpoint {

/// Compares what every rank's file says of the run (the entries of the dialect's `document`, and
/// the fields of the configuration that its `config` and `mesh` read) with the first file's. The
/// first rank that differs is reported. Codes: plan.ranks-differ.
void check_same_run(const Opened& opened, const rules::RuleSet& rules, DiagnosticSink& sink);

}  // namespace recast::checkpoint
