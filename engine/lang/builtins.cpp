#include <charconv>
#include <cmath>
#include <utility>

#include "engine/base/checked.hpp"
#include "engine/lang/builtin_table.hpp"
#include "engine/lang/operators.hpp"
#include "engine/lang/print.hpp"

namespace recast::lang {
namespace {

using tensor::Value;

/// A text longer than this comes from a slip, not from a rule.
constexpr std::size_t kMaxText = std::size_t{1} << 24U;

struct Call {
  std::span<const Operand> args;
  const Site& whole;
  std::string_view name;

  std::string wanted(std::string_view what) const { return cat(what, " for '", name, "'"); }
};

Result<const tensor::Sequence*> list_argument(const Call& call, std::size_t i) {
  if (const auto* list = call.args[i].value.get_if<tensor::Sequence>()) return list;
  return wrong_type(call.args[i], call.wanted("a list"));
}

Result<std::string> text_argument(const Call& call, std::size_t i) {
  if (auto text = text_of(call.args[i].value)) return *std::move(text);
  return wrong_type(call.args[i], call.wanted("a string"));
}

Result<std::int64_t> integer_argument(const Call& call, std::size_t i) {
  if (const auto* integer = call.args[i].value.get_if<std::int64_t>()) return *integer;
  return wrong_type(call.args[i], call.wanted("an integer"));
}

/// The arguments, or the items if there is one argument and it is a list.
std::vector<Operand> spread(const Call& call) {
  const auto* list =
      call.args.size() == 1 ? call.args[0].value.get_if<tensor::Sequence>() : nullptr;
  if (!list) return {call.args.begin(), call.args.end()};
  std::vector<Operand> out;
  for (const Value& item : list->items) {
    out.push_back({{call.args[0].expr, call.args[0].id}, item, true});
  }
  return out;
}

Diagnostic too_large(const Call& call) {
  return make_diagnostic(Code::expr_overflow,
                         cat("'", call.name, "' gives a value that does not fit"))
      .at(call.whole.span())
      .suggest("check the sizes that go in");
}

Result<Value> round_up(const Call& call) {
  RECAST_ASSIGN(const std::int64_t n, integer_argument(call, 0));
  RECAST_ASSIGN(const std::int64_t multiple, integer_argument(call, 1));
  if (multiple == 0) {
    return make_diagnostic(Code::expr_division_by_zero,
                           cat("'", call.args[1].text(), "' is the multiple to round to and is 0"))
        .at(call.args[1].span())
        .suggest("check the size");
  }
  if (multiple < 0) return wrong_type(call.args[1], call.wanted("a multiple above 0"));
  const std::int64_t rest = n % multiple;
  if (rest == 0) return Value(n);
  const auto out = checked_add(n, rest < 0 ? -rest : multiple - rest);
  if (!out) return too_large(call);
  return Value(*out);
}

/// `sign`: -1 for the least, 1 for the greatest.
Result<Value> extreme(const Call& call, int sign) {
  const std::vector<Operand> items = spread(call);
  if (items.empty()) {
    return make_diagnostic(
               Code::expr_out_of_range,
               cat("'", call.args[0].text(), "' is empty, expected an item for '", call.name, "'"))
        .at(call.args[0].span())
        .suggest("give it an item, or guard it with len()");
  }
  const Operand* best = nullptr;
  for (const Operand& item : items) {
    // The first is compared with itself, so that a list of one flag is refused like one of two.
    RECAST_ASSIGN(const std::optional<int> order, compare(best ? *best : item, item));
    if (!best || (order && *order * sign < 0)) best = &item;
  }
  return best->value;
}

Result<Value> sum(const Call& call) {
  RECAST_TRY(list_argument(call, 0));
  Value total(std::int64_t{0});
  for (const Operand& item : spread(call)) {
    if (!item.value.get_if<std::int64_t>() && !item.value.get_if<double>())
      return wrong_type(item, call.wanted("a list of numbers"));
    auto next = apply_binary(BinaryOp::Add, {{item.expr, item.id}, total}, item, call.whole);
    if (!next) return too_large(call);
    total = std::move(*next);
  }
  return total;
}

Result<Value> len(const Call& call) {
  const Value& value = call.args[0].value;
  std::size_t count = 0;
  if (const auto* list = value.get_if<tensor::Sequence>()) {
    count = list->items.size();
  } else if (const auto* entries = tensor::fields_of(value)) {
    count = entries->size();
  } else if (const auto text = text_of(value)) {
    count = text->size();
  } else {
    return wrong_type(call.args[0], call.wanted("a list, a mapping or a string"));
  }
  return Value(static_cast<std::int64_t>(count));
}

/// A whole text as a number; nullopt if it is none.
template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = value.get_if<std::int64_t>()) return static_cast<double>(*integer);
  if (const auto* number = value.get_if<double>()) return *number;
  if (const auto* text = value.get_if<std::string>()) return read_number<double>(*text);
  return std::nullopt;
}

Result<Value> integer(const Call& call) {
  const Value& value = call.args[0].value;
  if (value.is_null() || value.get_if<std::int64_t>()) return value;
  if (const auto* text = value.get_if<std::string>()) {
    if (const auto exact = read_number<std::int64_t>(*text)) return Value(*exact);
  }
  const std::optional<double> number = number_of(value);
  if (!number) return wrong_type(call.args[0], call.wanted("a number or the text of one"));
  if (!std::isfinite(*number) || std::fabs(*number) >= 9223372036854775808.0)
    return too_large(call);
  if (*number != std::floor(*number)) {
    return make_diagnostic(Code::expr_not_whole, cat("'", call.args[0].text(), "' is ",
                                                     describe(value), ", expected a whole number"))
        .at(call.args[0].span())
        .suggest("check the value; number() keeps a fraction");
  }
  return Value(static_cast<std::int64_t>(*number));
}

