// same(): apart from print.cpp because the two are each other's check.

#include <variant>
#include <vector>

#include "engine/lang/overloaded.hpp"
#include "engine/lang/print.hpp"

namespace recast::lang {
namespace {

// ---- layouts

bool same_items(const LayoutExpr& a, const std::vector<LayoutId>& in_a, const LayoutExpr& b,
                const std::vector<LayoutId>& in_b);

bool same_item(const LayoutExpr& a, LayoutId in_a, const LayoutExpr& b, LayoutId in_b) {
  const auto& left = a.nodes[in_a].node;
  const auto& right = b.nodes[in_b].node;
  if (left.index() != right.index()) return false;
  return std::visit(
      overloaded{
          [](const LayoutUnit&) { return true; },
          [&](const LayoutAxis& axis) { return axis.name == std::get<LayoutAxis>(right).name; },
          [&](const LayoutGroup& group) {
            return same_items(a, group.items, b, std::get<LayoutGroup>(right).items);
          },
          [&](const LayoutSum& sum) {
            const auto& other = std::get<LayoutSum>(right);
            if (sum.parts.size() != other.parts.size()) return false;
            for (std::size_t i = 0; i < sum.parts.size(); ++i) {
              if (sum.parts[i].label != other.parts[i].label ||
                  sum.parts[i].optional != other.parts[i].optional ||
                  !same_items(a, sum.parts[i].items, b, other.parts[i].items))
                return false;
            }
            return true;
          }},
      left);
}

bool same_items(const LayoutExpr& a, const std::vector<LayoutId>& in_a, const LayoutExpr& b,
                const std::vector<LayoutId>& in_b) {
  if (in_a.size() != in_b.size()) return false;
  for (std::size_t i = 0; i < in_a.size(); ++i) {
    if (!same_item(a, in_a[i], b, in_b[i])) return false;
  }
  return true;
}

// ---- scalars

/// The nodes right below a node, in order.
std::vector<ScalarId> children_of(const ScalarNode& node) {
  using Ids = std::vector<ScalarId>;
  return std::visit(overloaded{[](const ScalarLiteral&) { return Ids{}; },
                               [](const ScalarName&) { return Ids{}; },
                               [](const ScalarList& list) { return list.items; },
                               [](const ScalarUnary& unary) { return Ids{unary.operand}; },
                               [](const ScalarBinary& binary) {
                                 return Ids{binary.lhs, binary.rhs};
                               },
                               [](const ScalarIf& choice) {
                                 return Ids{choice.condition, choice.then, choice.otherwise};
                               },
                               [](const ScalarCall& call) { return call.args; },
                               [](const ScalarIndex& index) {
                                 return Ids{index.list, index.index};
                               }},
                    node.node);
}

/// Whether two nodes say the same, their children aside.
bool same_node(const ScalarNode& a, const ScalarNode& b) {
  if (a.node.index() != b.node.index()) return false;
  return std::visit(
      overloaded{
          [&](const ScalarLiteral& one) {
            return one.value == std::get<ScalarLiteral>(b.node).value;
          },
          [&](const ScalarName& one) { return one.name == std::get<ScalarName>(b.node).name; },
          [&](const ScalarUnary& one) { return one.op == std::get<ScalarUnary>(b.node).op; },
          [&](const ScalarBinary& one) { return one.op == std::get<ScalarBinary>(b.node).op; },
          [&](const ScalarCall& one) { return one.callee == std::get<ScalarCall>(b.node).callee; },
          [](const auto&) { return true; }},
      a.node);
}

bool same_tree(const ScalarExpr& a, ScalarId in_a, const ScalarExpr& b, ScalarId in_b) {
  if (!same_node(a.nodes[in_a], b.nodes[in_b])) return false;
  const std::vector<ScalarId> left = children_of(a.nodes[in_a]);
  const std::vector<ScalarId> right = children_of(b.nodes[in_b]);
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!same_tree(a, left[i], b, right[i])) return false;
  }
  return true;
}

// ---- names

bool same_template(const std::vector<TemplateItem>& a, const std::vector<TemplateItem>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].index() != b[i].index()) return false;
    const bool equal =
        std::visit(overloaded{[&](const TemplateText& text) {
                                return text.text == std::get<TemplateText>(b[i]).text;
                              },
                              [&](const TemplatePlace& place) {
                                const auto& other = std::get<TemplatePlace>(b[i]);
                                return place.width == other.width && same(place.expr, other.expr);
                              },
                              [&](const TemplateStar& star) {
                                return star.deep == std::get<TemplateStar>(b[i]).deep;
                              },
                              [&](const TemplateOption& option) {
                                const auto& other = std::get<TemplateOption>(b[i]);
                                return same(option.condition, other.condition) &&
                                       same_template(option.items, other.items);
                              }},
                   a[i]);
    if (!equal) return false;
  }
  return true;
}

}  // namespace

bool same(const LayoutExpr& a, const LayoutExpr& b) {
  return a.label == b.label && a.optional == b.optional && same_items(a, a.dims, b, b.dims);
}

bool same(const ScalarExpr& a, const ScalarExpr& b) {
  if (a.nodes.empty() || b.nodes.empty()) return a.nodes.empty() == b.nodes.empty();
  return same_tree(a, static_cast<ScalarId>(a.nodes.size() - 1), b,
                   static_cast<ScalarId>(b.nodes.size() - 1));
}

bool same(const NameTemplate& a, const NameTemplate& b) {
  return same_template(a.items, b.items);
}

}  // namespace recast::lang
