#include "tests/support/reference/megatron_qkv.hpp"

#include <stdexcept>

namespace recast::reference {

using Index = std::int64_t;

Index divide(Index whole, Index parts) {
  if (parts == 0 || whole % parts != 0)
    throw std::invalid_argument("the grid does not divide the model");
  return whole / parts;
}

Index fused_rows(const Sizes& sizes, const Grid& grid) {
  return divide((sizes.heads + 2 * sizes.groups) * sizes.head_dim, grid.tp);
}

FusedRow fused_row(const Sizes& sizes, const Grid& grid, Index t, Index i) {
  const Index d = sizes.head_dim;
  if (grid.qkv_version >= 2) {
    // The whole matrix holds group after group, each its queries, its key, its value; a rank holds
    // an equal slice of the whole, also where that cuts through a group.
    const Index row = t * fused_rows(sizes, grid) + i;
    const Index m = sizes.rep();
    const Index group = row / ((m + 2) * d);
    const Index within = row % ((m + 2) * d);
    if (within < m * d) return {FusedRow::Query, group * m + within / d, within % d};
    if (within < (m + 1) * d) return {FusedRow::Key, group, within - m * d};
    return {FusedRow::Value, group, within - (m + 1) * d};
  }
  if (sizes.heads != sizes.groups) throw std::invalid_argument("the older orders know no groups");
  const Index heads = divide(sizes.heads, grid.tp);
  const auto made = [&](Index part, Index head, Index component) -> FusedRow {
    if (part == 0) return {FusedRow::Query, t * heads + head, component};
    if (part == 1) return {FusedRow::Key, t * heads + head, component};
    return {FusedRow::Value, t * heads + head, component};
  };
  if (grid.qkv_version == 0) return made(i / (heads * d), i / d % heads, i % d);  // [3, heads, dim]
  return made(i % 3, i / (3 * d), i / 3 % d);                                     // [heads, dim, 3]
}

}  // namespace recast::reference
