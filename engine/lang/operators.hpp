#pragma once
// What operators and functions do with values. Private to engine/lang; scalar.cpp walks the tree
// and calls these.

#include <span>
#include <string>

#include "engine/base/result.hpp"
#include "engine/lang/scalar.hpp"
#include "engine/tensor/value.hpp"

namespace recast::lang {

/// A node, so that messages can quote its text and point at it. Borrows the expression.
struct Site {
  const ScalarExpr& expr;
  ScalarId id;

  std::string text() const;
  const SourceSpan& span() const { return expr.nodes[id].span; }
};

/// A value with the node that gave it. Borrows both.
struct Operand : Site {
  const tensor::Value& value;
  bool is_item = false;  // the value is an item of the list that the node gave
};

/// "the integer 3", "the string 'silu'", "null": a value as messages name it.
std::string describe(const tensor::Value& value);

/// expr.type: `'x' is null, expected <wanted>`.
Diagnostic wrong_type(const Operand& operand, std::string_view wanted);

/// The text of a string or of a symbol's dotted name; nullopt for any other value.
std::optional<std::string> text_of(const tensor::Value& value);

/// A value as text, for text(), join() and names: strings bare, numbers as literals.
std::string as_text(const tensor::Value& value);

/// `==`: numbers by value, symbols as their dotted text, lists and tuples item by item.
bool equal(const tensor::Value& a, const tensor::Value& b);

/// Below 0, 0 or above as `<` sees two numbers or two texts; expr.type for anything else. NaN is
/// neither: nullopt.
Result<std::optional<int>> compare(const Operand& a, const Operand& b);

/// `whole` is the node of the operator or call itself. Not for `and`, `or`, which do not evaluate
/// both sides.
Result<tensor::Value> apply_binary(BinaryOp op, const Operand& lhs, const Operand& rhs,
                                   const Site& whole);
Result<tensor::Value> negate(const Operand& operand, const Site& whole);
Result<tensor::Value> index_into(const Operand& list, const Operand& index);

/// Calls a function; `first` excepted, which does not evaluate all its arguments.
Result<tensor::Value> apply_builtin(Builtin callee, std::span<const Operand> args,
                                    const Site& whole);

}  // namespace recast::lang
