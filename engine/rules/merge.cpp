#include "engine/rules/merge.hpp"

namespace recast::rules {
namespace {

YamlNode* find(YamlNode& mapping, const std::string& key) {
  for (YamlNode::Entry& entry : mapping.entries)
    if (entry.key.scalar == key) return &entry.value;
  return nullptr;
}

void merge_section(YamlNode& under, const YamlNode& over) {
  if (under.kind == YamlNode::Kind::Sequence && over.kind == YamlNode::Kind::Sequence) {
    under.items.insert(under.items.end(), over.items.begin(), over.items.end());
    return;
  }
  if (under.kind != YamlNode::Kind::Mapping || over.kind != YamlNode::Kind::Mapping) {
    under = over;
    return;
  }
  for (const YamlNode::Entry& entry : over.entries) {
    if (YamlNode* existing = find(under, entry.key.scalar))
      *existing = entry.value;
    else
      under.entries.push_back(entry);
  }
}

}  // namespace

YamlNode merge(YamlNode under, const YamlNode& over) {
  if (under.kind != YamlNode::Kind::Mapping) return over;
  for (const YamlNode::Entry& entry : over.entries) {
    if (YamlNode* existing = find(under, entry.key.scalar))
      merge_section(*existing, entry.value);
    else
      under.entries.push_back(entry);
  }
  return under;
}

}  // namespace recast::rules
