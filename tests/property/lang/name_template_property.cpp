#include <doctest/doctest.h>

#include <map>

#include "tests/support/lang_text.hpp"
#include "tests/support/random.hpp"

namespace recast::lang {
namespace {

/// A template over the numbers a, b, d and the text t, each at most once.
std::string random_name(Random& random) {
  static constexpr std::string_view kTexts[] = {"x", ".", "layers", "_", "(+)", "ö", "/"};
  std::vector<std::string> places = {"{a}", "{b:02}", "{t}", "[_{d:03} if c]"};
  std::string out;
  while (!places.empty()) {
    // A text between any two places, so that a match can be told from another.
    out += random.pick(kTexts);
    if (random.one_in(3)) out += random.pick(std::vector<std::string_view>{"x", "w"});
    const std::size_t i = random.below(places.size());
    if (!random.one_in(3)) out += places[i];
    places.erase(places.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return out;
}

TEST_CASE("lang/regex: a match's places expand to the same name again") {
  const std::uint64_t first = random_seed();
  MESSAGE("RECAST_SEED=", first);
  for (std::uint64_t seed = first; seed < first + 1000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const std::string text = random_name(random);
    CAPTURE(text);
    const auto name = parse_template(source(text), TemplateKind::File);
    REQUIRE(name);
    Names names{{"a", tensor::Value(static_cast<std::int64_t>(random.below(2000)) - 100)},
                {"b", tensor::Value(static_cast<std::int64_t>(random.below(300)) - 100)},
                {"d", tensor::Value(static_cast<std::int64_t>(random.below(3000)))},
                {"t", tensor::Value("iter_7")},
                {"c", tensor::Value(random.one_in(2))}};
    const auto expanded = expand(*name, names.environment());
    REQUIRE(expanded);
    CAPTURE(*expanded);

    const Environment environment = names.environment();
    const auto regex = to_regex(*name, {"a", "b", "d"}, &environment);
    REQUIRE(regex);
    const auto set = TemplateSet::make({*regex});
    REQUIRE(set);
    CHECK(set->matching(*expanded) == std::vector<std::size_t>{0});
    const auto captures = set->captures(0, *expanded);
    REQUIRE(captures);
    const std::vector<std::string> places = places_of(*name);
    REQUIRE(captures->size() == places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      const std::string& capture = (*captures)[i];
      if (places[i] == "t") {
        names.set("t", tensor::Value(capture));
      } else if (!capture.empty()) {
        names.set(places[i], tensor::Value(std::int64_t{std::stoll(capture)}));
      }
    }
    CHECK(outcome(expand(*name, names.environment())) == *expanded);
  }
}

}  // namespace
}  // namespace recast::lang
