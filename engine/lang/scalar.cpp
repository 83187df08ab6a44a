#include "engine/lang/scalar.hpp"

#include <algorithm>
#include <utility>

#include "engine/lang/operators.hpp"

namespace recast::lang {
namespace {

using tensor::Value;

/// Walks the tree from the root. The parser bounds its height, so recursion is safe.
class Evaluation {
 public:
  Evaluation(const ScalarExpr& expr, const Environment& environment)
      : expr_(expr), environment_(environment) {}

  Result<Value> at(ScalarId id) const {
    return std::visit(
        [&](const auto& alternative) {
          return of(alternative, Site{expr_, id});
        },
        expr_.nodes[id].node);
  }

 private:
  Result<Value> of(const ScalarLiteral& literal, const Site&) const { return literal.value; }

  Result<Value> of(const ScalarName& name, const Site& site) const {
    const Value* value = environment_ ? environment_(name.name) : nullptr;
    if (value) return *value;
    return make_diagnostic(Code::expr_unknown_name,
                           cat("'", name.name, "' is not known here, expected a declared name"))
        .at(site.span())
        .suggest("declare it, or check its spelling");
  }

  Result<Value> of(const ScalarList& list, const Site&) const {
    tensor::Sequence out;
    for (const ScalarId item : list.items) {
      RECAST_ASSIGN(Value value, at(item));
      out.items.push_back(std::move(value));
    }
    return Value(std::move(out));
  }

  Result<Value> of(const ScalarUnary& unary, const Site& site) const {
    RECAST_ASSIGN(const Value operand, at(unary.operand));
    if (unary.op == UnaryOp::Not) return Value(!is_true(operand));
    return negate({{expr_, unary.operand}, operand}, site);
  }

  Result<Value> of(const ScalarBinary& binary, const Site& site) const {
    RECAST_ASSIGN(const Value lhs, at(binary.lhs));
    if (binary.op == BinaryOp::And || binary.op == BinaryOp::Or) {
      const bool decided = is_true(lhs);
      if (decided == (binary.op == BinaryOp::Or)) return Value(decided);
      RECAST_ASSIGN(const Value rhs, at(binary.rhs));
      return Value(is_true(rhs));
    }
    RECAST_ASSIGN(const Value rhs, at(binary.rhs));
    return apply_binary(binary.op, {{expr_, binary.lhs}, lhs}, {{expr_, binary.rhs}, rhs}, site);
  }

  Result<Value> of(const ScalarIf& choice, const Site&) const {
    RECAST_ASSIGN(const Value condition, at(choice.condition));
    return at(is_true(condition) ? choice.then : choice.otherwise);
  }

  Result<Value> of(const ScalarCall& call, const Site& site) const {
    if (call.callee == Builtin::First) return first(call);
    std::vector<Value> values;
    values.reserve(call.args.size());  // operands borrow them
    std::vector<Operand> operands;
    for (const ScalarId arg : call.args) {
      RECAST_ASSIGN(Value value, at(arg));
      values.push_back(std::move(value));
      operands.push_back({{expr_, arg}, values.back()});
    }
    return apply_builtin(call.callee, operands, site);
  }

  Result<Value> first(const ScalarCall& call) const {
    for (const ScalarId arg : call.args) {
      RECAST_ASSIGN(Value value, at(arg));
      if (!value.is_null()) return value;
    }
    return Value();
  }

  Result<Value> of(const ScalarIndex& index, const Site&) const {
    RECAST_ASSIGN(const Value list, at(index.list));
    RECAST_ASSIGN(const Value at_index, at(index.index));
    return index_into({{expr_, index.list}, list}, {{expr_, index.index}, at_index});
  }

  const ScalarExpr& expr_;
  const Environment& environment_;
};

}  // namespace

Result<Value> evaluate(const ScalarExpr& expr, const Environment& environment) {
  RECAST_CHECK(!expr.nodes.empty(), "an expression without nodes");
  return Evaluation(expr, environment).at(static_cast<ScalarId>(expr.nodes.size() - 1));
}

bool is_true(const Value& value) noexcept {
  if (value.is_null()) return false;
  if (const auto* flag = value.get_if<bool>()) return *flag;
  if (const auto* integer = value.get_if<std::int64_t>()) return *integer != 0;
  if (const auto* number = value.get_if<double>()) return *number != 0;
  if (const auto* text = value.get_if<std::string>()) return !text->empty();
  if (const auto* list = value.get_if<tensor::Sequence>()) return !list->items.empty();
  if (const auto* mapping = value.get_if<tensor::Mapping>()) return !mapping->entries.empty();
  return true;
}

std::vector<std::string> names_in(const ScalarExpr& expr) {
  // Nodes stand in the order of their text, so names come out in that order too.
  std::vector<std::string> out;
  for (const ScalarNode& node : expr.nodes) {
    const auto* name = std::get_if<ScalarName>(&node.node);
    if (name && std::find(out.begin(), out.end(), name->name) == out.end())
      out.push_back(name->name);
  }
  return out;
}

}  // namespace recast::lang
