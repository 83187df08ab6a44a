#pragma once
// Random numbers for property tests: the same seed gives the same numbers everywhere. The seed of a
// run is printed by the test and can be set with RECAST_SEED=n in the environment.

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

namespace recast {

/// RECAST_SEED if it is set, else a fresh one.
inline std::uint64_t random_seed() {
  if (const char* text = std::getenv("RECAST_SEED")) return std::strtoull(text, nullptr, 10);
  return std::random_device{}();
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  /// 0 to count - 1; the bias of the remainder does not matter here.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <class Container>
  const auto& pick(const Container& from) {
    return from[below(std::size(from))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace recast
