#pragma once
// The productions of the rule language, and nothing else: what they mean is in builder.cpp, what to
// say when they fail in expectations.hpp. LANGUAGE.md uses the same names.
//
// Two conventions keep the actions safe. A token is a rule of its own and eats no blanks; whatever
// contains it eats those behind it. And a production is committed (`must`) right after its
// distinctive token, so that no action ever runs in a branch that is given up later. The one
// exception is a layout's label, whose word may turn out to be an axis: its action only remembers
// the word.

#include <tao/pegtl.hpp>

namespace recast::lang::grammar {

// clang-format off
namespace pegtl = tao::pegtl;
using pegtl::at;       using pegtl::digit;   using pegtl::identifier;  using pegtl::identifier_other;
using pegtl::keyword;  using pegtl::list;    using pegtl::lower;       using pegtl::must;
using pegtl::not_at;   using pegtl::not_one; using pegtl::one;         using pegtl::opt;
using pegtl::plus;     using pegtl::seq;     using pegtl::sor;         using pegtl::star;
using pegtl::string;   using pegtl::two;     using pegtl::upper;

struct blank : one<' ', '\t', '\n', '\r'> {};
struct ws    : star<blank> {};
struct comma : one<','> {};

namespace layout {

struct items;

struct word        : seq<lower, star<sor<lower, digit, one<'_'>>>> {};
struct label_name  : list<word, one<'.'>> {};
struct question    : one<'?'> {};
struct colon       : one<':'> {};
struct label       : seq<label_name, ws, sor<seq<question, ws, must<colon>>, colon>, ws> {};

struct axis_name   : word {};
struct axis_end    : not_at<sor<upper, one<'.', '?'>>> {};
struct axis        : seq<axis_name, must<axis_end>, ws> {};

struct unit_sign   : one<'1'> {};
struct unit_end    : not_at<identifier_other> {};
struct unit        : seq<unit_sign, must<unit_end>, ws> {};

struct group_open  : one<'('> {};
struct group_close : one<')'> {};
struct group       : seq<group_open, ws, must<items>, must<group_close>, ws> {};

struct sum_open    : one<'['> {};
struct sum_close   : one<']'> {};
struct bar         : one<'|'> {};
struct part        : seq<opt<label>, must<items>> {};
struct sum         : seq<sum_open, ws, part, star<bar, ws, part>, must<sum_close>, ws> {};

struct item        : sor<axis, unit, group, sum> {};
struct items       : plus<item> {};
struct end         : pegtl::eof {};
struct layout      : seq<ws, opt<label>, star<item>, must<end>> {};

}  // namespace layout

namespace scalar {

struct expression;

struct if_sign       : keyword<'i', 'f'> {};
struct then_sign     : keyword<'t', 'h', 'e', 'n'> {};
struct else_sign     : keyword<'e', 'l', 's', 'e'> {};
struct or_sign       : keyword<'o', 'r'> {};
struct and_sign      : keyword<'a', 'n', 'd'> {};
struct not_sign      : keyword<'n', 'o', 't'> {};
struct in_sign       : keyword<'i', 'n'> {};
struct mod_sign      : keyword<'m', 'o', 'd'> {};
struct true_value    : keyword<'t', 'r', 'u', 'e'> {};
struct false_value   : keyword<'f', 'a', 'l', 's', 'e'> {};
struct null_value    : keyword<'n', 'u', 'l', 'l'> {};
struct reserved      : sor<if_sign, then_sign, else_sign, or_sign, and_sign, not_sign, in_sign, mod_sign, true_value,
                           false_value, null_value> {};

struct number_text   : seq<plus<digit>, opt<one<'.'>, plus<digit>>,
                           opt<one<'e', 'E'>, opt<one<'+', '-'>>, plus<digit>>> {};
struct number_end    : not_at<sor<identifier_other, one<'.'>>> {};
struct number        : seq<number_text, must<number_end>, ws> {};

struct quote         : one<'\''> {};
struct quote_close   : one<'\''> {};
struct quoted_text   : seq<quote, star<sor<two<'\''>, not_one<'\''>>>, must<quote_close>> {};
struct text          : seq<quoted_text, ws> {};

struct constant      : seq<sor<true_value, false_value, null_value>, ws> {};

struct argument      : seq<expression> {};
struct arguments     : seq<argument, star<comma, ws, must<argument>>> {};

struct list_open     : one<'['> {};
struct list_close    : one<']'> {};
struct list_literal  : seq<list_open, ws, opt<arguments>, must<list_close>, ws> {};

struct paren_open    : one<'('> {};
struct paren_close   : one<')'> {};
struct parenthesised : seq<paren_open, ws, must<expression>, must<paren_close>, ws> {};

struct name          : seq<not_at<reserved>, list<identifier, one<'.'>>> {};
struct call_open     : one<'('> {};
struct call_close    : one<')'> {};
struct call          : seq<call_open, ws, opt<arguments>, must<call_close>, ws> {};
struct reference     : seq<name, ws, opt<call>> {};

struct primary       : sor<number, text, constant, list_literal, parenthesised, reference> {};

struct index_open    : one<'['> {};
struct index_close   : one<']'> {};
struct index         : seq<index_open, ws, must<expression>, must<index_close>, ws> {};
struct postfix       : seq<primary, star<index>> {};

struct unary;
struct negate_sign   : one<'-'> {};
struct negative      : seq<negate_sign, ws, must<unary>> {};
struct unary         : sor<negative, postfix> {};

struct times_sign    : one<'*'> {};
struct divide_sign   : one<'/'> {};
struct product_rest  : seq<sor<times_sign, divide_sign, mod_sign>, ws, must<unary>> {};
struct product       : seq<unary, star<product_rest>> {};

struct plus_sign     : one<'+'> {};
struct minus_sign    : one<'-'> {};
struct sum_rest      : seq<sor<plus_sign, minus_sign>, ws, must<product>> {};
struct sum           : seq<product, star<sum_rest>> {};

struct equals        : string<'=', '='> {};
struct equal         : seq<at<one<'='>>, must<equals>> {};
struct not_equal     : string<'!', '='> {};
struct less_equal    : string<'<', '='> {};
struct greater_equal : string<'>', '='> {};
struct less          : one<'<'> {};
struct greater       : one<'>'> {};
struct comparator    : sor<equal, not_equal, less_equal, greater_equal, less, greater, in_sign> {};
struct comparator_2  : sor<one<'='>, not_equal, less, greater, in_sign> {};
struct no_chain      : not_at<comparator_2> {};
struct compare_rest  : seq<comparator, ws, must<sum>> {};
struct comparison    : seq<sum, opt<compare_rest, must<no_chain>>> {};

struct negation;
struct negated       : seq<not_sign, ws, must<negation>> {};
struct negation      : sor<negated, comparison> {};

struct and_rest      : seq<and_sign, ws, must<negation>> {};
struct conjunction   : seq<negation, star<and_rest>> {};
struct or_rest       : seq<or_sign, ws, must<conjunction>> {};
struct disjunction   : seq<conjunction, star<or_rest>> {};

struct conditional   : seq<if_sign, ws, must<expression>, must<then_sign>, ws, must<expression>, must<else_sign>, ws,
                           must<expression>> {};
struct expression    : sor<conditional, disjunction> {};
struct end           : pegtl::eof {};
struct scalar        : seq<ws, must<expression>, must<end>> {};

}  // namespace scalar

namespace name {

struct item;
struct option;

struct escape       : sor<two<'{'>, two<'}'>, two<'['>, two<']'>> {};
struct text_char    : not_one<'{', '}', '[', ']', '*'> {};
struct text         : plus<text_char> {};
struct deep_star    : two<'*'> {};
struct shallow_star : one<'*'> {};
struct any_star     : sor<deep_star, shallow_star> {};

struct place_open   : one<'{'> {};
struct place_close  : one<'}'> {};
struct width_digits : plus<digit> {};
struct width        : seq<one<':'>, ws, must<width_digits>, ws> {};
struct place        : seq<place_open, ws, must<scalar::expression>, opt<width>, must<place_close>> {};

struct option_open  : one<'['> {};
struct option_close : one<']'> {};
struct option_if    : seq<one<' '>, string<'i', 'f'>, at<blank>> {};
struct option_text  : plus<not_at<option_if>, text_char> {};
struct option_items : plus<sor<escape, place, option, any_star, option_text>> {};
struct option       : seq<option_open, must<option_items>, must<option_if>, ws, must<scalar::expression>,
                          must<option_close>> {};

struct item         : sor<escape, place, option, any_star, text> {};
struct end          : pegtl::eof {};
struct name         : seq<pegtl::star<item>, must<end>> {};

}  // namespace name
// clang-format on

}  // namespace recast::lang::grammar
