#include "tests/property/lang/random_trees.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/lang/builtin_table.hpp"

namespace recast::lang {
namespace {

constexpr int kDepth = 5;

// ---- layouts

std::string random_word(Random& random) {
  static constexpr std::string_view kFirst = "abcxyz";
  static constexpr std::string_view kOther = "abz09_";
  std::string out(1, random.pick(kFirst));
  for (std::size_t i = random.below(4); i > 0; --i)
    out += random.pick(kOther);
  return out;
}

class LayoutMaker {
 public:
  explicit LayoutMaker(Random& random) : random_(random) {}

  LayoutExpr make() {
    if (random_.one_in(2)) {
      expr_.label = label();
      expr_.optional = random_.one_in(3);
    }
    for (std::size_t i = random_.below(4); i > 0; --i)
      expr_.dims.push_back(item(kDepth));
    return std::move(expr_);
  }

 private:
  std::string label() {
    std::string out = random_word(random_);
    for (std::size_t i = random_.below(3); i > 0; --i)
      out += "." + random_word(random_);
    return out;
  }

  LayoutId add(LayoutNode node) {
    expr_.nodes.push_back(std::move(node));
    return static_cast<LayoutId>(expr_.nodes.size() - 1);
  }

  std::vector<LayoutId> items(int depth) {
    std::vector<LayoutId> out;
    for (std::size_t i = 1 + random_.below(3); i > 0; --i)
      out.push_back(item(depth));
    return out;
  }

  LayoutId item(int depth) {
    const std::size_t kind = random_.below(depth > 0 ? 6 : 4);
    if (kind == 0) return add({LayoutUnit{}, {}});
    if (kind < 4) return add({LayoutAxis{random_word(random_)}, {}});
    if (kind == 4) return add({LayoutGroup{items(depth - 1)}, {}});
    LayoutSum sum;
    for (std::size_t i = 1 + random_.below(3); i > 0; --i) {
      LayoutPart part;
      if (random_.one_in(2)) {
        part.label = label();
        part.optional = random_.one_in(3);
      }
      part.items = items(depth - 1);
      sum.parts.push_back(std::move(part));
    }
    return add({std::move(sum), {}});
  }

  Random& random_;
  LayoutExpr expr_;
};

// ---- scalars

class ScalarMaker {
 public:
  explicit ScalarMaker(Random& random) : random_(random) {}

  ScalarExpr make() {
    node(kDepth);
    return std::move(expr_);
  }

 private:
  template <class Node>
  ScalarId add(Node node) {
    expr_.nodes.push_back({std::move(node), {}});
    return static_cast<ScalarId>(expr_.nodes.size() - 1);
  }

  tensor::Value literal() {
    switch (random_.below(6)) {
      case 0:
        return {};
      case 1:
        return random_.one_in(2);
      case 2:
        return static_cast<std::int64_t>(random_.bits() >> (1 + random_.below(63)));
      case 3: {
        const double number = std::fabs(std::bit_cast<double>(random_.bits()));
        return std::isfinite(number) ? number : 0.5;
      }
      case 4:
        return static_cast<double>(random_.below(1000)) / 8;
      default: {
        std::string text;
        for (std::size_t i = random_.below(6); i > 0; --i)
          text += random_.one_in(3) ? '\'' : static_cast<char>(random_.below(256));
        return text;
      }
    }
  }

  std::string name() {
    static constexpr std::string_view kNames[] = {"a",  "b_1",   "tp.size", "rope.in.not", "_x",
                                                  "If", "order", "min",     "nulls"};
    return std::string(random_.pick(kNames));
  }

  std::vector<ScalarId> some(std::size_t count, int depth) {
    std::vector<ScalarId> out;
    for (; count > 0; --count)
      out.push_back(node(depth));
    return out;
  }

  ScalarId node(int depth) {
    switch (random_.below(depth > 0 ? 12 : 3)) {
      case 0:
      case 1:
        return add(ScalarLiteral{literal()});
      case 2:
        return add(ScalarName{name()});
      case 3:
        return add(ScalarList{some(random_.below(4), depth - 1)});
      case 4:
      case 5:
        return add(
            ScalarUnary{random_.one_in(2) ? UnaryOp::Not : UnaryOp::Negate, node(depth - 1)});
      case 6: {
        const ScalarId condition = node(depth - 1), then = node(depth - 1);
        return add(ScalarIf{condition, then, node(depth - 1)});
      }
      case 7: {
        const BuiltinRow& row = random_.pick(builtin_table());
        const int most = row.max_args < 0 ? row.min_args + 2 : row.max_args;
        const std::size_t spare = static_cast<std::size_t>(most - row.min_args) + 1;
        const std::size_t count = static_cast<std::size_t>(row.min_args) + random_.below(spare);
        return add(ScalarCall{row.builtin, some(count, depth - 1)});
      }
      case 8: {
        const ScalarId list = node(depth - 1);
        return add(ScalarIndex{list, node(depth - 1)});
      }
      default: {
        constexpr auto kOperators = static_cast<std::size_t>(BinaryOp::Modulo) + 1;
        const auto op = static_cast<BinaryOp>(random_.below(kOperators));
        const ScalarId lhs = node(depth - 1);
        return add(ScalarBinary{op, lhs, node(depth - 1)});
      }
    }
  }

  Random& random_;
  ScalarExpr expr_;
};

// ---- names

class TemplateMaker {
 public:
  TemplateMaker(Random& random, TemplateKind kind) : random_(random), kind_(kind) {}

  std::vector<TemplateItem> items(int depth, bool in_option) {
    std::vector<TemplateItem> out;
    bool after_text = false, after_star = false;
    const std::size_t fewest = in_option ? 1 : 0;
    for (std::size_t i = fewest + random_.below(5); i > 0; --i) {
      const bool first = out.empty();
      const std::size_t kind = random_.below(4);
      const bool star = kind == 2 && kind_ == TemplateKind::Ignore && !after_star;
      const bool option =
          kind == 3 && kind_ != TemplateKind::Ignore && depth > 0 && !(in_option && first);
      if (kind == 0 && !after_text) {
        out.emplace_back(TemplateText{text(in_option, first)});
      } else if (star) {
        out.emplace_back(TemplateStar{random_.one_in(2)});
      } else if (option) {
        TemplateOption made{items(depth - 1, true), random_scalar(random_)};
        out.emplace_back(std::move(made));
      } else {
        out.emplace_back(
            TemplatePlace{random_scalar(random_),
                          random_.one_in(2) ? 0 : 1 + static_cast<int>(random_.below(32)),
                          {}});
      }
      after_text = std::holds_alternative<TemplateText>(out.back());
      after_star = std::holds_alternative<TemplateStar>(out.back());
    }
    return out;
  }

 private:
  std::string text(bool in_option, bool first) {
    static constexpr std::string_view kBytes = "ab./_-0 \n{}[]if\xC3\xB6\x01\xFF";
    std::string out;
    for (std::size_t i = 1 + random_.below(8); i > 0; --i)
      out += random_.pick(kBytes);
    if (in_option && (out.find(" if") != std::string::npos || (first && out[0] == '['))) return "x";
    return out;
  }

  Random& random_;
  TemplateKind kind_;
};

}  // namespace

LayoutExpr random_layout(Random& random) {
  return LayoutMaker(random).make();
}

ScalarExpr random_scalar(Random& random) {
  return ScalarMaker(random).make();
}

NameTemplate random_template(Random& random, TemplateKind kind) {
  return {TemplateMaker(random, kind).items(3, false), {}};
}

}  // namespace recast::lang
