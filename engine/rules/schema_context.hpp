#pragma once
// How a validator says where it objects, found again in the file.

#include <string>
#include <vector>

#include "engine/rules/yaml_source.hpp"

namespace recast::rules {

/// The node at "<root>", "[key]", "[index]", …; the last that exists where the way does not lead
/// on.
const YamlNode& node_at(const YamlNode& document, const std::vector<std::string>& context);

}  // namespace recast::rules
