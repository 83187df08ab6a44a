#include "engine/lang/operators.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "engine/base/checked.hpp"
#include "engine/lang/print.hpp"

namespace recast::lang {
namespace {

using tensor::Value;

std::string_view sign_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::Less:
      return "<";
    case BinaryOp::LessEqual:
      return "<=";
    case BinaryOp::Greater:
      return ">";
    case BinaryOp::GreaterEqual:
      return ">=";
    case BinaryOp::Subtract:
      return "-";
    case BinaryOp::Multiply:
      return "*";
    case BinaryOp::Divide:
      return "/";
    case BinaryOp::Modulo:
      return "mod";
    default:
      return "+";
  }
}

bool is_number(const Value& value) {
  return value.get_if<std::int64_t>() != nullptr || value.get_if<double>() != nullptr;
}

double as_double(const Value& value) {
  if (const auto* integer = value.get_if<std::int64_t>()) return static_cast<double>(*integer);
  return *value.get_if<double>();
}

/// Exact: no integer is rounded to be compared. nullopt for NaN.
std::optional<int> compare_numbers(const Value& a, const Value& b) {
  const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : x > y ? 1 : 0; };
  const auto* int_a = a.get_if<std::int64_t>();
  const auto* int_b = b.get_if<std::int64_t>();
  if (int_a && int_b) return order(*int_a, *int_b);
  if (!int_a && !int_b) {
    const double x = as_double(a), y = as_double(b);
    if (std::isnan(x) || std::isnan(y)) return std::nullopt;
    return order(x, y);
  }
  if (int_b) {
    const std::optional<int> swapped = compare_numbers(b, a);
    return swapped ? std::optional<int>(-*swapped) : std::nullopt;
  }
  const double y = as_double(b);
  if (std::isnan(y)) return std::nullopt;
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (y >= kTwoTo63) return -1;
  if (y < -kTwoTo63) return 1;
  const double whole = std::floor(y);
  if (const int by_whole = order(*int_a, static_cast<std::int64_t>(whole)); by_whole != 0)
    return by_whole;
  return y > whole ? -1 : 0;
}

Diagnostic overflow(std::string_view op, const Operand& lhs, const Operand& rhs,
                    const Site& whole) {
  return make_diagnostic(Code::expr_overflow,
                         cat("'", whole.text(), "' is ", as_text(lhs.value), " ", op, " ",
                             as_text(rhs.value), ", which does not fit"))
      .at(whole.span())
      .suggest("check the sizes: integers have 64 bits, numbers the range of a 64-bit float");
}

Diagnostic zero_divisor(const Operand& rhs) {
  return make_diagnostic(Code::expr_division_by_zero, cat("'", rhs.text(), "' divides and is 0"))
      .at(rhs.span())
      .suggest("check the size, or guard it: 'if x == 0 then … else …'");
}

