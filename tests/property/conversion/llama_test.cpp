// Conversions of coordinate tensors (every element has bits of its own) on many grids, held against
// the reference: what each rank's file must hold is stated there by loops, without a layout
// language.

#include <doctest/doctest.h>

#include <iostream>

#include "tests/conversion/model_config.hpp"
#include "tests/conversion/reference_checkpoint.hpp"
#include "tests/support/random.hpp"

namespace recast::conversion {
namespace {

using reference::Family;
using reference::Grid;
using reference::Names;
using reference::Sizes;
using support::MemoryFileSystem;

/// Extents that all differ: layer 12, group 4, rep 2, dim 6, hidden 10, ffn 16, vocab 37.
Sizes many_heads(bool tied) {
  Sizes sizes = reference::tiny(Family::Llama);
  sizes.layers = 12;
  sizes.heads = 8;
  sizes.groups = 4;
  sizes.head_dim = 6;
  sizes.hidden = 10;
  sizes.ffn = 16;
  sizes.vocab = 37;
  sizes.tied = tied;
  return sizes;
}

struct Case {
  std::string what;
  Sizes sizes;
  Grid grid;
};

Grid grid(std::int64_t tp, std::int64_t pp, std::int64_t vpp,
          Names names = Names::TransformerEngine) {
  Grid out;
  out.tp = tp;
  out.pp = pp;
  out.vpp = vpp;
  out.names = names;
  out.vocab_divisor = 5;
  return out;
}

Grid ends(Grid one, std::int64_t first, std::int64_t last) {
  one.first_stage = first;
  one.last_stage = last;
  return one;
}

Grid listed(Grid one, std::vector<std::int64_t> layers) {
  one.chunk_layers = std::move(layers);
  return one;
}

std::vector<Case> cases() {
  const Sizes untied = many_heads(false), tied = many_heads(true);
  return {{"one rank", untied, grid(1, 1, 1)},
          {"one rank, tied: no head", tied, grid(1, 1, 1, Names::Local)},
          {"tp 2", untied, grid(2, 1, 1, Names::Local)},
          {"tp as many as groups", untied, grid(4, 1, 1)},
          {"fewer groups than ranks", untied, grid(8, 1, 1)},
          {"fewer groups than ranks, pp 2, tied", tied, grid(8, 2, 1, Names::Local)},
          {"pp 2, tied: a copy on the last stage", tied, grid(1, 2, 1)},
          {"pp 12: one layer each", untied, grid(1, 12, 1, Names::Local)},
          {"pp 2 vpp 3", untied, grid(2, 2, 3)},
          {"pp 3 vpp 2, tied", tied, grid(2, 3, 2, Names::Local)},
          {"a short first stage", untied, ends(grid(2, 3, 1), 2, 0)},
          {"a short last stage", tied, ends(grid(1, 4, 1, Names::Local), 0, 3)},
          {"short ends", untied, ends(grid(2, 4, 1), 1, 3)},
          {"short ends with vpp", untied, ends(grid(2, 3, 2), 2, 4)},
          {"a list of layers", untied, listed(grid(2, 3, 1), {5, 3, 4})},
          {"a list of layers with an empty stage", tied, listed(grid(1, 4, 1), {0, 6, 5, 1})},
          {"a list of layers with vpp", untied,
           listed(grid(2, 2, 3, Names::Local), {3, 1, 2, 2, 1, 3})},
          {"a vocabulary that needs no padding", untied,
           [] {
             Grid out = grid(1, 1, 1);
             out.vocab_divisor = 37;
             return out;
           }()},
          {"padding that spans a rank", untied,
           [] {
             Grid out = grid(4, 2, 1);
             out.vocab_divisor = 12;  // 48 rows: the last rank has one of the model's
             return out;
           }()},
          {"padding of a whole rank", untied, [] {
             Grid out = grid(8, 1, 1, Names::Local);
             out.vocab_divisor = 6;  // 48 rows, six each: the last rank has padding only
             return out;
           }()}};
}

checkpoint::TargetOptions options_for(const Grid& to) {
  checkpoint::TargetOptions options = to_megatron(to);
  if (to.first_stage > 0) options.first_stage_layers = to.first_stage;
  if (to.last_stage > 0) options.last_stage_layers = to.last_stage;
  // Said, because a source with as many chunks would keep its own list.
  if (to.first_stage == 0 && to.last_stage == 0 && options.stages.empty())
    options.stages.assign(static_cast<std::size_t>(to.pp * to.vpp),
                          many_heads(false).layers / (to.pp * to.vpp));
  return options;
}

TEST_CASE("conversion/llama: a Hugging Face model is laid out over every grid") {
  for (const Case& one : cases()) {
    CAPTURE(one.what);
    MemoryFileSystem disk;
    put_huggingface(disk, "in", one.sizes, config_json(one.sizes));
    REQUIRE(convert(disk, "in", "out", options_for(one.grid)) == "");
    CHECK(difference_to_megatron(disk, "out", one.sizes, one.grid) == "");
  }
}

TEST_CASE("conversion/llama: every grid is read back") {
  for (const Case& one : cases()) {
    CAPTURE(one.what);
    MemoryFileSystem disk;
    put_megatron(disk, "in", one.sizes, one.grid, megatron_args(one.sizes, one.grid));
    REQUIRE(convert(disk, "in", "out", to_huggingface()) == "");
    CHECK(difference_to_huggingface(disk, "out", one.sizes) == "");
  }
}

TEST_CASE("conversion/llama: every grid becomes every other") {
  const std::vector<Case> all = cases();
  for (const Case& from : all)
    for (const Case& to : all) {
      if (from.sizes.tied != to.sizes.tied) continue;
      CAPTURE(from.what);
      CAPTURE(to.what);
      MemoryFileSystem disk;
      put_megatron(disk, "in", from.sizes, from.grid, megatron_args(from.sizes, from.grid));
      REQUIRE(convert(disk, "in", "out", options_for(to.grid)) == "");
      CHECK(difference_to_megatron(disk, "out", from.sizes, to.grid) == "");
    }
}

TEST_CASE("conversion/llama: a tied head that is stored all the same is read as a copy") {
  Sizes sizes = many_heads(true);
  sizes.tied_head_stored = true;
  MemoryFileSystem disk;
  put_huggingface(disk, "in", sizes, config_json(sizes));
  REQUIRE(convert(disk, "in", "out", to_megatron(grid(2, 2, 1))) == "");
  CHECK(difference_to_megatron(disk, "out", sizes, grid(2, 2, 1)) == "");
}

/// Sizes and a grid that fit each other, heads and ranks in every relation.
Case random_case(Random& random) {
  Case out{"random", reference::tiny(Family::Llama), {}};
  Sizes& s = out.sizes;
  Grid& g = out.grid;
  g.tp = std::int64_t{1} << random.below(4);
  g.pp = 1 + static_cast<std::int64_t>(random.below(4));
  g.vpp = g.pp > 1 && random.one_in(3) ? 2 : 1;
  g.names = random.one_in(2) ? Names::Local : Names::TransformerEngine;
  g.vocab_divisor = 1 + static_cast<std::int64_t>(random.below(9));
  s.groups = std::int64_t{1} << random.below(4);
  // As many heads as every rank gets the same number of; where ranks outnumber groups, rows of a
  // group are cut, and of keys and values, too, every rank gets the same number.
  s.heads = std::max(s.groups, g.tp) * (2 + static_cast<std::int64_t>(random.below(2)));
  s.head_dim = 5;
  while (2 * s.groups * s.head_dim % g.tp != 0)
    ++s.head_dim;
  s.hidden = 7 + static_cast<std::int64_t>(random.below(5));
  s.ffn = g.tp * (3 + static_cast<std::int64_t>(random.below(5)));
  s.vocab = 20 + static_cast<std::int64_t>(random.below(40));
  s.tied = random.one_in(2);
  s.layers = 0;
  for (std::int64_t chunk = 0; chunk < g.pp * g.vpp; ++chunk) {
    g.chunk_layers.push_back(static_cast<std::int64_t>(random.below(3)) + (chunk == 0 ? 1 : 0));
    s.layers += g.chunk_layers.back();
  }
  return out;
}

TEST_CASE("conversion/llama: random sizes on random grids, there, on and back") {
  const std::uint64_t seed = random_seed();
  CAPTURE(seed);
  Random random(seed);
  for (int round = 0; round < 30; ++round) {
    CAPTURE(round);
    const Case from = random_case(random);
    Case to = random_case(random);
    // The same model on another grid: its own ranks must fit the sizes.
    to.sizes = from.sizes;
    to.grid.tp = from.grid.tp;
    to.grid.vpp = 1;
    to.grid.pp = 1;
    to.grid.chunk_layers = {from.sizes.layers};
    MemoryFileSystem disk;
    put_huggingface(disk, "hf", from.sizes, config_json(from.sizes));
    REQUIRE(convert(disk, "hf", "first", to_megatron(from.grid)) == "");
    CHECK(difference_to_megatron(disk, "first", from.sizes, from.grid) == "");
    REQUIRE(convert(disk, "first", "second", to_megatron(to.grid)) == "");
    CHECK(difference_to_megatron(disk, "second", from.sizes, to.grid) == "");
    REQUIRE(convert(disk, "second", "back", to_huggingface()) == "");
    CHECK(difference_to_huggingface(disk, "back", from.sizes) == "");
  }
}

}  // namespace
}  // namespace recast::conversion
