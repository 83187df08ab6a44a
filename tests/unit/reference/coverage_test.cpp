#include "tests/support/reference/huggingface_reference.hpp"
#include "tests/support/reference/megatron_reference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace recast::reference {
namespace {

using Index = std::int64_t;

/// Grids that together use every name table, every storage of experts and every kind of cut.
std::vector<Grid> grids() {
  std::vector<Grid> out;
  for (const Names names :
       {Names::Local, Names::TransformerEngine, Names::Legacy, Names::OlderLegacy})
    for (const Index tp : {1, 2, 4, 8}) {
      Grid grid;
      grid.names = names;
      grid.tp = tp;
      grid.pp = tp == 4 ? 3 : tp == 2 ? 2 : 1;
      grid.vpp = tp == 2 ? 3 : 1;
      out.push_back(grid);
    }
  for (const Experts experts : {Experts::Sequential, Experts::TeGrouped, Experts::TeGroupedSingle,
                                Experts::Grouped, Experts::Dynamic, Experts::DynamicTransposed,
                                Experts::DynamicSplit, Experts::DynamicSplitTransposed})
    for (const Index etp : {1, 2}) {
      Grid grid;
      grid.experts = experts;
      grid.tp = 2;
      grid.etp = etp;
      grid.ep = etp == 1 ? 4 : 3;
      out.push_back(grid);
    }
  return out;
}

TEST_CASE("reference/megatron: the files of a grid hold every element of the model") {
  for (const Family family : {Family::Llama, Family::Mixtral, Family::Gpt2, Family::Apertus,
                              Family::Qwen2, Family::Qwen3, Family::QwenMoe}) {
    Sizes sizes = tiny(family);
    if (sizes.experts > 0) sizes.layers = 2;       // they are many
    if (family != Family::Gpt2) sizes.hidden = 5;  // never cut
    const HuggingFaceReference hf(sizes);
    std::size_t elements = 0;
    for (const ReferenceTensor& tensor : hf.tensors())
      elements += tensor.origins.size();
    for (const Grid& grid : grids()) {
      const bool legacy = grid.names == Names::Legacy || grid.names == Names::OlderLegacy;
      if (legacy && (sizes.experts > 0 || sizes.qk_norm)) continue;
      if (grid.ep > 1 && sizes.experts == 0) continue;
      if (grid.pp > 1 && sizes.experts > 0) continue;
      CAPTURE(static_cast<int>(family));
      CAPTURE(static_cast<int>(grid.names));
      CAPTURE(static_cast<int>(grid.experts));
      CAPTURE(grid.tp);
      std::vector<bool> seen(elements);
      bool shapes_fit = true;
      for (const ReferenceFile& file : megatron_files(sizes, grid))
        for (const ReferenceTensor& tensor : file.tensors) {
          const bool empty = tensor.stored == Stored::Nothing;
          if (!empty && count_of(tensor.shape) != static_cast<Index>(tensor.origins.size()))
            shapes_fit = false;
          for (const Origin& origin : tensor.origins)
            seen[origin.ordinal] = true;
        }
      CHECK(shapes_fit);
      CHECK(std::find(seen.begin(), seen.end(), false) == seen.end());
    }
  }
}

}  // namespace
}  // namespace recast::reference
