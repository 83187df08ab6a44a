#pragma once
// What the parser's actions build with: three small stack machines that turn the tokens of a text,
// in order, into flat trees. They know the trees and nothing of the grammar; offsets are bytes of
// the text. Private to engine/lang.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lang/layout_expr.hpp"
#include "engine/lang/name_template.hpp"
#include "engine/lang/parser.hpp"
#include "engine/lang/scalar.hpp"

namespace recast::lang {

/// Thrown by builders, caught by parse_*: what the grammar allows and the language does not.
struct Refusal {
  Diagnostic diagnostic;
};

/// How deep brackets, `not`, `-` and `if` may nest; the parser recurses with them.
inline constexpr int kMaxNesting = 64;
/// How high a tree may grow (`a + b + c + …` grows with each term); what walks trees recurses with
/// their height.
inline constexpr std::uint32_t kMaxHeight = 512;

class Nesting {
 public:
  /// Throws Refusal (expr.too-deep) beyond kMaxNesting.
  void enter(const SourceSpan& at);
  void leave() { --depth_; }

 private:
  int depth_ = 0;
};

class LayoutBuilder {
 public:
  explicit LayoutBuilder(SourceSpan text);

  void see_word(std::size_t begin, std::size_t end);  // a label if a colon follows; harmless if not
  void see_question() { candidate_optional_ = true; }
  void take_label();
  void add_axis(std::size_t begin, std::size_t end);
  void add_unit(std::size_t begin, std::size_t end);
  void open_group(std::size_t begin);
  void close_group(std::size_t end);
  void open_sum(std::size_t begin);
  void next_part();
  void close_sum(std::size_t end);
  LayoutExpr finish();

 private:
  struct Frame {
    std::size_t begin = 0;
    bool is_sum = false;
    std::vector<LayoutId> items;  // of the group, the current part or the whole
    LayoutPart part;              // the current part of a sum, or the label of the whole
    std::vector<LayoutPart> parts;
  };
  void add(LayoutNode node);

  SourceSpan text_;
  LayoutExpr expr_;
  std::vector<Frame> frames_;
  Nesting nesting_;
  SourceSpan candidate_;
  bool candidate_optional_ = false;
};

class ScalarBuilder {
 public:
  explicit ScalarBuilder(SourceSpan text);

  void add_number(std::size_t begin, std::size_t end);
  void add_string(std::size_t begin, std::size_t end);  // with its quotes
  void add_constant(tensor::Value value, std::size_t begin, std::size_t end);
  void add_name(std::size_t begin, std::size_t end);
  void open(std::size_t begin);       // whatever nests: '(', '[', '-', 'not', 'if'
  void open_call(std::size_t begin);  // '(' behind a name, which was added as one
  void close_parenthesis(std::size_t end);
  void close_list(std::size_t end);
  void close_call(std::size_t end);
  void close_index(std::size_t end);
  void push_binary(BinaryOp op) { operators_.push_back(op); }
  void finish_binary();
  void finish_unary(UnaryOp op);
  void finish_if();
  /// The expression so far; the builder is empty again.
  ScalarExpr finish();

 private:
  struct Operand {
    ScalarId id = 0;
    std::size_t begin = 0, end = 0;  // parentheses included, unlike the node's span
  };
  struct Mark {
    std::size_t begin = 0;
    std::size_t operands = 0;
    Builtin callee = Builtin::First;
    std::size_t name_begin = 0;
  };
  void push(decltype(ScalarNode::node) node, std::size_t begin, std::size_t end,
            std::uint32_t height);
  Operand pop();
  Mark close();
  std::vector<ScalarId> operands_since(const Mark& mark, std::uint32_t& height);

  SourceSpan text_;
  ScalarExpr expr_;
  std::vector<std::uint32_t> heights_;  // one per node
  std::vector<Operand> operands_;
  std::vector<BinaryOp> operators_;
  std::vector<Mark> marks_;
  Nesting nesting_;
};

class TemplateBuilder {
 public:
  TemplateBuilder(SourceSpan text, TemplateKind kind);

  void add_text(std::size_t begin, std::size_t end);
  void add_escape(std::size_t begin) { add_text(begin, begin + 1); }
  void add_star(bool deep, std::size_t begin, std::size_t end);
  void open_place(std::size_t begin) { place_begin_ = begin; }
  void set_width(std::size_t begin, std::size_t end);
  void close_place(ScalarExpr expr, std::size_t end);
  void open_option(std::size_t begin);
  void close_option(ScalarExpr condition);
  NameTemplate finish();

 private:
  SourceSpan text_;
  TemplateKind kind_;
  std::vector<std::vector<TemplateItem>> frames_;
  std::size_t place_begin_ = 0;
  int width_ = 0;
  Nesting nesting_;
};

}  // namespace recast::lang
