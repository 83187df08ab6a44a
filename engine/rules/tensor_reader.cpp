#include "engine/rules/tensor_reader.hpp"

#include <algorithm>
#include <set>

#include "engine/base/join.hpp"
#include "engine/base/spell.hpp"
#include "engine/lang/print.hpp"

namespace recast::rules {
namespace {

std::vector<std::string> tensor_names(const RuleSet& rules) {
  std::vector<std::string> names;
  for (const LogicalRule& tensor : rules.tensors)
    names.push_back(tensor.name);
  return names;
}

std::vector<std::string> axis_names(const RuleSet& rules) {
  std::vector<std::string> names;
  for (const AxisRule& axis : rules.axes)
    names.push_back(axis.name);
  return names;
}

std::string spell_axes(const RuleSet& rules, const std::vector<layout::AxisId>& axes) {
  return joined(axes, " ", [&](layout::AxisId axis) { return rules.axes[axis].name; });
}

/// Resolves one layout expression: names to ids, optional parts that are not there left out.
class Resolver {
 public:
  Resolver(const lang::LayoutExpr& expr, NodeReader& reader, const RuleSet& rules, bool strict)
      : expr_(expr), reader_(reader), rules_(rules), strict_(strict) {}

  /// False if the layout needs a tensor that the inventory lacks, or if something was reported.
  bool resolve(layout::Layout& out) {
    if (!expr_.label.empty() && !label(expr_.label, expr_.optional, expr_.label_span, out.label))
      return false;
    for (const lang::LayoutId dim : expr_.dims)
      out.dims.push_back(item(dim));
    return live_ && !failed_;
  }
  bool failed() const { return failed_; }

 private:
  /// False: this part is not there.
  bool label(const std::string& name, bool optional, const SourceSpan& at, layout::LabelId& out) {
    out = rules_.label(name);
    if (out != layout::kNoLabel) return true;
    if (optional) return false;
    live_ = false;
    if (strict_) {
      const std::vector<std::string> known = tensor_names(rules_);
      const auto near = nearest(name, known);
      fail(make_diagnostic(
               Code::rule_unknown_tensor,
               cat("tensor '", name, "' is not in the inventory of '", rules_.family, "'"))
               .at(at)
               .suggest(near ? cat("did you mean '", *near, "'?")
                             : "add it to the family's model.yaml"));
    }
    return false;
  }

  layout::Item item(lang::LayoutId id) {
    const lang::LayoutNode& node = expr_.nodes[id];
    layout::Item out;
    if (const auto* axis = std::get_if<lang::LayoutAxis>(&node.node)) {
      out.kind = layout::Item::Kind::Axis;
      if (const auto known = rules_.axis(axis->name)) {
        out.axis = *known;
      } else {
        live_ = false;
        if (strict_) {
          const std::vector<std::string> names = axis_names(rules_);
          const auto near = nearest(axis->name, names);
          fail(make_diagnostic(Code::rule_unknown_axis,
                               cat("axis '", axis->name, "' is not declared"))
                   .at(node.span)
                   .suggest(near ? cat("did you mean '", *near, "'?")
                                 : "declare it under axes in the family's model.yaml"));
        }
      }
    } else if (const auto* group = std::get_if<lang::LayoutGroup>(&node.node)) {
      out.kind = layout::Item::Kind::Group;
      for (const lang::LayoutId child : group->items)
        out.items.push_back(item(child));
    } else if (const auto* sum = std::get_if<lang::LayoutSum>(&node.node)) {
      out.kind = layout::Item::Kind::Sum;
      for (const lang::LayoutPart& part : sum->parts) {
        layout::Part resolved;
        if (!part.label.empty() &&
            !label(part.label, part.optional, part.label_span, resolved.label))
          continue;
        for (const lang::LayoutId child : part.items)
          resolved.items.push_back(item(child));
        out.parts.push_back(std::move(resolved));
      }
    }
    return out;
  }

  void fail(Diagnostic diagnostic) {
    failed_ = true;
    reader_.sink().add(std::move(diagnostic));
  }

  const lang::LayoutExpr& expr_;
  NodeReader& reader_;
  const RuleSet& rules_;
  const bool strict_;
  bool live_ = true;
  bool failed_ = false;
};

/// Axes that a label's elements are spread over in a layout: all items on the way to the label's
/// part and inside it.
class AxisCollector {
 public:
  using Found = std::vector<std::pair<layout::LabelId, std::vector<layout::AxisId>>>;

  static Found collect(const layout::Layout& layout) {
    Found found{{layout.label, {}}};
    for (const layout::Item& dim : layout.dims)
      found = add(dim, std::move(found));
    return found;
  }

