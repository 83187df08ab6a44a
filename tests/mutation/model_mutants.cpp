#include <sstream>

#include "tests/mutation/rule_mutants.hpp"
#include "tests/mutation/rule_text.hpp"

namespace recast::mutation {
namespace {

using rules::YamlNode;
using Words = std::vector<std::string>;

Words words_of(const std::string& text) {
  std::istringstream in(text);
  Words out;
  for (std::string word; in >> word;)
    out.push_back(word);
  return out;
}

std::string joined(const Words& words) {
  std::string out;
  for (const std::string& word : words)
    out += (out.empty() ? "" : " ") + word;
  return out;
}

void mutate_axes(RuleText& out, const std::string& where, const YamlNode& axes) {
  const Words items = words_of(axes.scalar);
  for (std::size_t i = 0; i < items.size(); ++i) {
    Words fewer = items;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (!fewer.empty()) out.replace(where, axes.span, joined(fewer));
  }
}

}  // namespace

std::vector<RuleMutant> mutants_of_model(const std::string& path, const std::string& text,
                                         const std::vector<std::string>& families) {
  RuleText out(path, text);
  out.for_families(first_of(families, path.substr(0, path.find('/'))));
  const YamlNode page = out.parsed();
  if (const YamlNode* axes = page.find("axes"))
    for (std::size_t i = 0; i < axes->entries.size(); ++i) {
      const YamlNode::Entry& axis = axes->entries[i];
      out.drop_entry(*axes, i);
      if (axis.value.kind != YamlNode::Kind::Scalar) continue;
      const std::string where = "axis " + axis.key.scalar;
      out.replace(where, axis.value.span, "(" + axis.value.scalar + ") + 1");
      out.replace(where, axis.value.span, "1");
      for (std::size_t j = i + 1; j < axes->entries.size(); ++j)
        if (axes->entries[j].value.kind == YamlNode::Kind::Scalar)
          out.exchange(where + " <-> " + axes->entries[j].key.scalar, axis.value,
                       axes->entries[j].value);
    }
  const YamlNode* tensors = page.find("tensors");
  if (tensors == nullptr) return out.take();
  for (std::size_t i = 0; i < tensors->entries.size(); ++i) {
    const YamlNode::Entry& tensor = tensors->entries[i];
    const std::string& name = tensor.key.scalar;
    out.drop_entry(*tensors, i);
    if (tensor.value.kind == YamlNode::Kind::Scalar) mutate_axes(out, name, tensor.value);
    if (tensor.value.kind != YamlNode::Kind::Mapping) continue;
    if (const YamlNode* axes = tensor.value.find("axes")) mutate_axes(out, name, *axes);
    out.conditions(name + " when", tensor.value.find("when"));
    if (const YamlNode* value = tensor.value.find("value"))
      out.replace(name + " value", value->span, "(" + value->scalar + ") + 1");
    if (const YamlNode* same = tensor.value.find("same_as")) {
      out.drop_field(name, tensor.value, "same_as");
      out.conditions(name + " same_as when", same->find("when"));
    }
  }
  return out.take();
}

}  // namespace recast::mutation
