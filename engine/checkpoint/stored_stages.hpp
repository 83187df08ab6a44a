#pragma once
// How many layers each chunk of the pipeline has, as the names of the stored tensors tell.

#include <cstdint>
#include <vector>

#include "engine/checkpoint/names.hpp"

namespace recast::checkpoint {

/// Layers per chunk in the order of the forward pass; 0 where a chunk's file is not there. The
/// dialect must have stages. Codes: expr.*.
std::vector<std::int64_t> stored_stages(const NameTable& names, const rules::RuleSet& rules,
                                        const rules::Grid& grid, DiagnosticSink& sink);

}  // namespace recast::checkpoint
