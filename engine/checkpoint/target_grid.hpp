#pragma once
// On how many ranks of each kind a target lies, and which layers each of its pipeline's chunks
// holds.

#include <cstdint>
#include <optional>

#include "engine/checkpoint/bind.hpp"
#include "engine/checkpoint/target.hpp"

namespace recast::checkpoint {

/// Each dimension of the target's mesh: as asked, else what the dimension follows, else (between
/// checkpoints of one framework) the source's, else 1. nullopt: usage.set or expr.* is in `sink`.
std::optional<rules::Grid> choose_grid(const rules::Dialect& target, const Bound& source,
                                       const TargetOptions& options, DiagnosticSink& sink);

/// Layers per chunk: as asked; else the source's, where framework and pipeline are the same; else
/// even. Empty for a framework without stages. `layers`: extent of the axis that is
/// staged. nullopt: layout.stages-uneven is in `sink`.
std::optional<rules::Stages> choose_stages(const rules::RuleSet& target, const rules::Grid& grid,
                                           std::int64_t layers, const Bound& source,
                                           const TargetOptions& options, DiagnosticSink& sink);

}  // namespace recast::checkpoint
