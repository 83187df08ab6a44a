#pragma once
// How far padded axes reach in a checkpoint: as the shapes of its tensors tell, or as the rules pad
// where there are none.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/checkpoint/bind.hpp"
#include "engine/checkpoint/names.hpp"

namespace recast::checkpoint {

/// Raises `extents` of padded axes to what is stored. A size that nothing tells becomes what is
/// stored, leaves `unknown`, and is noted. `bound` has its rules, sizes, grid and stages. False
/// after a report. Codes: plan.extent-differs, expr.*.
bool take_padding(const Opened& opened, const NameTable& names, Bound& bound,
                  std::vector<std::int64_t>& extents, std::vector<std::string>& unknown,
                  DiagnosticSink& sink);

}  // namespace recast::checkpoint
