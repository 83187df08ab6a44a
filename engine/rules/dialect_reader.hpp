#pragma once
// A framework's page, merged with a family's own page for it.

#include "engine/rules/node_reader.hpp"
#include "engine/rules/rule_set.hpp"

namespace recast::rules {

/// Fills rules.dialect and adds the dialect's sizes. The model must have been read (or be empty:
/// then lines that need tensors of the inventory are left out). Lines that stand in `family_page`
/// may name only what the inventory has. Codes: rule.*, expr.*, layout.*.
void read_dialect(const YamlNode& document, const std::string& family_page, NodeReader& reader,
                  RuleSet& rules);

}  // namespace recast::rules
