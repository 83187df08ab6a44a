#include <doctest/doctest.h>

#include <algorithm>

#include "tests/lint/lint.hpp"

namespace recast::lint {
namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST_CASE("lint/names: families and dialects are found in the tree of rules") {
  const auto names = foreign_names({"rules/README.md", "rules/newfamily/model.yaml",
                                    "rules/newfamily/some.yaml", "rules/dialects/NewFrame.yaml",
                                    "rules/dialects/.hidden", "schemas/other/x.yaml"});
  CHECK(holds(names, "newfamily"));
  CHECK(holds(names, "newframe"));
  CHECK(holds(names, "llama"));  // known without a rule
  for (const char* other : {"", "readme", "some", "model", "dialects", "other"}) {
    CAPTURE(other);
    CHECK(!holds(names, other));
  }
}

TEST_CASE("lint/names: a name is found in any case, in comments and inside other words") {
  const TextFile file = {"engine/plan/a.cpp", "// LLaMA\nint x;\nauto s = \"LlamaForCausalLM\";\n"};
  CHECK(listing(check_names({"llama"}, {file})) ==
        "engine/plan/a.cpp:1: the name 'llama' belongs into rules/\n"
        "engine/plan/a.cpp:3: the name 'llama' belongs into rules/\n");
}

TEST_CASE("lint/names: a short name counts as a word of its own only") {
  const auto problems = [](const char* text) {
    return check_names({"opt"}, {{"engine/plan/a.cpp", text}}).size();
  };
  CHECK(problems("an option, std::optional, adopt") == 0);
  CHECK(problems("option, then OPT") == 1);
  CHECK(problems("opt_in") == 1);
  CHECK(problems("opt") == 1);
}

TEST_CASE("lint/names: a path can say it too, and formats may say what they like") {
  CHECK(listing(check_names({"llama"}, {{"engine/plan/llama.cpp", ""}})) ==
        "engine/plan/llama.cpp: the path says 'llama'\n");
  CHECK(check_names({"llama"}, {{"engine/formats/llama/a.cpp", "llama"}}).empty());
}

}  // namespace
}  // namespace recast::lint
