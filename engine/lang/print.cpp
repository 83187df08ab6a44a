#include "engine/lang/print.hpp"

#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include "engine/lang/builtin_table.hpp"
#include "engine/lang/overloaded.hpp"

namespace recast::lang {
namespace {

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

// ---- scalars

/// How tightly an operator binds; an operand that binds less stands in parentheses.
enum class Tightness : std::uint8_t {
  If,
  Or,
  And,
  Not,
  Compare,
  Sum,
  Product,
  Negate,
  Postfix,
  Primary
};

struct BinaryRow {
  std::string_view sign;
  Tightness tightness;
};

const BinaryRow& row_of(BinaryOp op) {
  static constexpr BinaryRow kRows[] = {
      {"or", Tightness::Or},      {"and", Tightness::And},    {"==", Tightness::Compare},
      {"!=", Tightness::Compare}, {"<", Tightness::Compare},  {"<=", Tightness::Compare},
      {">", Tightness::Compare},  {">=", Tightness::Compare}, {"in", Tightness::Compare},
      {"+", Tightness::Sum},      {"-", Tightness::Sum},      {"*", Tightness::Product},
      {"/", Tightness::Product},  {"mod", Tightness::Product}};
  return kRows[static_cast<std::size_t>(op)];
}

Tightness tightness_of(const ScalarNode& node) {
  return std::visit(
      overloaded{[](const ScalarIf&) { return Tightness::If; },
                 [](const ScalarBinary& binary) { return row_of(binary.op).tightness; },
                 [](const ScalarUnary& unary) {
                   return unary.op == UnaryOp::Not ? Tightness::Not : Tightness::Negate;
                 },
                 [](const ScalarIndex&) { return Tightness::Postfix; },
                 [](const auto&) { return Tightness::Primary; }},
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
    append(unary.operand, unary.op == UnaryOp::Not ? Tightness::Not : Tightness::Negate);
  }
  void append_node(const ScalarBinary& binary) {
    const BinaryRow& row = row_of(binary.op);
    const auto tighter = static_cast<Tightness>(static_cast<int>(row.tightness) + 1);
    append(binary.lhs, row.tightness == Tightness::Compare ? tighter : row.tightness);
    out_.append(" ").append(row.sign).append(" ");
    append(binary.rhs, tighter);
  }
  void append_node(const ScalarIf& choice) {
    out_ += "if ";
    append(choice.condition, Tightness::If);
    out_ += " then ";
    append(choice.then, Tightness::If);
    out_ += " else ";
    append(choice.otherwise, Tightness::If);
  }
  void append_node(const ScalarCall& call) {
    out_.append(builtin_row(call.callee).name).append("(");
    append_all(call.args);
    out_ += ')';
  }
  void append_node(const ScalarIndex& index) {
    append(index.list, Tightness::Postfix);
    out_ += '[';
    append(index.index, Tightness::If);
    out_ += ']';
  }
  void append_all(const std::vector<ScalarId>& ids) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i > 0) out_ += ", ";
      append(ids[i], Tightness::If);
    }
  }

  const ScalarExpr& expr_;
  std::string out_;
};

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
  printer.append(root, Tightness::If);
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

}  // namespace recast::lang
