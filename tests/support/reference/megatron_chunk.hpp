#pragma once
// One chunk of the Megatron side: what a rank holds of the layers between two pipeline boundaries.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/reference/huggingface_reference.hpp"
#include "tests/support/reference/megatron_reference.hpp"

namespace recast::reference {

/// Tensor, pipeline, expert and expert-tensor rank.
struct RankCoordinates {
  std::int64_t t, p, e, y;
};

struct ChunkContent {
  std::int64_t first_layer = 0;  // of the model
  std::int64_t layers = 0;
  bool has_embedding = false;
  bool has_head = false;  // and the final norm
};

/// Appends the entries of the chunk in their order, `root` in front of every name.
void write_chunk(const Sizes& sizes, const Grid& grid, const HuggingFaceReference& hf,
                 RankCoordinates rank, const ChunkContent& content, const std::string& root,
                 std::vector<ReferenceTensor>& out);

}  // namespace recast::reference
