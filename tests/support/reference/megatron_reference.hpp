#pragma once
// The Megatron side: the files of `--ckpt-format torch`, rank by rank. Sources: NVIDIA/Megatron-LM
// d98e8a6 (megatron/core, megatron/training/checkpointing.py), HabanaAI/Megatron-LM 13c28de
// (IntelDynamicMLP, megatron/legacy), swiss-ai/Megatron-LM 81d44db (GroupedMLP, xIELU); real files
// in tests/fixtures/megatron.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/reference/model_sizes.hpp"
#include "tests/support/reference/reference_tensor.hpp"

namespace recast::reference {

enum class Names {
  Local,              // norms stand alone
  TransformerEngine,  // norms are part of the linear map that follows; `_extra_state` everywhere
  Legacy,             // nested: language_model / encoder
  OlderLegacy,        // the same in the words of 2022: transformer, attention, layernorm
};

enum class Experts {
  Sequential,         // local_experts.{i}.linear_fc1.weight
  TeGrouped,          // linear_fc1.weight{i}
  TeGroupedSingle,    // linear_fc1.weight [experts, …]
  Grouped,            // weight1, weight2
  Dynamic,            // local_expert_{global}_linear_fc1_weight
  DynamicTransposed,  // the same, each [in, out]
  DynamicSplit,       // linear_fc11 and linear_fc12 in place of linear_fc1
  DynamicSplitTransposed,
};

struct Grid {
  std::int64_t tp = 1;
  std::int64_t pp = 1;
  std::int64_t vpp = 1;
  std::int64_t ep = 1;
  std::int64_t etp = 0;  // 0: as tp; divides tp
  Names names = Names::Local;
  Experts experts = Experts::Sequential;
  std::int64_t qkv_version = 3;  // 0 and 1: an older order of rows, one key head per query head
  /// Layers of each chunk in the order of the forward pass (chunk outer, stage inner). Empty: as
  /// the next four say.
  std::vector<std::int64_t> chunk_layers;
  std::int64_t first_stage = 0;  // layers of the first and last stage; 0: as the middle ones
  std::int64_t last_stage = 0;
  bool account_for_embedding = false;
  bool account_for_loss = false;
  std::int64_t vocab_divisor = 1;  // make_vocab_size_divisible_by
  bool scalars_0d = false;         // old files: xIELU's scalars without an axis
  std::string iteration = "iter_0000010";

  std::int64_t expert_tp() const { return etp == 0 ? tp : etp; }
};

/// Layers of the chunks, stage inner: `[v * pp + p]`. Throws std::invalid_argument for a grid that
/// does not divide.
std::vector<std::int64_t> layers_per_chunk(const Sizes& sizes, const Grid& grid);

std::int64_t padded_vocab(const Sizes& sizes, const Grid& grid);

/// Whether a training run with this grid writes the folder of (t, e). A converter writes the full
/// product: the folders that a run would not have are harmless repetitions.
bool run_writes(const Grid& grid, std::int64_t t, std::int64_t e);

/// Every file of the full product, `model_optim_rng.pt` only, with the entries of its model in
/// their order.
std::vector<ReferenceFile> megatron_files(const Sizes& sizes, const Grid& grid);

}  // namespace recast::reference
