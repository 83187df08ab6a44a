#pragma once
// Scalar expressions: sizes, conditions, configuration fields. A typed-at-run-time tree and its
// evaluation.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/tensor/value.hpp"

namespace recast::lang {

using ScalarId = std::uint32_t;

enum class UnaryOp : std::uint8_t { Negate, Not };
enum class BinaryOp : std::uint8_t {
  Or,
  And,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo
};
enum class Builtin : std::uint8_t {
#define RECAST_BUILTIN(id, name, min_args, max_args, signature, summary) id,
#include "engine/lang/builtins.def"
#undef RECAST_BUILTIN
};

struct ScalarLiteral {
  tensor::Value value;  // null, flag, integer, number, string
};
/// A dotted name, looked up in the environment: `layers`, `tp.size`, `rope.factor`.
struct ScalarName {
  std::string name;
};
struct ScalarList {
  std::vector<ScalarId> items;
};
struct ScalarUnary {
  UnaryOp op;
  ScalarId operand;
};
struct ScalarBinary {
  BinaryOp op;
  ScalarId lhs, rhs;
};
struct ScalarIf {
  ScalarId condition, then, otherwise;
};
struct ScalarCall {
  Builtin callee;
  std::vector<ScalarId> args;
};
struct ScalarIndex {
  ScalarId list, index;
};

struct ScalarNode {
  std::variant<ScalarLiteral, ScalarName, ScalarList, ScalarUnary, ScalarBinary, ScalarIf,
               ScalarCall, ScalarIndex>
      node;
  SourceSpan span;
};

/// Nodes with children before parents; the last one is the root.
struct ScalarExpr {
  std::vector<ScalarNode> nodes;
  SourceSpan span;
};

/// What names mean. Returns nullptr for a name that does not exist at all (an error), a null Value
/// for one that is known and has no value. Never called for the branch of an `if`, `and`, `or` or
/// `first` that is not taken.
using Environment = std::function<const tensor::Value*(std::string_view name)>;

/// Integers stay integers; `/` on integers must come out whole (expr.not-whole), otherwise use
/// numbers. `==` compares integers with numbers by value. null is falsy, as are false, 0, '' and
/// []; a Symbol reads as its dotted text. Errors: expr.unknown-name, expr.type, expr.not-whole,
/// expr.overflow, expr.division-by-zero.
Result<tensor::Value> evaluate(const ScalarExpr& expr, const Environment& environment);

/// Truth of a value as conditions see it.
bool is_true(const tensor::Value& value) noexcept;

/// All names that an expression mentions, in order, once each.
std::vector<std::string> names_in(const ScalarExpr& expr);

}  // namespace recast::lang
