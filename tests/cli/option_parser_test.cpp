#include "cli/option_parser.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/base/render.hpp"

namespace recast::cli {
namespace {

/// A parser with one of each, and what it filled.
struct Sample {
  std::string source;
  std::vector<std::string> rest, sets;
  std::optional<std::int64_t> tp;
  std::optional<std::string> to;
  bool quiet = false, first = false;
  OptionParser parser{"sample", "A sample."};

  Sample() {
    parser.argument("SOURCE", "what is read", source);
    parser.arguments("REST", "more", rest);
    parser.title("Target");
    parser.required_option("--to", "NAME", "where to", take_text(to));
    parser.option("--tp", "N", "how many", take_whole(tp, 1, 8));
    parser.repeated_option("--set", "SIZE=VALUE", "sizes", take_texts(sets));
    parser.flag("--quiet", "say less", quiet);
    parser.flag("--first", "first", first);
    parser.exclusive("--tp", {"--first"});
  }

  /// What was found as one text, or the error as users see it.
  std::string outcome(const std::vector<std::string>& args) {
    const auto parsed = parser.parse(args);
    if (!parsed) return render_text(parsed.error());
    if (*parsed == Parsed::HelpWanted) return "help";
    std::string out = cat("source=", source, " to=", to.value_or("-"));
    if (tp) out += cat(" tp=", *tp);
    if (quiet) out += " quiet";
    for (const std::string& set : sets)
      out += cat(" set=", set);
    for (const std::string& more : rest)
      out += cat(" rest=", more);
    return out;
  }
};

TEST_CASE("cli/option_parser: arguments and options stand in any order") {
  struct Row {
    std::vector<std::string> args;
    const char* outcome;
  };
  const Row rows[] = {
      {{"a", "--to", "x"}, "source=a to=x"},
      {{"--to=x", "a", "--tp", "4"}, "source=a to=x tp=4"},
      {{"--set", "k=1", "a", "--set", "k=-2", "b", "--to", "x", "c"},
       "source=a to=x set=k=1 set=k=-2 rest=b rest=c"},
      {{"--quiet", "a", "--to", "x", "--quiet"}, "source=a to=x quiet"},
      {{"--to", "x", "--", "--tp", "--help"}, "source=--tp to=x rest=--help"},
      {{"--to", "x", "-"}, "source=- to=x"},
      {{"a", "--tp", "--help"}, "help"},
      {{"-h"}, "help"},
  };
  for (const Row& row : rows) {
    Sample sample;
    CAPTURE(row.args);
    CHECK(sample.outcome(row.args) == row.outcome);
  }
}

TEST_CASE("cli/option_parser: each slip has its message") {
  struct Row {
    std::vector<std::string> args;
    const char* message;
  };
  const std::string see = "\nhint: see 'recast sample --help'\n";
  const Row rows[] = {
      {{"a", "--to", "x", "--tpp", "4"},
       "error[usage.unknown-option]: 'sample' has no option '--tpp'\nhint: did you mean '--tp'?\n"},
      {{"a", "--to", "x", "--quite=3"},
       "error[usage.unknown-option]: 'sample' has no option '--quite'\nhint: did you mean "
       "'--quiet'?\n"},
      {{"a", "--to", "x", "-z"}, "error[usage.unknown-option]: 'sample' has no option '-z'"},
      {{"a"}, "error[usage.missing]: 'sample' needs the option '--to NAME'"},
      {{"--to", "x"}, "error[usage.missing]: 'sample' needs the argument 'SOURCE'"},
      {{"a", "--to"}, "error[usage.missing-value]: option '--to' needs a value"},
      {{"a", "--to="}, "error[usage.missing-value]: option '--to' needs a value"},
      {{"a", "--to", "--tp", "2"}, "error[usage.missing-value]: option '--to' needs a value"},
      {{"a", "--to", "x", "--to", "y"},
       "error[usage.repeated]: option '--to' stands 2 times, expected once"},
      {{"a", "--to", "x", "--quiet=1"}, "error[usage.bad-value]: option '--quiet' takes no value"},
      {{"a", "--to", "x", "--first", "--tp", "2"},
       "error[usage.conflict]: options '--tp' and '--first' exclude each other"},
      {{"a", "--to", "x", "--tp", "9"},
       "error[usage.bad-value]: option '--tp' is '9', expected a whole number from 1 to 8\n"},
  };
  for (const Row& row : rows) {
    Sample sample;
    CAPTURE(row.args);
    const std::string expected = row.message;
    CHECK(sample.outcome(row.args) == (expected.ends_with('\n') ? expected : expected + see));
  }
}

TEST_CASE("cli/option_parser: an argument too many is named") {
  OptionParser parser("one", "One.");
  std::string only;
  parser.argument("ONLY", "the only one", only);
  const std::vector<std::string> args{"a", "b"};
  const auto parsed = parser.parse(args);
  REQUIRE(!parsed);
  CHECK(render_text(parsed.error()) ==
        "error[usage.unexpected-argument]: 'b' is one argument too many for 'one'\n"
        "hint: see 'recast one --help'\n");
}

TEST_CASE("cli/option_parser: help lists arguments and options under their titles") {
  const Sample sample;
  CHECK(sample.parser.help() == R"(Usage: recast sample SOURCE [REST]… --to NAME [options]

  A sample.

  SOURCE                    what is read
  REST                      more

Target
  --to NAME                 where to
  --tp N                    how many
  --set SIZE=VALUE          sizes
  --quiet                   say less
  --first                   first
)");
}

TEST_CASE("cli/option_parser: help breaks long lines at words") {
  OptionParser parser("x", "X.");
  bool flag = false;
  parser.title("T");
  parser.flag("--a-name-that-is-longer-than-its-column", "word word", flag);
  parser.flag("--b", std::string(60, 'b') + " " + std::string(30, 'c'), flag);
  const std::string indent(28, ' ');
  CHECK(parser.help() == cat("Usage: recast x [options]\n\n  X.\n\nT\n",
                             "  --a-name-that-is-longer-than-its-column\n", indent, "word word\n",
                             "  --b", std::string(23, ' '), std::string(60, 'b'), "\n", indent,
                             std::string(30, 'c'), "\n"));
}

/// The value that a taker leaves, or the message of its error.
template <class T>
std::string taken(const Take& take, const T& into, const std::string& value) {
  const auto done = take("--x", value);
  return done ? into() : done.error().message;
}

TEST_CASE("cli/option_values: numbers are taken whole or refused") {
  std::optional<std::int64_t> whole;
  const auto print = [&] { return std::to_string(whole.value()); };
  const Take take = take_whole(whole, 0, 100);
  CHECK(taken(take, print, "0") == "0");
  CHECK(taken(take, print, "100") == "100");
  for (const char* bad : {"", "101", "-1", "+1", "1 ", "0x1", "1.0", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(taken(take, print, bad) ==
          cat("option '--x' is '", bad, "', expected a whole number from 0 to 100"));
  }
}

TEST_CASE("cli/option_values: a tolerance is finite and not negative") {
  std::optional<double> number;
  const auto print = [&] { return number.value() == 1e-3 ? "ok" : "wrong"; };
  const Take take = take_number(number);
  CHECK(taken(take, print, "1e-3") == "ok");
  CHECK(taken(take, print, "0.001") == "ok");
  for (const char* bad : {"", "-1e-3", "inf", "nan", "1e-3x", "1e999"}) {
    CAPTURE(bad);
    CHECK(taken(take, print, bad) ==
          cat("option '--x' is '", bad, "', expected a number of at least 0"));
  }
}

TEST_CASE("cli/option_values: sizes are decimal or binary, and never zero") {
  std::optional<std::uint64_t> nbytes;
  const auto print = [&] { return std::to_string(nbytes.value()); };
  const Take take = take_size(nbytes);
  CHECK(taken(take, print, "5GB") == "5000000000");
  CHECK(taken(take, print, "256MiB") == "268435456");
  CHECK(taken(take, print, "1.5kb") == "1500");
  CHECK(taken(take, print, "7") == "7");
  for (const char* bad : {"", "GB", "0", "0.2B", "5XB", "-5GB", "5GB5"}) {
    CAPTURE(bad);
    CHECK(taken(take, print, bad) ==
          cat("option '--x' is '", bad, "', expected a size such as 5GB, 256MiB or 1000000"));
  }
}

TEST_CASE("cli/option_values: lists of numbers, and words of a choice") {
  std::vector<std::int64_t> list;
  CHECK(take_wholes(list)("--x", "6,0,12"));
  CHECK(list == std::vector<std::int64_t>{6, 0, 12});
  for (const char* bad : {"", "1,", ",1", "1,,2", "1;2", "1,-2", "1, 2"}) {
    CAPTURE(bad);
    std::vector<std::int64_t> ignored;
    const auto done = take_wholes(ignored)("--x", bad);
    REQUIRE(!done);
    CHECK(done.error().message ==
          cat("option '--x' is '", bad, "', expected whole numbers with commas between them"));
  }
  std::string word = "b";
  CHECK(take_word(word, {"a", "b", "c"})("--x", "c"));
  CHECK(word == "c");
  const auto refused = take_word(word, {"a", "b", "c"})("--x", "d");
  REQUIRE(!refused);
  CHECK(refused.error().message == "option '--x' is 'd', expected 'a', 'b' or 'c'");
}

}  // namespace
}  // namespace recast::cli
