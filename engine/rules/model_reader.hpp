#pragma once
// model.yaml: a family's sizes, axes and inventory.

#include "engine/rules/node_reader.hpp"
#include "engine/rules/rule_set.hpp"

namespace recast::rules {

/// Fills family, about, sizes, axes, tensors and demo. Codes: rule.*, expr.*.
void read_model(const YamlNode& document, NodeReader& reader, RuleSet& rules);

/// Adds the sizes of a mapping `name: type` or `name: {type: …, …}` to `rules.sizes`; a name that
/// is there already is left alone, and so is one `with` a tensor that the inventory lacks.
void read_sizes(const YamlNode* node, NodeReader& reader, RuleSet& rules);

}  // namespace recast::rules
