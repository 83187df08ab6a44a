#pragma once
// What to say when a production that had to match did not. A production under `must` without an
// entry here does not compile; one with an entry raises only under `must` (raise_on_failure), so
// trying alternatives stays silent.

#include "engine/lang/grammar.hpp"

namespace recast::lang {

// PEGTL's words, and in its style: `message` and `raise_on_failure` are what must_if looks for.
// NOLINTBEGIN(readability-identifier-naming)

/// Both are completed by the parser: it puts the token in front of the place for `%`, appends what
/// it found there, and splits message from hint at the line end. One string because PEGTL's
/// exception carries one.
template <class Rule>
inline constexpr const char* expected = nullptr;

// clang-format off
namespace expectation {
inline constexpr const char* kValue = "expected a value %\nwrite a number, a 'string', a name, a list or an expression in parentheses";
inline constexpr const char* kItems = "expected an axis, '1', '(' or '[' %\nname at least one axis, or write 1 for a unit dimension";
}  // namespace expectation

template <> inline constexpr auto expected<grammar::layout::items>       = expectation::kItems;
template <> inline constexpr auto expected<grammar::layout::end>         = "expected an axis, '1', '(', '[' or the end\nlabels stand in front of the whole or of a part of '[ ]'";
template <> inline constexpr auto expected<grammar::layout::colon>       = "expected ':' after the label\nwrite 'label?: axes'";
template <> inline constexpr auto expected<grammar::layout::axis_end>    = "expected ':' after a label, or an axis of lower-case letters, digits and '_'\nlabels may contain '.' and end in ':' or '?:', axes may not";
template <> inline constexpr auto expected<grammar::layout::unit_end>    = "expected the unit dimension '1'\na dimension is an axis or 1; extents stand under 'axes'";
template <> inline constexpr auto expected<grammar::layout::group_close> = "expected an axis or ')' to close the group\nclose '(' with ')'; labels stand in front of the whole or of a part of '[ ]'";
template <> inline constexpr auto expected<grammar::layout::sum_close>   = "expected an axis, '|' or ']' to close the sum\nclose '[' with ']'; a label stands first in its part";

template <> inline constexpr auto expected<grammar::scalar::end>           = "expected an operator or the end\njoin what follows with an operator, or remove it";
template <> inline constexpr auto expected<grammar::scalar::expression>    = expectation::kValue;
template <> inline constexpr auto expected<grammar::scalar::argument>      = expectation::kValue;
template <> inline constexpr auto expected<grammar::scalar::conjunction>   = expectation::kValue;
template <> inline constexpr auto expected<grammar::scalar::negation>      = expectation::kValue;
template <> inline constexpr auto expected<grammar::scalar::sum>           = expectation::kValue;
template <> inline constexpr auto expected<grammar::scalar::product>       = expectation::kValue;
template <> inline constexpr auto expected<grammar::scalar::unary>         = expectation::kValue;
template <> inline constexpr auto expected<grammar::scalar::number_end>    = "expected the number to end\nseparate it from what follows; names begin with a letter or '_'";
template <> inline constexpr auto expected<grammar::scalar::quote_close>   = "expected ' to close the string\nclose the string; write '' for a quote inside it";
template <> inline constexpr auto expected<grammar::scalar::list_close>    = "expected ',' or ']' to close the list\nclose '[' with ']'";
template <> inline constexpr auto expected<grammar::scalar::paren_close>   = "expected an operator or ')'\nclose '(' with ')'";
template <> inline constexpr auto expected<grammar::scalar::call_close>    = "expected ',' or ')' to close the argument list\nclose '(' with ')'";
template <> inline constexpr auto expected<grammar::scalar::index_close>   = "expected ']' to close the index\nclose '[' with ']'";
template <> inline constexpr auto expected<grammar::scalar::equals>        = "expected '==' to compare\nwrite '==' for equality; nothing is assigned here";
template <> inline constexpr auto expected<grammar::scalar::no_chain>      = "expected no second comparison\ncomparisons do not chain: join two with 'and', or use parentheses";
template <> inline constexpr auto expected<grammar::scalar::then_sign>     = "expected 'then' after the condition\nwrite 'if condition then value else value'";
template <> inline constexpr auto expected<grammar::scalar::else_sign>     = "expected 'else' and the other value\nwrite 'if condition then value else value'";

template <> inline constexpr auto expected<grammar::name::end>          = "expected text, a place '{…}' or the end\nwrite '}}' for the character '}' and ']]' for ']'";
template <> inline constexpr auto expected<grammar::name::place_close>  = "expected ':' and a width, or '}' to close the place\nclose '{' with '}'; write '{{' for the character '{'";
template <> inline constexpr auto expected<grammar::name::width_digits> = "expected a width after ':'\nwrite '{name:02}' for at least two digits";
template <> inline constexpr auto expected<grammar::name::option_items> = "expected text or a place after '['\nwrite '[text if condition]'; write '[[' for the character '['";
template <> inline constexpr auto expected<grammar::name::option_if>    = "expected ' if ' and a condition\nwrite '[text if condition]'; write '[[' for the character '['";
template <> inline constexpr auto expected<grammar::name::option_close> = "expected an operator or ']' to close the option\nclose '[' with ']'";
// clang-format on

struct Expectations {
  template <class Rule>
  static constexpr const char* message = expected<Rule>;
  template <class Rule>
  static constexpr bool raise_on_failure = false;
};

/// PEGTL's control: as usual, but `must` raises with the text from above.
template <class Rule>
using control = tao::pegtl::must_if<Expectations>::control<Rule>;

// NOLINTEND(readability-identifier-naming)

}  // namespace recast::lang
