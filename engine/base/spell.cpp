#include "engine/base/spell.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace recast {

namespace {

// The table is quadratic and names come out of files: longer ones are compared by their first
// bytes.
constexpr std::size_t kLongestCompared = 256;

std::size_t bounded_distance(std::string_view a, std::string_view b) {
  return edit_distance(a.substr(0, kLongestCompared), b.substr(0, kLongestCompared));
}

std::size_t length_difference(std::string_view a, std::string_view b) {
  return a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table: row[j] is the distance of the first i bytes of a to the first j of b,
  // above[j] that of i - 1, older[j] that of i - 2.
  std::vector<std::size_t> older, above, row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    older = std::exchange(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], older[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::optional<std::string> nearest(std::string_view name, std::span<const std::string> known) {
  const std::size_t limit = std::max<std::size_t>(1, name.size() / 3);
  const std::string* best = nullptr;
  std::size_t best_distance = limit + 1;
  for (const std::string& candidate : known) {
    if (length_difference(name, candidate) >= best_distance) continue;
    const std::size_t distance = bounded_distance(name, candidate);
    // A name of which nothing is left is no slip: 'a' does not mean 'b'.
    const bool something_in_common = distance < std::max(name.size(), candidate.size());
    if (distance < best_distance && something_in_common) {
      best = &candidate;
      best_distance = distance;
    }
  }
  if (!best) return std::nullopt;
  return *best;
}

std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> known,
                                       std::size_t count) {
  std::vector<std::pair<std::size_t, std::size_t>> ranked;  // distance, index: equal ones in order
  ranked.reserve(known.size());
  for (std::size_t i = 0; i < known.size(); ++i)
    ranked.emplace_back(bounded_distance(name, known[i]), i);
  const std::size_t taken = std::min(count, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(taken),
                    ranked.end());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < taken; ++i)
    out.push_back(known[ranked[i].second]);
  return out;
}

}  // namespace recast
