#include "engine/rules/schema_context.hpp"

#include <cstdlib>

namespace recast::rules {

const YamlNode& node_at(const YamlNode& document, const std::vector<std::string>& context) {
  const YamlNode* at = &document;
  for (std::size_t i = 1; i < context.size(); ++i) {
    const std::string step = context[i].substr(1, context[i].size() - 2);
    const YamlNode* next = at->find(step);
    if (at->kind == YamlNode::Kind::Sequence) {
      const std::size_t index = std::strtoul(step.c_str(), nullptr, 10);
      next = index < at->items.size() ? &at->items[index] : nullptr;
    }
    if (next == nullptr) break;
    at = next;
  }
  return *at;
}

}  // namespace recast::rules