 private:
  static Found add(const layout::Item& item, Found found) {
    switch (item.kind) {
      case layout::Item::Kind::Unit:
        return found;
      case layout::Item::Kind::Axis:
        for (auto& [label, axes] : found)
          axes.push_back(item.axis);
        return found;
      case layout::Item::Kind::Group:
        for (const layout::Item& child : item.items)
          found = add(child, std::move(found));
        return found;
      case layout::Item::Kind::Sum:
        break;
    }
    Found forked;
    for (const layout::Part& part : item.parts) {
      Found branch = found;
      for (auto& [label, axes] : branch)
        if (part.label != layout::kNoLabel) label = part.label;
      for (const layout::Item& child : part.items)
        branch = add(child, std::move(branch));
      forked.insert(forked.end(), branch.begin(), branch.end());
    }
    return forked;
  }
};

/// Reports labels that stand twice, parts without a label and axes that disagree with the
/// inventory.
bool check_axes(const TensorRule& rule, const lang::LayoutExpr& expr, NodeReader& reader,
                const RuleSet& rules, std::vector<layout::LabelId>& labels) {
  for (auto& [label, axes] : AxisCollector::collect(rule.layout)) {
    if (label == layout::kNoLabel) {
      reader.sink().add(
          make_diagnostic(Code::layout_no_label,
                          "this layout does not say which tensor its elements belong to")
              .at(expr.span)
              .suggest("write the tensor's name in front: \"attn.q: …\""));
      return false;
    }
    if (std::find(labels.begin(), labels.end(), label) != labels.end()) {
      reader.sink().add(
          make_diagnostic(Code::layout_label_twice,
                          cat("tensor '", rules.tensors[static_cast<std::size_t>(label)].name,
                              "' stands twice in one layout"))
              .at(expr.span)
              .suggest("give each part a tensor of its own"));
      return false;
    }
    labels.push_back(label);
    axes.insert(axes.end(), rule.name_axes.begin(), rule.name_axes.end());
    const LogicalRule& tensor = rules.tensors[static_cast<std::size_t>(label)];
    std::vector<layout::AxisId> have = axes, want = tensor.axes;
    std::sort(have.begin(), have.end());
    std::sort(want.begin(), want.end());
    if (have == want || tensor.incomplete) continue;
    reader.sink().add(
        make_diagnostic(Code::layout_axes_differ,
                        cat("layout and name give '", tensor.name, "' the axes ",
                            spell_axes(rules, axes), ", expected ", spell_axes(rules, tensor.axes)))
            .at(expr.span)
            .note(cat("axes of '", tensor.name,
                      "' are declared here: ", spell_axes(rules, tensor.axes)),
                  tensor.span)
            .suggest("every axis stands once, in the name or in the layout"));
    return false;
  }
  return true;
}

void read_created(const YamlNode& node, NodeReader& reader, RuleSet& rules, const YamlNode* with,
                  TensorRule& rule) {
  rule.created = true;
  if (node.kind != YamlNode::Kind::Mapping) {
    rule.created_null = true;
    rule.created_shape = {0};
  } else {
    const std::string dtype = reader.text(node.find("dtype"));
    if (const auto known = tensor::dtype_of(dtype)) {
      rule.created_dtype = *known;
    } else {
      reader.report(Code::rule_value, node, cat("dtype '", dtype, "' is unknown"));
    }
    if (const YamlNode* shape = node.find("shape"))
      for (const YamlNode& extent : shape->items)
        if (const tensor::Value value = to_value(extent);
            const auto* n = value.get_if<std::int64_t>())
          rule.created_shape.push_back(*n);
  }
  if (with != nullptr) rule.with = rules.label(reader.text(with));
}

/// Reports a cut of a dimension that the layout does not have.
bool check_cuts(const TensorRule& rule, const YamlNode& line, NodeReader& reader) {
  for (const ShardAlternative& alternative : rule.shard) {
    const auto packed = [](const ShardCut& cut) { return cut.dimension.has_value(); };
    if (std::count_if(alternative.cuts.begin(), alternative.cuts.end(), packed) > 1) {
      reader.report(Code::rule_value, *line.find("shard"),
                    "two dimensions are cut as they are packed",
                    "cut axes instead, or only one of the dimensions");
      return false;
    }
    for (const ShardCut& cut : alternative.cuts) {
      if (!cut.dimension || *cut.dimension < rule.layout.dims.size()) continue;
      reader.report(Code::rule_value, *line.find("shard"),
                    cat("dimension ", *cut.dimension, " is cut, but the layout has ",
                        rule.layout.dims.size()),
                    "dimensions are counted from 0");
      return false;
    }
  }
  return true;
}

/// One line; nullopt when it is not for this family or was reported.
std::optional<TensorRule> read_line(const YamlNode& key, const YamlNode& line, bool strict,
                                    NodeReader& reader, RuleSet& rules) {
  TensorRule rule;
  rule.span = key.span;
  rule.name_text = key.scalar;
  auto name = reader.name(key, lang::TemplateKind::Name);
  if (!name) return std::nullopt;
  rule.name = std::move(*name);
  for (const std::string& place : lang::places_of(rule.name)) {
    const auto axis = rules.axis(place);
    if (!axis) {
      if (rules.size(place) != nullptr) continue;  // a word that the checkpoint has chosen
      if (strict)
        reader.report(Code::rule_unknown_axis, key, cat("axis '", place, "' is not declared"));
      return std::nullopt;
    }
    rule.name_axes.push_back(*axis);
  }
  const bool detailed = line.kind == YamlNode::Kind::Mapping;
  if (detailed) {
    rule.when = reader.scalar(line.find("when"));
    if (const YamlNode* accept = line.find("accept")) {
      const std::string text = accept->scalar;
      if (text == "always") {
        lang::ScalarExpr always;
        always.nodes.push_back({lang::ScalarLiteral{true}, accept->span});
        rule.accept = std::move(always);
      } else {
        rule.accept = reader.scalar(accept);
      }
    }
    rule.any_unit_dims = reader.text(line.find("unit_dims")) == "any";
    rule.whole = reader.texts(line.find("whole"));
    for (const std::string& axis : reader.texts(line.find("global")))
      if (const auto known = rules.axis(axis)) rule.global.push_back(*known);
    if (const YamlNode* shard = line.find("shard")) {
      for (const YamlNode& alternative : shard->items)
        rule.shard.push_back(
            {reader.scalar(alternative.find("when")), read_cuts(alternative, reader, rules)});
    }
    if (const YamlNode* create = line.find("create")) {
      const YamlNode* with = line.find("with");
      read_created(*create, reader, rules, with, rule);
      if (with == nullptr || rule.with != layout::kNoLabel) return rule;
      if (strict)
        reader.report(
            Code::rule_unknown_tensor, *with,
            cat("tensor '", with->scalar, "' is not in the inventory of '", rules.family, "'"));
      return std::nullopt;
    }
  }
  const YamlNode* layout_node = detailed ? line.find("layout") : &line;
  const YamlNode* shape_node = nullptr;
  if (layout_node != nullptr && layout_node->kind == YamlNode::Kind::Mapping) {
    shape_node = layout_node->find("shape");
    layout_node = layout_node->find("memory");
  }
  if (layout_node == nullptr) {
    reader.report(Code::rule_value, line, "this line has no layout");
    return std::nullopt;
  }
  const auto expr = reader.layout(*layout_node);
  if (!expr) return std::nullopt;
  if (!Resolver(*expr, reader, rules, strict).resolve(rule.layout)) return std::nullopt;
  rule.layout_text = lang::print(*expr);
  if (!check_axes(rule, *expr, reader, rules, rule.labels)) return std::nullopt;
  if (!check_cuts(rule, line, reader)) return std::nullopt;
  if (shape_node != nullptr) {
    const auto shape = reader.layout(*shape_node);
    if (!shape) return std::nullopt;
    layout::Layout resolved;
    if (!Resolver(*shape, reader, rules, strict).resolve(resolved)) return std::nullopt;
    rule.shape = std::move(resolved);
  }
  return rule;
}

}  // namespace

std::vector<ShardCut> read_cuts(const YamlNode& node, NodeReader& reader, const RuleSet& rules) {
  std::vector<ShardCut> cuts;
  for (const YamlNode::Entry& entry : node.entries) {
    if (entry.key.scalar == "when") continue;
    ShardCut cut;
    cut.mesh = entry.key.scalar;
    if (entry.value.kind == YamlNode::Kind::Sequence) {
      for (const std::string& name : reader.texts(&entry.value))
        if (const auto axis = rules.axis(name)) cut.axes.push_back(*axis);
    } else if (const std::string text = reader.text(&entry.value); text.rfind("dim ", 0) == 0) {
      cut.dimension = static_cast<std::size_t>(std::strtoul(text.c_str() + 4, nullptr, 10));
    } else if (const auto axis = rules.axis(text)) {
      cut.axes.push_back(*axis);
    }
    cuts.push_back(std::move(cut));
  }
  return cuts;
}

void read_tensors(const YamlNode* table, std::size_t number, const std::string& family_page,
                  NodeReader& reader, RuleSet& rules) {
  if (table == nullptr) return;
  for (const YamlNode::Entry& entry : table->entries) {
    const bool strict =
        entry.key.span.source != nullptr && entry.key.span.source->name == family_page;
    // A list: the same name with another content under other conditions.
    const bool list = entry.value.kind == YamlNode::Kind::Sequence;
    const std::size_t count = list ? entry.value.items.size() : 1;
    for (std::size_t i = 0; i < count; ++i)
      if (auto rule = read_line(entry.key, list ? entry.value.items[i] : entry.value, strict,
                                reader, rules)) {
        rule->table = number;
        rules.dialect.tensors.push_back(std::move(*rule));
      }
  }
}

}  // namespace recast::rules
