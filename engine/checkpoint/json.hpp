#pragma once
// JSON documents of checkpoints (configurations, indexes) as values.

#include <string>

#include "engine/base/result.hpp"
#include "engine/tensor/value.hpp"

namespace recast::checkpoint {

/// Reads a document; objects keep the order of their keys, numbers stay integers where they are.
/// Codes: format.json (with the byte where it stops making sense).
Result<tensor::Value> parse_json(const std::string& text, const std::string& file);

/// Indented by two, keys sorted, a newline at the end: as model configurations are written. Symbols
/// become their dotted text, what JSON cannot say its printed form.
std::string print_json(const tensor::Value& value);

}  // namespace recast::checkpoint
