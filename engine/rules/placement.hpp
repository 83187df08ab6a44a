#pragma once
// How one framework keeps one model on one grid: every file, every stored tensor in the framework's
// order, and which box of which logical tensor each part of it holds. The same for a checkpoint
// that is read and one that will be written.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/rules/grid.hpp"
#include "engine/tensor/box.hpp"

namespace recast::rules {

/// A part of a stored tensor: the element at global indices i lies at `offset + Σ stride · (i −
/// box.start)`, in elements. Box and strides are in the order of the logical tensor's axes.
struct Region {
  std::uint32_t tensor = 0;  // index into Placement::tensors
  layout::LabelId label = layout::kNoLabel;
  tensor::Box box;
  std::int64_t offset = 0;
  std::array<std::int64_t, tensor::kMaxRank> stride{};
};

struct PlacedTensor {
  std::uint32_t file = 0;
  std::string name;  // from the file's root
  std::vector<std::int64_t> shape;
  const TensorRule* rule = nullptr;  // borrowed from the RuleSet
  bool required = true;              // false: accepted if it is there
  std::uint32_t first_region = 0, region_count = 0;
};

struct PlacedFile {
  std::string path;  // relative to the checkpoint's tensors' folder
  std::vector<std::pair<std::string, std::int64_t>> at;  // mesh coordinates
  std::uint32_t first_tensor = 0, tensor_count = 0;
};

struct Placement {
  std::vector<std::int64_t> extents;  // per axis, as this side has it: padding included
  std::vector<PlacedFile> files;
  std::vector<PlacedTensor> tensors;
  std::vector<Region> regions;
};

/// With `most_files`, only so many of the files, in their order. Codes: layout.does-not-divide,
/// expr.*.
Placement place(const RuleSet& rules, const Sizes& sizes, const Grid& grid, const Stages& stages,
                const std::vector<std::int64_t>& extents, DiagnosticSink& sink,
                std::size_t most_files = SIZE_MAX);

}  // namespace recast::rules
