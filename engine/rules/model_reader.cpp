#include "engine/rules/model_reader.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "engine/base/spell.hpp"
#include "engine/tensor/box.hpp"

namespace recast::rules {
namespace {

constexpr std::array<std::pair<std::string_view, SizeType>, 6> kSizeTypes{{
    {"integer", SizeType::Integer},
    {"number", SizeType::Number},
    {"flag", SizeType::Flag},
    {"text", SizeType::Text},
    {"list", SizeType::List},
    {"any", SizeType::Any},
}};

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;)
    out.push_back(word);
  return out;
}

std::vector<std::string> axis_names(const RuleSet& rules) {
  std::vector<std::string> names;
  for (const AxisRule& axis : rules.axes)
    names.push_back(axis.name);
  return names;
}

/// Axes by name, products spelled out.
class AxisTable {
 public:
  void read(const YamlNode* node, NodeReader& reader, RuleSet& rules) {
    if (node == nullptr) return;
    for (const YamlNode::Entry& entry : node->entries) {
      if (entry.value.kind == YamlNode::Kind::Sequence) {
        products_[entry.key.scalar] = reader.texts(&entry.value);
        continue;
      }
      auto extent = reader.scalar(&entry.value);
      if (!extent) continue;
      rules.axes.push_back({entry.key.scalar, std::move(*extent), entry.key.span});
    }
  }

  /// False after a report.
  bool resolve(const std::string& name, const YamlNode& at, NodeReader& reader,
               const RuleSet& rules, std::vector<layout::AxisId>& out) const {
    if (const auto product = products_.find(name); product != products_.end()) {
      bool known = true;
      for (const std::string& factor : product->second)
        known = resolve(factor, at, reader, rules, out) && known;
      return known;
    }
    if (const auto id = rules.axis(name)) {
      out.push_back(*id);
      return true;
    }
    const std::vector<std::string> known = axis_names(rules);
    const auto near = nearest(name, known);
    reader.report(Code::rule_unknown_axis, at, cat("axis '", name, "' is not declared"),
                  near ? cat("did you mean '", *near, "'?") : "declare it under axes");
    return false;
  }

 private:
  std::map<std::string, std::vector<std::string>> products_;
};

void read_tensor(const YamlNode::Entry& entry, const AxisTable& axes, NodeReader& reader,
                 RuleSet& rules) {
  LogicalRule rule;
  rule.name = entry.key.scalar;
  rule.span = entry.key.span;
  const YamlNode* axis_text = &entry.value;
  if (entry.value.kind == YamlNode::Kind::Mapping) {
    axis_text = entry.value.find("axes");
    rule.value = reader.scalar(entry.value.find("value"));
    rule.when = reader.scalar(entry.value.find("when"));
    const std::string dtype = reader.text(entry.value.find("dtype"));
    if (dtype == "stored") {
      rule.keep_dtype = true;
    } else if (!dtype.empty()) {
      reader.report(Code::rule_value, *entry.value.find("dtype"),
                    cat("dtype '", dtype, "' is unknown"),
                    "write `stored`: a cast then leaves the tensor alone");
    }
  }
  if (axis_text != nullptr)
    for (const std::string& name : words(reader.text(axis_text)))
      if (!axes.resolve(name, *axis_text, reader, rules, rule.axes)) rule.incomplete = true;
  if (rule.axes.size() > tensor::kMaxRank)
    reader.report(Code::rule_value, entry.value,
                  cat("a tensor has at most ", tensor::kMaxRank, " axes"));
  rules.tensors.push_back(std::move(rule));
}

void read_aliases(const YamlNode* node, NodeReader& reader, RuleSet& rules) {
  for (const YamlNode::Entry& entry : node->entries) {
    const YamlNode* same = entry.value.find("same_as");
    if (same == nullptr) continue;
    LogicalRule& rule = rules.tensors[static_cast<std::size_t>(rules.label(entry.key.scalar))];
    const std::string other = reader.text(same->find("tensor"));
    rule.same_as = rules.label(other);
    rule.same_when = reader.scalar(same->find("when"));
    if (rule.same_as == layout::kNoLabel) {
      std::vector<std::string> known;
      for (const LogicalRule& tensor : rules.tensors)
        known.push_back(tensor.name);
      const auto near = nearest(other, known);
      reader.report(Code::rule_unknown_tensor, *same,
                    cat("tensor '", other, "' is not in the inventory"),
                    near ? cat("did you mean '", *near, "'?") : "add it to the inventory");
    } else if (rules.tensors[static_cast<std::size_t>(rule.same_as)].axes != rule.axes) {
      reader.report(
          Code::rule_value, *same,
          cat("'", rule.name, "' and '", other, "' have different axes and cannot be the same"),
          "give both the same axes");
    }
  }
}

}  // namespace

void read_sizes(const YamlNode* node, NodeReader& reader, RuleSet& rules) {
  if (node == nullptr) return;
  for (const YamlNode::Entry& entry : node->entries) {
    if (rules.size(entry.key.scalar) != nullptr) continue;
    if (const YamlNode* with = entry.value.find("with"))
      if (rules.label(reader.text(with)) == layout::kNoLabel) continue;
    SizeRule rule;
    rule.name = entry.key.scalar;
    rule.span = entry.key.span;
    const bool detailed = entry.value.kind == YamlNode::Kind::Mapping;
    const YamlNode* type = detailed ? entry.value.find("type") : &entry.value;
    const std::string type_name = reader.text(type);
    const auto known = std::find_if(kSizeTypes.begin(), kSizeTypes.end(),
                                    [&](const auto& row) { return row.first == type_name; });
    if (known == kSizeTypes.end()) {
      reader.report(Code::rule_value, type == nullptr ? entry.value : *type,
                    cat("a size has no type '", type_name, "'"),
                    "one of integer, number, flag, text, list, any");
      continue;
    }
    rule.type = known->second;
    if (detailed) {
      rule.fallback = reader.scalar(entry.value.find("default"));
      rule.optional = reader.flag(entry.value.find("optional"));
      rule.option = reader.flag(entry.value.find("option"));
      rule.training = reader.flag(entry.value.find("training"));
      rule.about = reader.text(entry.value.find("about"));
      if (const YamlNode* values = entry.value.find("values"))
        for (const YamlNode& value : values->items)
          rule.values.push_back(to_value(value));
    }
    rules.sizes.push_back(std::move(rule));
  }
}

void read_model(const YamlNode& document, NodeReader& reader, RuleSet& rules) {
  rules.family = reader.text(document.find("family"));
  rules.about = reader.text(document.find("about"));
  read_sizes(document.find("sizes"), reader, rules);
  rules.family_size_count = rules.sizes.size();
  AxisTable axes;
  axes.read(document.find("axes"), reader, rules);
  if (const YamlNode* tensors = document.find("tensors")) {
    for (const YamlNode::Entry& entry : tensors->entries)
      read_tensor(entry, axes, reader, rules);
    read_aliases(tensors, reader, rules);
  }
  // Sizes for a demonstration are a family's own: one that extends another does not inherit them.
  const YamlNode* family = document.find("family");
  const YamlNode* demo = document.find("demo");
  if (demo != nullptr && family != nullptr && demo->span.source == family->span.source)
    for (const YamlNode::Entry& entry : demo->entries)
      rules.demo.emplace_back(entry.key.scalar, to_value(entry.value));
}

}  // namespace recast::rules
