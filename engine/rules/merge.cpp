#include "engine/rules/merge.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace recast::rules {
namespace {

/// Sections whose entries are things that a family or a page has: there a null takes one away.
/// Elsewhere null is a value.
constexpr std::array<std::string_view, 9> kTakesAway{
    "sizes", "axes", "tensors", "config", "constants", "demo", "shard", "pad", "rank_buffers"};

bool takes_away(std::string_view section) {
  for (const std::string_view name : kTakesAway)
    if (name == section) return true;
  return false;
}

std::optional<std::size_t> position(const YamlNode& mapping, const std::string& key) {
  for (std::size_t i = 0; i < mapping.entries.size(); ++i)
    if (mapping.entries[i].key.scalar == key) return i;
  return std::nullopt;
}

bool is_null(const YamlNode& node) {
  return node.kind == YamlNode::Kind::Null ||
         (node.kind == YamlNode::Kind::Scalar && to_value(node).is_null());
}

void merge_section(YamlNode& under, const YamlNode& over, bool null_takes_away) {
  if (under.kind == YamlNode::Kind::Sequence && over.kind == YamlNode::Kind::Sequence) {
    under.items.insert(under.items.end(), over.items.begin(), over.items.end());
    return;
  }
  if (under.kind != YamlNode::Kind::Mapping || over.kind != YamlNode::Kind::Mapping) {
    under = over;
    return;
  }
  under.span = over.span;
  std::optional<std::size_t> next;  // where a new entry goes: behind the entry before it
  for (const YamlNode::Entry& entry : over.entries) {
    const auto existing = position(under, entry.key.scalar);
    const auto at =
        static_cast<std::ptrdiff_t>(existing.value_or(next.value_or(under.entries.size())));
    if (existing && null_takes_away && is_null(entry.value)) {
      under.entries.erase(under.entries.begin() + at);
      next = static_cast<std::size_t>(at);
      continue;
    }
    if (existing)
      under.entries[*existing] = entry;
    else
      under.entries.insert(under.entries.begin() + at, entry);
    next = static_cast<std::size_t>(at) + 1;
  }
}

}  // namespace

YamlNode merge(YamlNode under, const YamlNode& over) {
  if (under.kind != YamlNode::Kind::Mapping) return over;
  for (const YamlNode::Entry& entry : over.entries) {
    if (const auto existing = position(under, entry.key.scalar))
      merge_section(under.entries[*existing].value, entry.value, takes_away(entry.key.scalar));
    else
      under.entries.push_back(entry);
  }
  return under;
}

}  // namespace recast::rules
