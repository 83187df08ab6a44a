#pragma once
// "did you mean": the nearest of some known names.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recast {

/// The least number of bytes that are put in, taken out, replaced or exchanged with their neighbour
/// (no byte twice) until one is the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known name nearest to `name`, if it is near enough to be a slip (at most a third of its
/// length, at least 1).
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> known);

/// Up to `count` known names, nearest first.
std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> known,
                                       std::size_t count);

}  // namespace recast