Result<Value> integer_arithmetic(BinaryOp op, const Operand& lhs, const Operand& rhs,
                                 const Site& whole) {
  const std::int64_t a = *lhs.value.get_if<std::int64_t>();
  const std::int64_t b = *rhs.value.get_if<std::int64_t>();
  std::int64_t out = 0;
  bool overflowed = false;
  switch (op) {
    case BinaryOp::Add:
      overflowed = __builtin_add_overflow(a, b, &out);
      break;
    case BinaryOp::Subtract:
      overflowed = __builtin_sub_overflow(a, b, &out);
      break;
    case BinaryOp::Multiply:
      overflowed = __builtin_mul_overflow(a, b, &out);
      break;
    default: {
      if (b == 0) return zero_divisor(rhs);
      if (b == -1) {  // the one quotient that can overflow
        if (op == BinaryOp::Modulo) return Value(std::int64_t{0});
        overflowed = __builtin_sub_overflow(std::int64_t{0}, a, &out);
        break;
      }
      const std::int64_t rest = a % b;
      if (op == BinaryOp::Modulo)
        return Value(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
      if (rest != 0) {
        return make_diagnostic(Code::expr_not_whole, cat("'", whole.text(), "' is ", a, " / ", b,
                                                         ", expected a whole quotient"))
            .at(whole.span())
            .suggest("check the two sizes; for a fraction divide numbers: 'number(x) / y'");
      }
      out = a / b;
    }
  }
  if (overflowed) return overflow(sign_of(op), lhs, rhs, whole);
  return Value(out);
}

Result<Value> number_arithmetic(BinaryOp op, const Operand& lhs, const Operand& rhs,
                                const Site& whole) {
  const double a = as_double(lhs.value), b = as_double(rhs.value);
  double out = 0;
  switch (op) {
    case BinaryOp::Add:
      out = a + b;
      break;
    case BinaryOp::Subtract:
      out = a - b;
      break;
    case BinaryOp::Multiply:
      out = a * b;
      break;
    default:
      if (b == 0) return zero_divisor(rhs);
      out = a / b;
  }
  if (!std::isfinite(out) && std::isfinite(a) && std::isfinite(b))
    return overflow(sign_of(op), lhs, rhs, whole);
  return Value(out);
}

Result<Value> arithmetic(BinaryOp op, const Operand& lhs, const Operand& rhs, const Site& whole) {
  const auto* int_a = lhs.value.get_if<std::int64_t>();
  const auto* int_b = rhs.value.get_if<std::int64_t>();
  if (op == BinaryOp::Modulo) {
    if (!int_a) return wrong_type(lhs, "an integer for 'mod'");
    if (!int_b) return wrong_type(rhs, "an integer for 'mod'");
  }
  const std::string wanted = cat("a number for '", sign_of(op), "'");
  if (!is_number(lhs.value)) return wrong_type(lhs, wanted);
  if (!is_number(rhs.value)) return wrong_type(rhs, wanted);
  if (int_a && int_b) return integer_arithmetic(op, lhs, rhs, whole);
  return number_arithmetic(op, lhs, rhs, whole);
}

Result<Value> add(const Operand& lhs, const Operand& rhs, const Site& whole) {
  if (const auto left = text_of(lhs.value)) {
    const auto right = text_of(rhs.value);
    if (!right) return wrong_type(rhs, "a string to join to a string (text() makes one)");
    return Value(*left + *right);
  }
  if (const auto* left = lhs.value.get_if<tensor::Sequence>()) {
    const auto* right = rhs.value.get_if<tensor::Sequence>();
    if (!right) return wrong_type(rhs, "a list to join to a list");
    tensor::Sequence out{tensor::Sequence::Kind::List, left->items};
    out.items.insert(out.items.end(), right->items.begin(), right->items.end());
    return Value(std::move(out));
  }
  if (!is_number(lhs.value)) return wrong_type(lhs, "a number, a string or a list for '+'");
  return arithmetic(BinaryOp::Add, lhs, rhs, whole);
}

Result<Value> contains(const Operand& item, const Operand& in) {
  if (in.value.is_null()) return Value(false);  // an absent list is an empty one
  if (const auto* list = in.value.get_if<tensor::Sequence>()) {
    for (const Value& one : list->items) {
      if (equal(item.value, one)) return Value(true);
    }
    return Value(false);
  }
  if (const auto* entries = tensor::fields_of(in.value)) {
    for (const auto& [key, value] : *entries) {
      if (equal(item.value, key)) return Value(true);
    }
    return Value(false);
  }
  if (const auto text = text_of(in.value)) {
    const auto part = text_of(item.value);
    if (!part) return wrong_type(item, "a string to look for in a string");
    return Value(text->find(*part) != std::string::npos);
  }
  return wrong_type(in, "a list, a mapping or a string to look in");
}

bool is_ordered(const tensor::Sequence& sequence) {
  return sequence.kind == tensor::Sequence::Kind::List ||
         sequence.kind == tensor::Sequence::Kind::Tuple;
}

}  // namespace

std::string Site::text() const {
  return print(expr, id);
}

std::optional<std::string> text_of(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* symbol = value.get_if<tensor::Symbol>()) {
    return symbol->module.empty() ? symbol->name : cat(symbol->module, ".", symbol->name);
  }
  return std::nullopt;
}

std::string as_text(const Value& value) {
  if (auto text = text_of(value)) return *std::move(text);
  if (value.is_null()) return "null";
  if (const auto* flag = value.get_if<bool>()) return *flag ? "true" : "false";
  if (const auto* integer = value.get_if<std::int64_t>()) return std::to_string(*integer);
  if (const auto* number = value.get_if<double>()) return print_number(*number);
  return tensor::print(value, std::numeric_limits<std::size_t>::max());
}

std::string describe(const Value& value) {
  std::string shown = tensor::print(value, 40);
  const auto named = [&](std::string_view kind) { return cat(kind, " ", shown); };
  if (value.is_null()) return "null";
  if (value.get_if<bool>()) return named("the flag");
  if (value.get_if<std::int64_t>()) return named("the integer");
  if (value.get_if<double>()) return named("the number");
  if (value.get_if<std::string>()) return named("the string");
  if (value.get_if<tensor::Sequence>()) return named("the list");
  if (value.get_if<tensor::Mapping>()) return named("the mapping");
  if (value.get_if<tensor::Symbol>()) return named("the symbol");
  return shown;
}

