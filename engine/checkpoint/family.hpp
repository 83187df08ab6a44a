#pragma once
// Which family of the rules a configuration belongs to.

#include <optional>
#include <string>

#include "engine/base/diagnostic.hpp"
#include "engine/rules/loader.hpp"
#include "engine/tensor/value.hpp"

namespace recast::checkpoint {

/// The family whose `detect` holds for the configuration, which may be null and lies at `place`.
/// Codes: plan.unknown-family, rule.*, expr.*.
std::optional<std::string> detect_family(const rules::Library& library,
                                         const std::string& framework, const tensor::Value* config,
                                         const std::string& place, DiagnosticSink& sink);

}  // namespace recast::checkpoint
