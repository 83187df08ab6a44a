#include "tests/support/reference/megatron_reference.hpp"

#include "tests/support/reference/huggingface_reference.hpp"
#include "tests/support/reference/megatron_chunk.hpp"
#include "tests/support/reference/megatron_qkv.hpp"

#include <numeric>
#include <stdexcept>
#include <utility>

namespace recast::reference {
namespace {

using Index = std::int64_t;

std::string digits(Index number, std::size_t width) {
  std::string out = std::to_string(number);
  return std::string(out.size() < width ? width - out.size() : 0, '0') + out;
}

}  // namespace

std::vector<Index> layers_per_chunk(const Sizes& sizes, const Grid& grid) {
  const Index chunks = grid.pp * grid.vpp;
  if (!grid.chunk_layers.empty()) {
    const Index total =
        std::accumulate(grid.chunk_layers.begin(), grid.chunk_layers.end(), Index{0});
    if (static_cast<Index>(grid.chunk_layers.size()) != chunks || total != sizes.layers)
      throw std::invalid_argument("the chunks do not hold the layers");
    return grid.chunk_layers;
  }
  std::vector<Index> out(static_cast<std::size_t>(chunks));
  if (grid.pp == 1) {
    if (grid.vpp != 1) throw std::invalid_argument("chunks need stages");
    out[0] = sizes.layers;
    return out;
  }
  const Index embedding = grid.account_for_embedding ? 1 : 0;
  const Index loss = grid.account_for_loss ? 1 : 0;
  const Index ends = (grid.first_stage > 0 ? 1 : 0) + (grid.last_stage > 0 ? 1 : 0);
  if (ends > 0 && embedding + loss > 0)
    throw std::invalid_argument("uneven stages are stated in one way");
  const Index middle = sizes.layers - grid.first_stage - grid.last_stage + embedding + loss;
  if (grid.pp == ends && middle != 0)
    throw std::invalid_argument("no stage is left for the middle");
  const Index middle_stage = grid.pp == ends ? 0 : divide(middle, grid.pp - ends);
  for (Index v = 0; v < grid.vpp; ++v)
    for (Index p = 0; p < grid.pp; ++p) {
      const bool first = p == 0 && grid.first_stage > 0;
      const bool last = p == grid.pp - 1 && grid.last_stage > 0;
      Index count = divide(first  ? grid.first_stage
                           : last ? grid.last_stage
                                  : middle_stage,
                           grid.vpp);
      if (p == 0 && v == 0) count -= embedding;
      if (p == grid.pp - 1 && v == grid.vpp - 1) count -= loss;
      out[static_cast<std::size_t>(v * grid.pp + p)] = count;
    }
  return out;
}

Index padded_vocab(const Sizes& sizes, const Grid& grid) {
  const Index multiple = grid.vocab_divisor * grid.tp;
  Index rows = sizes.vocab;
  while (rows % multiple != 0)
    ++rows;
  return rows;
}

bool run_writes(const Grid& grid, Index t, Index e) {
  // Every rank of a stage names the folder of its two coordinates.
  for (Index rank = 0; rank < grid.tp * grid.ep * grid.expert_tp(); ++rank)
    if (rank % grid.tp == t && rank / grid.expert_tp() % grid.ep == e) return true;
  return false;
}

std::vector<ReferenceFile> megatron_files(const Sizes& sizes, const Grid& grid) {
  if (grid.tp % grid.expert_tp() != 0) throw std::invalid_argument("etp must divide tp");
  const HuggingFaceReference hf(sizes);
  const std::vector<Index> counts = layers_per_chunk(sizes, grid);
  std::vector<ReferenceFile> files;
  for (Index t = 0; t < grid.tp; ++t)
    for (Index p = 0; p < grid.pp; ++p)
      for (Index e = 0; e < grid.ep; ++e) {
        ReferenceFile file;
        file.path = grid.iteration + "/mp_rank_" + digits(t, 2);
        if (grid.pp > 1) file.path += "_" + digits(p, 3);
        if (grid.ep > 1) file.path += "_" + digits(e, 3);
        file.path += "/model_optim_rng.pt";
        Index first_layer = 0;
        for (Index v = 0; v < grid.vpp; ++v)
          for (Index stage = 0; stage < grid.pp; ++stage) {
            const Index count = counts[static_cast<std::size_t>(v * grid.pp + stage)];
            if (stage == p) {
              const std::string root = grid.vpp > 1 ? "model" + std::to_string(v) + "/" : "model/";
              const ChunkContent content{first_layer, count, p == 0 && v == 0,
                                         p == grid.pp - 1 && v == grid.vpp - 1};
              write_chunk(sizes, grid, hf, {t, p, e, t % grid.expert_tp()}, content, root,
                          file.tensors);
            }
            first_layer += count;
          }
        files.push_back(std::move(file));
      }
  return files;
}

}  // namespace recast::reference
