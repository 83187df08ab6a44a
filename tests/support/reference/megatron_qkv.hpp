#pragma once
// Queries, keys and values in one matrix: which row of a rank is which.
// Sources: NVIDIA/Megatron-LM d98e8a6 megatron/core/transformer/attention.py
// (get_query_key_value_tensors), megatron/training/checkpointing.py (fix_query_key_value_ordering).

#include <cstdint>

#include "tests/support/reference/megatron_reference.hpp"
#include "tests/support/reference/model_sizes.hpp"

namespace recast::reference {

/// Throws std::invalid_argument where the parts are not equal.
std::int64_t divide(std::int64_t whole, std::int64_t parts);

/// A component of a query head, or of a key/value head.
struct FusedRow {
  enum { Query, Key, Value } part;
  std::int64_t head, component;
};

/// Rows of one rank.
std::int64_t fused_rows(const Sizes& sizes, const Grid& grid);

/// Row `i` of tensor rank `t`.
FusedRow fused_row(const Sizes& sizes, const Grid& grid, std::int64_t t, std::int64_t i);

}  // namespace recast::reference