Result<Value> number(const Call& call) {
  const Value& value = call.args[0].value;
  if (value.is_null()) return value;
  if (const auto out = number_of(value)) return Value(*out);
  return wrong_type(call.args[0], call.wanted("a number or the text of one"));
}

Result<Value> symbol(const Call& call) {
  if (call.args[0].value.get_if<tensor::Symbol>()) return call.args[0].value;
  RECAST_ASSIGN(const std::string text, text_argument(call, 0));
  const std::size_t dot = text.rfind('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == text.size())
    return wrong_type(call.args[0], call.wanted("'module.name'"));
  return Value(tensor::Symbol{text.substr(0, dot), text.substr(dot + 1)});
}

Result<Value> lookup(const Call& call) {
  const auto* pairs = call.args[1].value.get_if<tensor::Sequence>();
  if (!pairs) return wrong_type(call.args[1], call.wanted("a list of [key, value]"));
  for (const Value& pair : pairs->items) {
    const auto* two = pair.get_if<tensor::Sequence>();
    if (!two || two->items.size() != 2)
      return wrong_type(call.args[1], call.wanted("a list of [key, value]"));
    if (equal(call.args[0].value, two->items[0])) return two->items[1];
  }
  return call.args.size() > 2 ? call.args[2].value : Value();
}

Result<Value> repeat(const Call& call) {
  RECAST_ASSIGN(const std::string text, text_argument(call, 0));
  std::size_t room = kMaxText;
  const auto repeated = [&](const Value& count) -> Result<Value> {
    const auto* times = count.get_if<std::int64_t>();
    if (!times || *times < 0)
      return wrong_type(call.args[1], call.wanted("a count of 0 or more, or a list of such"));
    if (!text.empty() && static_cast<std::uint64_t>(*times) > room / text.size())
      return too_large(call);
    std::string out;
    if (!text.empty()) {
      for (std::int64_t i = 0; i < *times; ++i)
        out += text;
    }
    room -= out.size();
    return Value(std::move(out));
  };
  const auto* counts = call.args[1].value.get_if<tensor::Sequence>();
  if (!counts) return repeated(call.args[1].value);
  tensor::Sequence out;
  for (const Value& count : counts->items) {
    RECAST_ASSIGN(Value one, repeated(count));
    out.items.push_back(std::move(one));
  }
  return Value(std::move(out));
}

Result<Value> join(const Call& call) {
  RECAST_ASSIGN(const tensor::Sequence* list, list_argument(call, 0));
  RECAST_ASSIGN(const std::string separator, text_argument(call, 1));
  std::string out;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    if (i > 0) out += separator;
    out += as_text(list->items[i]);
  }
  return Value(std::move(out));
}

Result<Value> has_affix(const Call& call, bool at_start) {
  RECAST_ASSIGN(const std::string text, text_argument(call, 0));
  RECAST_ASSIGN(const std::string affix, text_argument(call, 1));
  return Value(at_start ? text.starts_with(affix) : text.ends_with(affix));
}

/// Whether some item's truth is `wanted`.
Result<bool> some_item_is(const Call& call, bool wanted) {
  RECAST_ASSIGN(const tensor::Sequence* list, list_argument(call, 0));
  for (const Value& item : list->items) {
    if (is_true(item) == wanted) return true;
  }
  return false;
}

Result<Value> is_whole(const Call& call) {
  const Value& value = call.args[0].value;
  if (value.get_if<std::int64_t>()) return Value(true);
  if (const auto* number = value.get_if<double>())
    return Value(std::isfinite(*number) && *number == std::floor(*number));
  return wrong_type(call.args[0], call.wanted("a number"));
}

}  // namespace

Result<Value> apply_builtin(Builtin callee, std::span<const Operand> args, const Site& whole) {
  const Call call{args, whole, builtin_row(callee).name};
  switch (callee) {
    case Builtin::RoundUp:
      return round_up(call);
    case Builtin::Min:
      return extreme(call, -1);
    case Builtin::Max:
      return extreme(call, 1);
    case Builtin::Sum:
      return sum(call);
    case Builtin::Len:
      return len(call);
    case Builtin::Integer:
      return integer(call);
    case Builtin::Number:
      return number(call);
    case Builtin::Text:
      return Value(as_text(args[0].value));
    case Builtin::Symbol:
      return symbol(call);
    case Builtin::Lookup:
      return lookup(call);
    case Builtin::Repeat:
      return repeat(call);
    case Builtin::Join:
      return join(call);
    case Builtin::StartsWith:
      return has_affix(call, true);
    case Builtin::EndsWith:
      return has_affix(call, false);
    case Builtin::All: {
      RECAST_ASSIGN(const bool some_false, some_item_is(call, false));
      return Value(!some_false);
    }
    case Builtin::Any: {
      RECAST_ASSIGN(const bool some_true, some_item_is(call, true));
      return Value(some_true);
    }
    case Builtin::IsWhole:
      return is_whole(call);
    case Builtin::First:
      break;
  }
  internal_error(__FILE__, __LINE__, "'first' does not take evaluated arguments");
}

}  // namespace recast::lang
