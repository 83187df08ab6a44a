#include <doctest/doctest.h>

#include "engine/lang/print.hpp"
#include "tests/property/lang/random_trees.hpp"
#include "tests/support/lang_text.hpp"
#include "tests/support/random.hpp"

namespace recast::lang {
namespace {

constexpr int kRounds = 2000;

/// Runs `claim` on many random numbers, each round from a seed that reproduces it alone.
template <class Claim>
void for_many(Claim claim) {
  const std::uint64_t first = random_seed();
  MESSAGE("RECAST_SEED=", first);
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(round);
    CAPTURE(seed);
    Random random(seed);
    claim(random);
  }
}

/// parse(print(x)) == x, and printing again changes nothing.
template <class Tree, class Parse>
void check_round_trip(const Tree& tree, Parse parse) {
  const std::string text = print(tree);
  CAPTURE(text);
  const auto back = parse(source(text));
  REQUIRE_MESSAGE(back.has_value(), outcome(back));
  CHECK(same(*back, tree));
  CHECK(print(*back) == text);
}

TEST_CASE("lang/print: every layout parses back from its text") {
  for_many([](Random& random) { check_round_trip(random_layout(random), parse_layout); });
}

TEST_CASE("lang/print: every scalar parses back from its text") {
  for_many([](Random& random) { check_round_trip(random_scalar(random), parse_scalar); });
}

TEST_CASE("lang/print: every template parses back from its text") {
  for_many([](Random& random) {
    for (const TemplateKind kind : {TemplateKind::Name, TemplateKind::File, TemplateKind::Ignore}) {
      check_round_trip(random_template(random, kind),
                       [kind](const SourceSpan& text) { return parse_template(text, kind); });
    }
  });
}

/// Tokens in any order: mostly nonsense, sometimes a program.
std::string token_soup(Random& random) {
  static constexpr std::string_view kTokens[] = {
      "a",    "b.c", "1",   "2.5", "'s'", "(",   ")",  "[",    "]",    "{",    "}",
      "|",    ":",   "?",   ",",   "+",   "-",   "*",  "/",    "mod",  "==",   "<",
      "<=",   "=",   "in",  "and", "or",  "not", "if", "then", "else", "null", "len(",
      "min(", "**",  ":02", " ",   "'",   "ö",   "\"", "!",    "\xFF", ".",
  };
  std::string out;
  for (std::size_t i = random.below(12); i > 0; --i) {
    out += random.pick(kTokens);
    if (!random.one_in(4)) out += ' ';
  }
  return out;
}

/// Either a tree that prints and parses back, or an error with a place inside the text and a hint.
template <class Parse>
void check_any_text(const std::string& text, Parse parse) {
  const SourceSpan span = source(text);
  const auto tree = parse(span);
  if (tree) return check_round_trip(*tree, parse);
  const Diagnostic& error = tree.error();
  CHECK(error.span.source == span.source);
  CHECK(error.span.begin <= error.span.end);
  CHECK(error.span.end <= text.size());
  CHECK(!error.message.empty());
  CHECK(!error.hint.empty());
}

TEST_CASE("lang/parse: any tokens give a tree or a diagnostic with a place and a hint") {
  for_many([](Random& random) {
    const std::string text = token_soup(random);
    CAPTURE(text);
    check_any_text(text, parse_layout);
    check_any_text(text, parse_scalar);
    for (const TemplateKind kind : {TemplateKind::Name, TemplateKind::Ignore}) {
      check_any_text(text, [kind](const SourceSpan& span) { return parse_template(span, kind); });
    }
  });
}

}  // namespace
}  // namespace recast::lang
