#include "engine/lang/builder.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/base/join.hpp"
#include "engine/base/spell.hpp"
#include "engine/lang/builtin_table.hpp"

namespace recast::lang {

void Nesting::enter(const SourceSpan& at) {
  if (++depth_ > kMaxNesting) {
    throw Refusal{make_diagnostic(Code::expr_too_deep,
                                  cat("the expression nests deeper than ", kMaxNesting, " levels"))
                      .at(at)
                      .suggest("split the expression; name its parts as sizes")};
  }
}

// ---- layouts

LayoutBuilder::LayoutBuilder(SourceSpan text) : text_(std::move(text)) {
  expr_.span = text_;
  frames_.emplace_back();
}

void LayoutBuilder::see_word(std::size_t begin, std::size_t end) {
  candidate_ = text_.sub(begin, end);
  candidate_optional_ = false;
}

void LayoutBuilder::take_label() {
  LayoutPart& part = frames_.back().part;
  part.label = candidate_.text();
  part.optional = candidate_optional_;
  part.label_span = candidate_;
}

void LayoutBuilder::add(LayoutNode node) {
  frames_.back().items.push_back(static_cast<LayoutId>(expr_.nodes.size()));
  expr_.nodes.push_back(std::move(node));
}

void LayoutBuilder::add_axis(std::size_t begin, std::size_t end) {
  SourceSpan span = text_.sub(begin, end);
  add({LayoutAxis{std::string(span.text())}, span});
}

void LayoutBuilder::add_unit(std::size_t begin, std::size_t end) {
  add({LayoutUnit{}, text_.sub(begin, end)});
}

void LayoutBuilder::open_group(std::size_t begin) {
  nesting_.enter(text_.sub(begin, begin + 1));
  frames_.push_back(Frame{begin, false, {}, {}, {}});
}

void LayoutBuilder::close_group(std::size_t end) {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  nesting_.leave();
  add({LayoutGroup{std::move(frame.items)}, text_.sub(frame.begin, end)});
}

void LayoutBuilder::open_sum(std::size_t begin) {
  nesting_.enter(text_.sub(begin, begin + 1));
  frames_.push_back(Frame{begin, true, {}, {}, {}});
}

void LayoutBuilder::next_part() {
  Frame& frame = frames_.back();
  frame.part.items = std::exchange(frame.items, {});
  frame.parts.push_back(std::exchange(frame.part, {}));
}

void LayoutBuilder::close_sum(std::size_t end) {
  next_part();
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  nesting_.leave();
  add({LayoutSum{std::move(frame.parts)}, text_.sub(frame.begin, end)});
}

LayoutExpr LayoutBuilder::finish() {
  Frame& frame = frames_.back();
  expr_.dims = std::move(frame.items);
  expr_.label = std::move(frame.part.label);
  expr_.optional = frame.part.optional;
  expr_.label_span = std::move(frame.part.label_span);
  return std::move(expr_);
}

// ---- scalars

ScalarBuilder::ScalarBuilder(SourceSpan text) : text_(std::move(text)) {}

void ScalarBuilder::push(decltype(ScalarNode::node) node, std::size_t begin, std::size_t end,
                         std::uint32_t height) {
  SourceSpan span = text_.sub(begin, end);
  if (height > kMaxHeight) {
    throw Refusal{make_diagnostic(Code::expr_too_deep, cat("the expression applies more than ",
                                                           kMaxHeight, " operators in a row"))
                      .at(span)
                      .suggest("use a list and a function such as sum(), any() or all()")};
  }
  operands_.push_back({static_cast<ScalarId>(expr_.nodes.size()), begin, end});
  expr_.nodes.push_back({std::move(node), std::move(span)});
  heights_.push_back(height);
}

ScalarBuilder::Operand ScalarBuilder::pop() {
  const Operand operand = operands_.back();
  operands_.pop_back();
  return operand;
}

ScalarBuilder::Mark ScalarBuilder::close() {
  const Mark mark = marks_.back();
  marks_.pop_back();
  nesting_.leave();
  return mark;
}

std::vector<ScalarId> ScalarBuilder::operands_since(const Mark& mark, std::uint32_t& height) {
  std::vector<ScalarId> ids;
  for (std::size_t i = mark.operands; i < operands_.size(); ++i) {
    ids.push_back(operands_[i].id);
    height = std::max(height, heights_[operands_[i].id] + 1);
  }
  operands_.resize(mark.operands);
  return ids;
}

void ScalarBuilder::add_number(std::size_t begin, std::size_t end) {
  const SourceSpan span = text_.sub(begin, end);
  const std::string_view digits = span.text();
  const bool is_integer = digits.find_first_of(".eE") == std::string_view::npos;
  std::int64_t integer = 0;
  double number = 0;
  const auto outcome = is_integer
                           ? std::from_chars(digits.data(), digits.data() + digits.size(), integer)
                           : std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (outcome.ec != std::errc{}) {
    throw Refusal{
        make_diagnostic(Code::expr_overflow,
                        cat("the number ", digits, " does not fit, expected ",
                            is_integer ? "at most 64 bits" : "the range of a 64-bit float"))
            .at(span)
            .suggest("write a number that fits; 1e20 is a float")};
  }
  push(ScalarLiteral{is_integer ? tensor::Value(integer) : tensor::Value(number)}, begin, end, 1);
}

void ScalarBuilder::add_string(std::size_t begin, std::size_t end) {
  const SourceSpan inner = text_.sub(begin + 1, end - 1);
  std::string out;
  const std::string_view raw = inner.text();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    out += raw[i];
    if (raw[i] == '\'') ++i;  // the grammar lets quotes in only as pairs
  }
  push(ScalarLiteral{tensor::Value(std::move(out))}, begin, end, 1);
}

