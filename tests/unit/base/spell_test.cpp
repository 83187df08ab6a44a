#include "engine/base/spell.hpp"

#include <doctest/doctest.h>

namespace recast {
namespace {

TEST_CASE("base/spell: the distance counts insertions, removals, replacements and exchanges") {
  struct Row {
    const char* a;
    const char* b;
    std::size_t distance;
  };
  static constexpr Row rows[] = {
      {"", "", 0},         {"", "abc", 3},     {"abc", "", 3},           {"abc", "abc", 0},
      {"abc", "abd", 1},   {"abc", "xabc", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1},
      {"abcd", "badc", 2}, {"ca", "abc", 3}};
  for (const Row& row : rows) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    CHECK(edit_distance(row.a, row.b) == row.distance);
  }
}

TEST_CASE("base/spell: a slip finds its name, a stranger does not") {
  const std::vector<std::string> known = {"layer", "hidden", "group", "rep", "k"};
  CHECK(nearest("hiden", known) == "hidden");
  CHECK(nearest("hidden", known) == "hidden");
  CHECK(nearest("rpe", known) == "rep");
  CHECK(nearest("epr", known) == std::nullopt);
  CHECK(nearest("re", known) == "rep");
  CHECK(nearest("heads", known) == std::nullopt);
  CHECK(nearest("q", known) == std::nullopt);
  CHECK(nearest("", known) == std::nullopt);
  CHECK(nearest("layer", {}) == std::nullopt);
}

TEST_CASE("base/spell: of equally near names the first is meant") {
  const std::vector<std::string> known = {"axes", "axel"};
  CHECK(nearest("axe", known) == "axes");
}

TEST_CASE("base/spell: nearest names come nearest first, at most as many as asked for") {
  const std::vector<std::string> known = {"norm", "attn.k", "attn.q", "attn"};
  CHECK(nearest_names("attn.q", known, 3) == std::vector<std::string>{"attn.q", "attn.k", "attn"});
  CHECK(nearest_names("attn.q", known, 0).empty());
  CHECK(nearest_names("attn.q", known, 99).size() == 4);
}

TEST_CASE("base/spell: names of megabytes are compared by their first bytes") {
  const std::vector<std::string> known = {std::string(1 << 20, 'a')};
  CHECK(nearest_names(std::string(1 << 20, 'b'), known, 1).size() == 1);
}

}  // namespace
}  // namespace recast
