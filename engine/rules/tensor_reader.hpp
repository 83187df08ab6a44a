#pragma once
// Lines of a tensor table: `name: layout` or `name: {layout: …, when: …, shard: …}`.

#include "engine/rules/node_reader.hpp"
#include "engine/rules/rule_set.hpp"

namespace recast::rules {

/// Adds the lines whose tensors the inventory has to rules.dialect.tensors, resolved. `number`: 0
/// for the dialect's own table, else that of the table in Dialect::tables. Codes:
/// rule.unknown-tensor, rule.unknown-axis, layout.axes-differ, rule.value, expr.syntax.
void read_tensors(const YamlNode* table, std::size_t number, const std::string& family_page,
                  NodeReader& reader, RuleSet& rules);

/// `tp: [group, ffn]` or `tp: dim 0`; mesh dimensions the dialect does not have are reported.
std::vector<ShardCut> read_cuts(const YamlNode& node, NodeReader& reader, const RuleSet& rules);

}  // namespace recast::rules
