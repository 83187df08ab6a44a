#include "engine/rules/rule_set.hpp"

namespace recast::rules {

const SizeRule* RuleSet::size(std::string_view name) const noexcept {
  for (const SizeRule& rule : sizes)
    if (rule.name == name) return &rule;
  return nullptr;
}

layout::LabelId RuleSet::label(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (tensors[i].name == name) return static_cast<layout::LabelId>(i);
  return layout::kNoLabel;
}

std::optional<layout::AxisId> RuleSet::axis(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (axes[i].name == name) return static_cast<layout::AxisId>(i);
  return std::nullopt;
}

}  // namespace recast::rules