void ScalarBuilder::add_constant(tensor::Value value, std::size_t begin, std::size_t end) {
  push(ScalarLiteral{std::move(value)}, begin, end, 1);
}

void ScalarBuilder::add_name(std::size_t begin, std::size_t end) {
  push(ScalarName{std::string(text_.sub(begin, end).text())}, begin, end, 1);
}

void ScalarBuilder::open(std::size_t begin) {
  nesting_.enter(text_.sub(begin, begin + 1));
  Mark mark;
  mark.begin = begin;
  mark.operands = operands_.size();
  marks_.push_back(mark);
}

void ScalarBuilder::open_call(std::size_t begin) {
  // The name was taken for a size: it is the last node, and nothing refers to it yet.
  const SourceSpan span = expr_.nodes.back().span;
  const std::string name(span.text());
  const Operand operand = pop();
  expr_.nodes.pop_back();
  heights_.pop_back();
  const std::optional<Builtin> callee = builtin_named(name);
  if (!callee) {
    auto diagnostic =
        make_diagnostic(Code::expr_unknown_function, cat("there is no function '", name, "'"))
            .at(span);
    const std::vector<std::string> known = builtin_names();
    if (const auto near = nearest(name, known)) {
      diagnostic.suggest(cat("did you mean '", *near, "'?"));
    } else {
      diagnostic.suggest(cat("use one of: ", joined(known)));
    }
    throw Refusal{std::move(diagnostic)};
  }
  open(begin);
  marks_.back().callee = *callee;
  marks_.back().name_begin = operand.begin;
}

void ScalarBuilder::close_parenthesis(std::size_t end) {
  const Mark mark = close();
  operands_.back().begin = mark.begin;
  operands_.back().end = end;
}

void ScalarBuilder::close_list(std::size_t end) {
  const Mark mark = close();
  std::uint32_t height = 1;
  ScalarList list{operands_since(mark, height)};
  push(std::move(list), mark.begin, end, height);
}

void ScalarBuilder::close_call(std::size_t end) {
  const Mark mark = close();
  std::uint32_t height = 1;
  ScalarCall call{mark.callee, operands_since(mark, height)};
  const BuiltinRow& row = builtin_row(mark.callee);
  const int count = static_cast<int>(call.args.size());
  if (count < row.min_args || (row.max_args >= 0 && count > row.max_args)) {
    const std::string wanted = row.max_args == row.min_args ? cat(row.min_args)
                               : row.max_args < 0           ? cat("at least ", row.min_args)
                                                  : cat(row.min_args, " to ", row.max_args);
    throw Refusal{make_diagnostic(Code::expr_arguments, cat("'", row.name, "' has ", count,
                                                            count == 1 ? " argument" : " arguments",
                                                            ", expected ", wanted))
                      .at(text_.sub(mark.name_begin, end))
                      .suggest(cat("write ", row.signature))};
  }
  push(std::move(call), mark.name_begin, end, height);
}

