// Executes the examples of engine/lang/LANGUAGE.md and holds its table of functions against
// builtins.def.

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "engine/lang/builtin_table.hpp"
#include "tests/support/lang_text.hpp"

namespace recast::lang {
namespace {

struct Example {
  std::size_t line;  // in LANGUAGE.md
  std::string text;
};
struct Block {
  std::string kind;
  std::vector<Example> examples;
};

std::string page() {
  std::ifstream file(RECAST_LANGUAGE_MD, std::ios::binary);
  REQUIRE(file.good());
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

std::vector<Block> blocks_of(const std::string& text) {
  std::vector<Block> out;
  std::istringstream lines(text);
  std::string line;
  bool inside = false;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) out.push_back({line.substr(3), {}});
    } else if (inside && !line.empty()) {
      out.back().examples.push_back({number, line});
    }
  }
  CHECK(!inside);
  return out;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
}

/// The texts on both sides of the last `sign`.
std::pair<std::string, std::string> split(const std::string& line, std::string_view sign) {
  const std::size_t at = line.rfind(sign);
  REQUIRE_MESSAGE(at != std::string::npos, line);
  return {trimmed(std::string_view(line).substr(0, at)),
          trimmed(std::string_view(line).substr(at + sign.size()))};
}

/// Outcomes on the page have no place: the line itself is the place.
template <class T>
std::string shown(const Result<T>& result) {
  return result ? outcome(*result)
                : cat(code_name(result.error().code), ": ", result.error().message);
}

tensor::Value evaluated(const std::string& text, const Names& names) {
  const auto expr = parse_scalar(source(text));
  REQUIRE(expr);
  auto value = evaluate(*expr, names.environment());
  REQUIRE(value);
  return *std::move(value);
}

std::string scalar_outcome(const std::string& input, const Names& names) {
  const auto expr = parse_scalar(source(input));
  return expr ? shown(evaluate(*expr, names.environment())) : shown(expr);
}

std::string name_outcome(const std::string& input, const Names& names) {
  const auto name = parse_template(source(input), TemplateKind::File);
  return name ? shown(expand(*name, names.environment())) : shown(name);
}

std::string match_outcome(const std::string& input) {
  const auto [text, name] = split(input, " ~ ");
  const bool is_pattern = text.find('*') != std::string::npos;
  const auto parsed =
      parse_template(source(text), is_pattern ? TemplateKind::Ignore : TemplateKind::File);
  REQUIRE(parsed);
  const auto regex = to_regex(*parsed, {"layer", "tp", "pp"});
  REQUIRE(regex);
  const auto set = TemplateSet::make({*regex});
  REQUIRE(set);
  const auto captures = set->captures(0, name);
  if (!captures) return "no match";
  const std::vector<std::string> places = places_of(*parsed);
  REQUIRE(places.size() == captures->size());
  std::string out;
  for (std::size_t i = 0; i < places.size(); ++i)
    out += cat(i > 0 ? " " : "", places[i], "=", (*captures)[i]);
  return out.empty() ? "match" : out;
}

std::string outcome_of(const std::string& kind, const std::string& input, const Names& names) {
  if (kind == "layout") return shown(parse_layout(source(input)));
  if (kind == "scalar") return scalar_outcome(input, names);
  if (kind == "name") return name_outcome(input, names);
  REQUIRE_MESSAGE(kind == "match", "an unknown kind of block");
  return match_outcome(input);
}

TEST_CASE("lang/language: every example on the page comes out as it says") {
  std::size_t count = 0;
  for (const Block& block : blocks_of(page())) {
    Names names;
    for (const Example& example : block.examples) {
      CAPTURE(example.line);
      CAPTURE(example.text);
      if (example.text.starts_with("let ")) {
        const auto [name, value] = split(example.text.substr(4), " = ");
        names.set(name, evaluated(value, names));
        continue;
      }
      const auto [input, expected] = split(example.text, " -> ");
      CHECK(outcome_of(block.kind, input, names) == expected);
      ++count;
    }
  }
  CHECK(count > 100);  // the page was found and its blocks were seen
}

TEST_CASE("lang/language: the page lists the functions of builtins.def in their order") {
  std::string table;
  for (const BuiltinRow& row : builtin_table())
    table += cat("| `", row.signature, "` | ", row.summary, " |\n");
  const std::string text = page();
  const std::string head = "| function | value |\n|---|---|\n";
  const std::size_t at = text.find(head);
  REQUIRE(at != std::string::npos);
  const std::size_t begin = at + head.size();
  CHECK(text.substr(begin, text.find("\n\n", begin) + 1 - begin) == table);
}

}  // namespace
}  // namespace recast::lang
