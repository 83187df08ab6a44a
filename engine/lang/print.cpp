#include "engine/lang/print.hpp"

#include <charconv>
#include <string_view>
#include <type_traits>
#include <utility>

#include "engine/lang/builtin_table.hpp"

namespace recast::lang {
namespace {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
overloaded(Ts...) -> overloaded<Ts...>;

// ---- layouts

std::string label_text(const std::string& label, bool optional) {
  if (label.empty()) return {};
  return label + (optional ? "?:" : ":");
}

void append_item(const LayoutExpr& expr, LayoutId id, std::string& out);

/// Items with a blank in front of each but the first; of that one too if something stands before
/// it.
void append_items(const LayoutExpr& expr, const std::vector<LayoutId>& items, bool first_too,
                  std::string& out) {
  for (const LayoutId item : items) {
    if (first_too) out += ' ';
    first_too = true;
    append_item(expr, item, out);
  }
}

void append_item(const LayoutExpr& expr, LayoutId id, std::string& out) {
  std::visit(overloaded{[&](const LayoutUnit&) { out += '1'; },
                        [&](const LayoutAxis& axis) { out += axis.name; },
                        [&](const LayoutGroup& group) {
                          out += '(';
                          append_items(expr, group.items, false, out);
                          out += ')';
                        },
                        [&](const LayoutSum& sum) {
                          out += '[';
                          for (std::size_t i = 0; i < sum.parts.size(); ++i) {
                            const LayoutPart& part = sum.parts[i];
                            if (i > 0) out += " | ";
                            out += label_text(part.label, part.optional);
                            append_items(expr, part.items, !part.label.empty(), out);
                          }
                          out += ']';
                        }},
             expr.nodes[id].node);
}

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

/// How tightly an operator binds; an operand that binds less stands in parentheses.
enum Tightness : int {
  kIf,
  kOr,
  kAnd,
  kNot,
  kCompare,
  kSum,
  kProduct,
  kNegate,
  kPostfix,
  kPrimary
};

struct BinaryRow {
  std::string_view sign;
  Tightness tightness;
};

const BinaryRow& row_of(BinaryOp op) {
  static constexpr BinaryRow kRows[] = {
      {"or", kOr},      {"and", kAnd},   {"==", kCompare}, {"!=", kCompare}, {"<", kCompare},
      {"<=", kCompare}, {">", kCompare}, {">=", kCompare}, {"in", kCompare}, {"+", kSum},
      {"-", kSum},      {"*", kProduct}, {"/", kProduct},  {"mod", kProduct}};
  return kRows[static_cast<std::size_t>(op)];
}

Tightness tightness_of(const ScalarNode& node) {
  return std::visit(
      overloaded{[](const ScalarIf&) { return kIf; },
                 [](const ScalarBinary& binary) { return row_of(binary.op).tightness; },
                 [](const ScalarUnary& unary) { return unary.op == UnaryOp::Not ? kNot : kNegate; },
                 [](const ScalarIndex&) { return kPostfix; }, [](const auto&) { return kPrimary; }},
      node.node);
}

std::string literal_text(const tensor::Value& value) {
  return std::visit(overloaded{[](tensor::Null) { return std::string("null"); },
                               [](bool flag) { return std::string(flag ? "true" : "false"); },
                               [](std::int64_t integer) { return std::to_string(integer); },
                               [](double number) { return print_number(number); },
                               [](const std::string& text) {
                                 std::string out = "'";
                                 for (const char c : text)
                                   out.append(c == '\'' ? 2 : 1, c);
                                 return out + "'";
                               },
                               [&](const auto&) { return tensor::print(value); }},
                    value.data());
}

class ScalarPrinter {
 public:
  explicit ScalarPrinter(const ScalarExpr& expr) : expr_(expr) {}

  void append(ScalarId id, Tightness at_least) {
    const ScalarNode& node = expr_.nodes[id];
    const bool parenthesised = tightness_of(node) < at_least;
    if (parenthesised) out_ += '(';
    std::visit([this](const auto& alternative) { append_node(alternative); }, node.node);
    if (parenthesised) out_ += ')';
  }

  std::string take() { return std::move(out_); }

 private:
  void append_node(const ScalarLiteral& literal) { out_ += literal_text(literal.value); }
  void append_node(const ScalarName& name) { out_ += name.name; }
  void append_node(const ScalarList& list) {
    out_ += '[';
    append_all(list.items);
    out_ += ']';
  }
  void append_node(const ScalarUnary& unary) {
    out_ += unary.op == UnaryOp::Not ? "not " : "-";
    append(unary.operand, unary.op == UnaryOp::Not ? kNot : kNegate);
  }
  void append_node(const ScalarBinary& binary) {
    const BinaryRow& row = row_of(binary.op);
    const auto tighter = static_cast<Tightness>(row.tightness + 1);
    append(binary.lhs, row.tightness == kCompare ? tighter : row.tightness);
    out_.append(" ").append(row.sign).append(" ");
    append(binary.rhs, tighter);
  }
  void append_node(const ScalarIf& choice) {
    out_ += "if ";
    append(choice.condition, kIf);
    out_ += " then ";
    append(choice.then, kIf);
    out_ += " else ";
    append(choice.otherwise, kIf);
  }
  void append_node(const ScalarCall& call) {
    out_.append(builtin_row(call.callee).name).append("(");
    append_all(call.args);
    out_ += ')';
  }
  void append_node(const ScalarIndex& index) {
    append(index.list, kPostfix);
    out_ += '[';
    append(index.index, kIf);
    out_ += ']';
  }
  void append_all(const std::vector<ScalarId>& ids) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i > 0) out_ += ", ";
      append(ids[i], kIf);
    }
  }

  const ScalarExpr& expr_;
  std::string out_;
};

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

void append_template(const std::vector<TemplateItem>& items, std::string& out) {
  for (const TemplateItem& item : items) {
    std::visit(overloaded{[&](const TemplateText& text) {
                            for (const char c : text.text) {
                              const bool doubled =
                                  std::string_view("{}[]").find(c) != std::string_view::npos;
                              out.append(doubled ? 2 : 1, c);
                            }
                          },
                          [&](const TemplatePlace& place) {
                            out += '{';
                            out += print(place.expr);
                            if (place.width > 0) out += cat(":0", place.width);
                            out += '}';
                          },
                          [&](const TemplateStar& star) { out += star.deep ? "**" : "*"; },
                          [&](const TemplateOption& option) {
                            out += '[';
                            append_template(option.items, out);
                            out += " if ";
                            out += print(option.condition);
                            out += ']';
                          }},
               item);
  }
}

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

std::string print_number(double number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  std::string out(digits, end);
  if (out.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
  return out;
}

std::string print(const LayoutExpr& expr) {
  std::string out = label_text(expr.label, expr.optional);
  append_items(expr, expr.dims, !expr.label.empty(), out);
  return out;
}

std::string print(const ScalarExpr& expr, ScalarId root) {
  ScalarPrinter printer(expr);
  printer.append(root, kIf);
  return printer.take();
}

std::string print(const ScalarExpr& expr) {
  if (expr.nodes.empty()) return {};
  return print(expr, static_cast<ScalarId>(expr.nodes.size() - 1));
}

std::string print(const NameTemplate& name) {
  std::string out;
  append_template(name.items, out);
  return out;
}

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