void ScalarBuilder::close_index(std::size_t end) {
  close();
  const Operand index = pop();
  const Operand list = pop();
  push(ScalarIndex{list.id, index.id}, list.begin, end,
       std::max(heights_[list.id], heights_[index.id]) + 1);
}

void ScalarBuilder::finish_binary() {
  const BinaryOp op = operators_.back();
  operators_.pop_back();
  const Operand rhs = pop();
  const Operand lhs = pop();
  push(ScalarBinary{op, lhs.id, rhs.id}, lhs.begin, rhs.end,
       std::max(heights_[lhs.id], heights_[rhs.id]) + 1);
}

void ScalarBuilder::finish_unary(UnaryOp op) {
  const Mark mark = close();
  const Operand operand = pop();
  push(ScalarUnary{op, operand.id}, mark.begin, operand.end, heights_[operand.id] + 1);
}

void ScalarBuilder::finish_if() {
  const Mark mark = close();
  const Operand otherwise = pop();
  const Operand then = pop();
  const Operand condition = pop();
  push(ScalarIf{condition.id, then.id, otherwise.id}, mark.begin, otherwise.end,
       std::max({heights_[condition.id], heights_[then.id], heights_[otherwise.id]}) + 1);
}

ScalarExpr ScalarBuilder::finish() {
  const Operand root = pop();
  expr_.span = text_.sub(root.begin, root.end);
  heights_.clear();
  return std::exchange(expr_, {});
}

// ---- names

TemplateBuilder::TemplateBuilder(SourceSpan text, TemplateKind kind)
    : text_(std::move(text)), kind_(kind) {
  frames_.emplace_back();
}

void TemplateBuilder::add_text(std::size_t begin, std::size_t end) {
  const SourceSpan span = text_.sub(begin, end);
  const std::string_view text = span.text();
  std::vector<TemplateItem>& items = frames_.back();
  if (!items.empty()) {
    if (auto* last = std::get_if<TemplateText>(&items.back())) {
      last->text += text;
      return;
    }
  }
  items.emplace_back(TemplateText{std::string(text)});
}

void TemplateBuilder::add_star(bool deep, std::size_t begin, std::size_t end) {
  if (kind_ != TemplateKind::Ignore) {
    throw Refusal{
        make_diagnostic(Code::expr_syntax, cat("expected a name, found '", deep ? "**" : "*", "'"))
            .at(text_.sub(begin, end))
            .suggest("patterns stand under 'ignore' only; name the places: '{layer}'")};
  }
  frames_.back().emplace_back(TemplateStar{deep});
}

void TemplateBuilder::set_width(std::size_t begin, std::size_t end) {
  constexpr int kMaxWidth = 32;  // more digits than any integer has
  const SourceSpan span = text_.sub(begin, end);
  const std::string_view digits = span.text();
  const auto outcome = std::from_chars(digits.data(), digits.data() + digits.size(), width_);
  if (outcome.ec != std::errc{} || width_ < 1 || width_ > kMaxWidth) {
    throw Refusal{make_diagnostic(Code::expr_syntax, cat("expected a width of 1 to ", kMaxWidth,
                                                         " digits, found '", digits, "'"))
                      .at(span)
                      .suggest("write '{name:02}' for at least two digits")};
  }
}

void TemplateBuilder::close_place(ScalarExpr expr, std::size_t end) {
  frames_.back().emplace_back(
      TemplatePlace{std::move(expr), std::exchange(width_, 0), text_.sub(place_begin_, end)});
}

void TemplateBuilder::open_option(std::size_t begin) {
  const SourceSpan span = text_.sub(begin, begin + 1);
  if (kind_ == TemplateKind::Ignore) {
    throw Refusal{
        make_diagnostic(Code::expr_syntax, "expected a pattern without options, found '['")
            .at(span)
            .suggest("write two patterns, or '[[' for the character '['")};
  }
  nesting_.enter(span);
  frames_.emplace_back();
}

void TemplateBuilder::close_option(ScalarExpr condition) {
  TemplateOption option{std::move(frames_.back()), std::move(condition)};
  frames_.pop_back();
  nesting_.leave();
  frames_.back().emplace_back(std::move(option));
}

NameTemplate TemplateBuilder::finish() {
  return {std::move(frames_.back()), text_};
}

}  // namespace recast::lang
