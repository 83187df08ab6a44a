#pragma once
// The product's centre: what will be written, from where, element by element, as plain data. It
// knows tensors and elements, no byte offset and no disk.

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/tensor/box.hpp"
#include "engine/tensor/dtype.hpp"
#include "engine/tensor/value.hpp"

namespace recast::plan {

using TensorIndex = std::uint32_t;

/// A tensor that is read or written. `file` indexes Plan::source_files or Plan::target_files,
/// `index` the file's tensors.
struct PlanTensor {
  std::string name;
  std::uint32_t file = 0;
  std::uint32_t index = 0;
  tensor::DType dtype = tensor::DType::F32;
  std::vector<std::int64_t> shape;
};

/// One strided N-d move of a box of a logical tensor, with a cast where the dtypes differ. Both
/// offsets are in elements of their tensor and belong to the box's first element. Axes are in the
/// order of the logical tensor; extents equal the box's.
struct Copy {
  TensorIndex from = 0;
  TensorIndex into = 0;
  std::uint32_t logical = 0;
  std::int64_t from_offset = 0;
  std::int64_t into_offset = 0;
  tensor::Box box;  // in the logical tensor's index space
  std::array<std::int64_t, tensor::kMaxRank> from_stride{};
  std::array<std::int64_t, tensor::kMaxRank> into_stride{};
};

/// A box that gets one value; the box is in the logical tensor's index space (fills may lie past
/// its true extent).
struct Fill {
  TensorIndex into = 0;
  std::uint32_t logical = 0;
  std::int64_t into_offset = 0;
  tensor::Box box;
  std::array<std::int64_t, tensor::kMaxRank> into_stride{};
  double value = 0;
};

/// Two sources that state the same box; `kept` is the one that copies read.
struct Replica {
  TensorIndex kept = 0;
  TensorIndex other = 0;
  std::uint32_t logical = 0;
  std::int64_t kept_offset = 0;
  std::int64_t other_offset = 0;
  tensor::Box box;
  std::array<std::int64_t, tensor::kMaxRank> kept_stride{};
  std::array<std::int64_t, tensor::kMaxRank> other_stride{};
  bool tied = false;  // two tensors of the model that its configuration calls the same
};

struct LogicalTensor {
  std::string name;               // attn.q
  std::vector<std::string> axes;  // layer group rep dim hidden
};

struct TargetFile {
  std::string path;  // relative to the output folder
  std::string container;
  std::vector<TensorIndex> tensors;  // in the order in which they are written
  tensor::Value root;                // TensorRef n is tensors[n]
};

struct Plan {
  std::vector<LogicalTensor> logical;
  std::vector<std::string> source_files;
  std::vector<PlanTensor> sources;
  std::vector<TargetFile> target_files;
  std::vector<PlanTensor> targets;
  std::vector<Copy> copies;
  std::vector<Fill> fills;
  std::vector<Replica> replicas;
  std::vector<Fill> constants;  // what sources must hold; `into` is a source
};

}  // namespace recast::plan
