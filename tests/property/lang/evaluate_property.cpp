#include <doctest/doctest.h>

#include <optional>

#include "tests/support/lang_text.hpp"
#include "tests/support/random.hpp"

// Integer arithmetic against an oracle in 128 bits, which shares nothing with the engine.

namespace recast::lang {
namespace {

__extension__ using Wide = __int128;

constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
constexpr Wide kLeast = std::numeric_limits<std::int64_t>::min();

/// A text and what it is worth; no value if some step on the way has none in 64 bits.
struct Sample {
  std::string text;
  std::optional<Wide> value;
};

std::optional<Wide> checked(std::optional<Wide> value) {
  if (!value || *value > kMost || *value < kLeast) return std::nullopt;
  return value;
}

Wide floored_rest(Wide a, Wide b) {
  const Wide rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

Sample random_sample(Random& random, int depth) {
  if (depth == 0 || random.one_in(5)) {
    const std::size_t size = random.below(4);
    const std::uint64_t number = size == 0   ? random.bits() >> 1U
                                 : size == 1 ? random.bits() >> 33U
                                             : random.below(7);
    return {std::to_string(number), static_cast<Wide>(number)};
  }
  const Sample a = random_sample(random, depth - 1);
  if (random.one_in(6))
    return {cat("-(", a.text, ")"), a.value ? checked(-*a.value) : std::nullopt};
  const Sample b = random_sample(random, depth - 1);
  const std::string_view op = random.pick(std::vector<std::string_view>{"+", "-", "*", "/", "mod"});
  Sample out{cat("(", a.text, ") ", op, " (", b.text, ")"), std::nullopt};
  if (!a.value || !b.value) return out;
  const Wide x = *a.value, y = *b.value;
  if (op == "+") out.value = checked(x + y);
  if (op == "-") out.value = checked(x - y);
  if (op == "*") out.value = checked(x * y);
  if (op == "/" && y != 0 && x % y == 0) out.value = checked(x / y);
  if (op == "mod" && y != 0) out.value = floored_rest(x, y);
  return out;
}

TEST_CASE("lang/evaluate: integers come out as in 128 bits, or not at all") {
  const std::uint64_t first = random_seed();
  MESSAGE("RECAST_SEED=", first);
  int with_value = 0, without = 0;
  for (std::uint64_t seed = first; seed < first + 5000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Sample sample = random_sample(random, 4);
    CAPTURE(sample.text);
    const auto expr = parse_scalar(source(sample.text));
    REQUIRE(expr);
    const auto value = evaluate(*expr, Environment{});
    REQUIRE(value.has_value() == sample.value.has_value());
    if (value) CHECK(*value == tensor::Value(static_cast<std::int64_t>(*sample.value)));
    ++(value ? with_value : without);
  }
  CHECK(with_value > 1000);
  CHECK(without > 100);
}

}  // namespace
}  // namespace recast::lang