Diagnostic wrong_type(const Operand& operand, std::string_view wanted) {
  const bool is_literal =
      std::holds_alternative<ScalarLiteral>(operand.expr.nodes[operand.id].node);
  const std::string what = describe(operand.value);
  std::string message = is_literal ? cat("expected ", wanted, ", found ", what)
                                   : cat(operand.is_item ? "an item of '" : "'", operand.text(),
                                         "' is ", what, ", expected ", wanted);
  return make_diagnostic(Code::expr_type, std::move(message))
      .at(operand.span())
      .suggest(operand.value.is_null()
                   ? "give it a value, or a default: 'first(x, default)'"
                   : "check where the value comes from; integer(), number(), text() convert");
}

bool equal(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return compare_numbers(a, b) == 0;
  if (a.get_if<tensor::Symbol>() || b.get_if<tensor::Symbol>()) {
    const auto left = text_of(a), right = text_of(b);
    return left && right && *left == *right;
  }
  const auto* left = a.get_if<tensor::Sequence>();
  const auto* right = b.get_if<tensor::Sequence>();
  if (left && right && is_ordered(*left) && is_ordered(*right)) {
    if (left->items.size() != right->items.size()) return false;
    for (std::size_t i = 0; i < left->items.size(); ++i) {
      if (!equal(left->items[i], right->items[i])) return false;
    }
    return true;
  }
  return a == b;
}

Result<std::optional<int>> compare(const Operand& a, const Operand& b) {
  if (is_number(a.value)) {
    if (!is_number(b.value)) return wrong_type(b, "a number to compare with a number");
    return compare_numbers(a.value, b.value);
  }
  if (const auto left = text_of(a.value)) {
    const auto right = text_of(b.value);
    if (!right) return wrong_type(b, "a string to compare with a string");
    return std::optional<int>(left->compare(*right));
  }
  return wrong_type(a, "a number or a string to order");
}

Result<Value> apply_binary(BinaryOp op, const Operand& lhs, const Operand& rhs, const Site& whole) {
  switch (op) {
    case BinaryOp::Equal:
      return Value(equal(lhs.value, rhs.value));
    case BinaryOp::NotEqual:
      return Value(!equal(lhs.value, rhs.value));
    case BinaryOp::Less:
    case BinaryOp::LessEqual:
    case BinaryOp::Greater:
    case BinaryOp::GreaterEqual: {
      RECAST_ASSIGN(const std::optional<int> order, compare(lhs, rhs));
      if (!order) return Value(false);
      if (op == BinaryOp::Less) return Value(*order < 0);
      if (op == BinaryOp::LessEqual) return Value(*order <= 0);
      if (op == BinaryOp::Greater) return Value(*order > 0);
      return Value(*order >= 0);
    }
    case BinaryOp::In:
      return contains(lhs, rhs);
    case BinaryOp::Add:
      return add(lhs, rhs, whole);
    case BinaryOp::Subtract:
    case BinaryOp::Multiply:
    case BinaryOp::Divide:
    case BinaryOp::Modulo:
      return arithmetic(op, lhs, rhs, whole);
    case BinaryOp::And:
    case BinaryOp::Or:
      break;
  }
  internal_error(__FILE__, __LINE__, "'and' and 'or' do not take evaluated operands");
}

Result<Value> negate(const Operand& operand, const Site& whole) {
  if (const auto* integer = operand.value.get_if<std::int64_t>()) {
    std::int64_t out = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, *integer, &out)) {
      return make_diagnostic(Code::expr_overflow, cat("'-", operand.text(), "' is -(", *integer,
                                                      "), which does not fit"))
          .at(whole.span())
          .suggest("check the sizes: integers have 64 bits");
    }
    return Value(out);
  }
  if (const auto* number = operand.value.get_if<double>()) return Value(-*number);
  return wrong_type(operand, "a number for '-'");
}

Result<Value> index_into(const Operand& list, const Operand& index) {
  if (const auto* sequence = list.value.get_if<tensor::Sequence>()) {
    const auto* at = index.value.get_if<std::int64_t>();
    if (!at) return wrong_type(index, "an integer to index a list");
    const std::size_t count = sequence->items.size();
    if (*at < 0 || static_cast<std::uint64_t>(*at) >= count) {
      return make_diagnostic(Code::expr_out_of_range,
                             cat("index ", *at, " is outside of '", list.text(), "', which has ",
                                 count, count == 1 ? " item" : " items"))
          .at(index.span())
          .suggest("items count from 0");
    }
    return sequence->items[static_cast<std::size_t>(*at)];
  }
  if (tensor::fields_of(list.value)) {
    const auto key = text_of(index.value);
    if (!key) return wrong_type(index, "a string to look up in a mapping");
    const Value* found = tensor::field(list.value, *key);
    return found ? *found : Value();
  }
  return wrong_type(list, "a list or a mapping to index");
}

}  // namespace recast::lang
