#pragma once
// Stored tensors against placed ones: by name, then by shape; whatever does not fit is reported,
// all of it.

#include <string>

#include "engine/checkpoint/bind.hpp"
#include "engine/checkpoint/names.hpp"

namespace recast::checkpoint {

/// Fills what `bound` says per placed tensor; its placement is made. Codes: plan.missing-tensor,
/// plan.shape-differs, plan.unknown-tensor, plan.unexpected-file, format.missing-file.
void match_tensors(const Opened& opened, const NameTable& names, const IgnoreSet& ignore,
                   Bound& bound, DiagnosticSink& sink);

/// Codes: format.missing-file.
void report_missing_file(const Opened& opened, const Bound& bound, const std::string& path,
                         DiagnosticSink& sink);

}  // namespace recast::checkpoint
