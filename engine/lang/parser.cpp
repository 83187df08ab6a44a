#include "engine/lang/parser.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/lang/builder.hpp"
#include "engine/lang/expectations.hpp"
#include "engine/lang/grammar.hpp"

namespace recast::lang {
namespace {

namespace pegtl = tao::pegtl;

/// What actions see: one type for the three grammars, because names contain scalars.
struct Parse {
  Parse(const SourceSpan& span, TemplateKind kind)
      : text(span.text()),
        builders(LayoutBuilder(span), ScalarBuilder(span), TemplateBuilder(span, kind)) {}

  template <class Builder>
  Builder& get() {
    return std::get<Builder>(builders);
  }
  std::size_t offset(const char* at) const { return static_cast<std::size_t>(at - text.data()); }

  std::string_view text;
  std::tuple<LayoutBuilder, ScalarBuilder, TemplateBuilder> builders;
};

template <class Method>
struct builder_of;
template <class Builder, class... Args>
struct builder_of<void (Builder::*)(Args...)> {
  using Type = Builder;
};

// The kinds of action: a builder's method, told where its rule begins and ends, or one of them, or
// nothing.
template <auto Method>
using BuilderOf = typename builder_of<decltype(Method)>::Type;

template <auto Method>
struct over {
  template <class Input>
  static void apply(const Input& in, Parse& parse) {
    (parse.get<BuilderOf<Method>>().*Method)(parse.offset(in.begin()), parse.offset(in.end()));
  }
};
template <auto Method>
struct from {
  template <class Input>
  static void apply(const Input& in, Parse& parse) {
    (parse.get<BuilderOf<Method>>().*Method)(parse.offset(in.begin()));
  }
};
template <auto Method>
struct until {
  template <class Input>
  static void apply(const Input& in, Parse& parse) {
    (parse.get<BuilderOf<Method>>().*Method)(parse.offset(in.end()));
  }
};
template <auto Method>
struct then {
  static void apply0(Parse& parse) { (parse.get<BuilderOf<Method>>().*Method)(); }
};
template <auto Constant>
struct constant {
  template <class Input>
  static void apply(const Input& in, Parse& parse) {
    parse.get<ScalarBuilder>().add_constant(tensor::Value(Constant), parse.offset(in.begin()),
                                            parse.offset(in.end()));
  }
};
template <BinaryOp Op>
struct binary {
  static void apply0(Parse& parse) { parse.get<ScalarBuilder>().push_binary(Op); }
};
template <UnaryOp Op>
struct unary {
  static void apply0(Parse& parse) { parse.get<ScalarBuilder>().finish_unary(Op); }
};
template <bool Deep>
struct star {
  template <class Input>
  static void apply(const Input& in, Parse& parse) {
    parse.get<TemplateBuilder>().add_star(Deep, parse.offset(in.begin()), parse.offset(in.end()));
  }
};

template <class Rule>
struct action : pegtl::nothing<Rule> {};

// clang-format off
using Layout = LayoutBuilder;
template <> struct action<grammar::layout::label_name>  : over<&Layout::see_word> {};
template <> struct action<grammar::layout::question>    : then<&Layout::see_question> {};
template <> struct action<grammar::layout::label>       : then<&Layout::take_label> {};
template <> struct action<grammar::layout::axis_name>   : over<&Layout::add_axis> {};
template <> struct action<grammar::layout::unit_sign>   : over<&Layout::add_unit> {};
template <> struct action<grammar::layout::group_open>  : from<&Layout::open_group> {};
template <> struct action<grammar::layout::group_close> : until<&Layout::close_group> {};
template <> struct action<grammar::layout::sum_open>    : from<&Layout::open_sum> {};
template <> struct action<grammar::layout::bar>         : then<&Layout::next_part> {};
template <> struct action<grammar::layout::sum_close>   : until<&Layout::close_sum> {};

using Scalar = ScalarBuilder;
template <> struct action<grammar::scalar::number_text>   : over<&Scalar::add_number> {};
template <> struct action<grammar::scalar::quoted_text>   : over<&Scalar::add_string> {};
template <> struct action<grammar::scalar::true_value>    : constant<true> {};
template <> struct action<grammar::scalar::false_value>   : constant<false> {};
template <> struct action<grammar::scalar::null_value>    : constant<tensor::Null{}> {};
template <> struct action<grammar::scalar::name>          : over<&Scalar::add_name> {};
template <> struct action<grammar::scalar::list_open>     : from<&Scalar::open> {};
template <> struct action<grammar::scalar::list_close>    : until<&Scalar::close_list> {};
template <> struct action<grammar::scalar::paren_open>    : from<&Scalar::open> {};
template <> struct action<grammar::scalar::paren_close>   : until<&Scalar::close_parenthesis> {};
template <> struct action<grammar::scalar::call_open>     : from<&Scalar::open_call> {};
template <> struct action<grammar::scalar::call_close>    : until<&Scalar::close_call> {};
template <> struct action<grammar::scalar::index_open>    : from<&Scalar::open> {};
template <> struct action<grammar::scalar::index_close>   : until<&Scalar::close_index> {};
template <> struct action<grammar::scalar::negate_sign>   : from<&Scalar::open> {};
template <> struct action<grammar::scalar::negative>      : unary<UnaryOp::Negate> {};
template <> struct action<grammar::scalar::not_sign>      : from<&Scalar::open> {};
template <> struct action<grammar::scalar::negated>       : unary<UnaryOp::Not> {};
template <> struct action<grammar::scalar::if_sign>       : from<&Scalar::open> {};
template <> struct action<grammar::scalar::conditional>   : then<&Scalar::finish_if> {};
template <> struct action<grammar::scalar::or_sign>       : binary<BinaryOp::Or> {};
template <> struct action<grammar::scalar::and_sign>      : binary<BinaryOp::And> {};
template <> struct action<grammar::scalar::equal>         : binary<BinaryOp::Equal> {};
template <> struct action<grammar::scalar::not_equal>     : binary<BinaryOp::NotEqual> {};
template <> struct action<grammar::scalar::less>          : binary<BinaryOp::Less> {};
template <> struct action<grammar::scalar::less_equal>    : binary<BinaryOp::LessEqual> {};
template <> struct action<grammar::scalar::greater>       : binary<BinaryOp::Greater> {};
template <> struct action<grammar::scalar::greater_equal> : binary<BinaryOp::GreaterEqual> {};
template <> struct action<grammar::scalar::in_sign>       : binary<BinaryOp::In> {};
template <> struct action<grammar::scalar::plus_sign>     : binary<BinaryOp::Add> {};
template <> struct action<grammar::scalar::minus_sign>    : binary<BinaryOp::Subtract> {};
template <> struct action<grammar::scalar::times_sign>    : binary<BinaryOp::Multiply> {};
template <> struct action<grammar::scalar::divide_sign>   : binary<BinaryOp::Divide> {};
template <> struct action<grammar::scalar::mod_sign>      : binary<BinaryOp::Modulo> {};
template <> struct action<grammar::scalar::or_rest>       : then<&Scalar::finish_binary> {};
template <> struct action<grammar::scalar::and_rest>      : then<&Scalar::finish_binary> {};
template <> struct action<grammar::scalar::compare_rest>  : then<&Scalar::finish_binary> {};
template <> struct action<grammar::scalar::sum_rest>      : then<&Scalar::finish_binary> {};
template <> struct action<grammar::scalar::product_rest>  : then<&Scalar::finish_binary> {};

using Template = TemplateBuilder;
template <> struct action<grammar::name::text>         : over<&Template::add_text> {};
template <> struct action<grammar::name::option_text>  : over<&Template::add_text> {};
template <> struct action<grammar::name::escape>       : from<&Template::add_escape> {};
template <> struct action<grammar::name::deep_star>    : star<true> {};
template <> struct action<grammar::name::shallow_star> : star<false> {};
template <> struct action<grammar::name::place_open>   : from<&Template::open_place> {};
template <> struct action<grammar::name::width_digits> : over<&Template::set_width> {};
template <> struct action<grammar::name::option_open>  : from<&Template::open_option> {};
// clang-format on

template <>
struct action<grammar::name::place_close> {
  template <class Input>
  static void apply(const Input& in, Parse& parse) {
    parse.get<Template>().close_place(parse.get<Scalar>().finish(), parse.offset(in.end()));
  }
};
template <>
struct action<grammar::name::option_close> {
  static void apply0(Parse& parse) {
    parse.get<Template>().close_option(parse.get<Scalar>().finish());
  }
};

// ---- from PEGTL's exception to a diagnostic

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The token around byte `at`: a word, an operator, or one character with all its UTF-8 bytes.
std::pair<std::size_t, std::size_t> token_at(std::string_view text, std::size_t at) {
  std::size_t begin = at, end = std::min(at + 1, text.size());
  if (at == text.size()) return {at, at};
  if (is_word(text[at])) {
    while (begin > 0 && is_word(text[begin - 1]))
      --begin;
    while (end < text.size() && is_word(text[end]))
      ++end;
  } else if (end < text.size() && text[end] == '=' &&
             std::string_view("=!<>").find(text[at]) != std::string_view::npos) {
    ++end;
  } else {
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
      ++end;
  }
  return {begin, end};
}

/// "after '+'", "at the beginning": where something was expected.
std::string place_before(std::string_view text, std::size_t at) {
  while (at > 0 && is_blank(text[at - 1]))
    --at;
  if (at == 0) return "at the beginning";
  std::size_t begin = at - 1;
  if (is_word(text[begin])) {
    while (begin > 0 && is_word(text[begin - 1]))
      --begin;
  } else if (text[begin] == '=' && begin > 0 &&
             std::string_view("=!<>").find(text[begin - 1]) != std::string_view::npos) {
    --begin;
  }
  return cat("after '", text.substr(begin, at - begin), "'");
}

/// A token that people write who come from another language, and what it is here.
struct Slip {
  std::string_view found, hint;
};
constexpr Slip kScalarSlips[] = {
    {"\"", "strings stand in single quotes: 'text'"},
    {"&", "write 'and'"},
    {"|", "write 'or'"},
    {"!", "write 'not'"},
    {"%", "write 'mod'"},
    {"?", "write 'if condition then value else value'"},
    {"if", "put 'if … then … else …' in parentheses here"},
    {"not", "put 'not …' in parentheses here"},
};
constexpr Slip kLayoutSlips[] = {
    {",", "separate dimensions by blanks"},
    {";", "separate the parts of a sum by '|'"},
    {"*", "write '(a b)' to flatten two axes into one dimension"},
    {"{", "axes stand bare here; '{ }' is for names"},
};

Diagnostic syntax_error(const SourceSpan& span, const pegtl::parse_error& error,
                        std::span<const Slip> slips) {
  const std::string_view text = span.text();
  const std::size_t at = std::min<std::size_t>(error.positions().front().byte, text.size());
  const auto [begin, end] = token_at(text, at);
  const std::string_view found = text.substr(begin, end - begin);

  const std::string_view both = error.message();
  const std::size_t split = both.find('\n');
  std::string message(both.substr(0, split));
  if (const std::size_t mark = message.find('%'); mark != std::string::npos) {
    message.replace(mark, 1, place_before(text, begin));
  }
  message += found.empty() ? std::string(", found the end") : cat(", found '", found, "'");
  std::string_view hint = both.substr(split + 1);
  for (const Slip& slip : slips) {
    if (slip.found == found) hint = slip.hint;
  }
  return make_diagnostic(Code::expr_syntax, std::move(message))
      .at(span.sub(begin, end))
      .suggest(std::string(hint));
}

template <class Grammar, class Finish>
auto parse_with(const SourceSpan& span, TemplateKind kind, std::span<const Slip> slips,
                Finish finish) -> Result<decltype(finish(std::declval<Parse&>()))> {
  Parse parse(span, kind);
  pegtl::memory_input<pegtl::tracking_mode::lazy> in(parse.text.data(), parse.text.size(), "");
  try {
    const bool matched = pegtl::parse<Grammar, action, control>(in, parse);
    RECAST_CHECK(matched, "a grammar failed without saying what it expected");
  } catch (const pegtl::parse_error& error) {
    return syntax_error(span, error, slips);
  } catch (Refusal& refusal) {
    return std::move(refusal.diagnostic);
  }
  return finish(parse);
}

}  // namespace

Result<LayoutExpr> parse_layout(const SourceSpan& text) {
  return parse_with<grammar::layout::layout>(text, TemplateKind::Name, kLayoutSlips,
                                             [](Parse& p) { return p.get<Layout>().finish(); });
}

Result<ScalarExpr> parse_scalar(const SourceSpan& text) {
  return parse_with<grammar::scalar::scalar>(text, TemplateKind::Name, kScalarSlips,
                                             [](Parse& p) { return p.get<Scalar>().finish(); });
}

Result<NameTemplate> parse_template(const SourceSpan& text, TemplateKind kind) {
  return parse_with<grammar::name::name>(text, kind, {},
                                         [](Parse& p) { return p.get<Template>().finish(); });
}

}  // namespace recast::lang
