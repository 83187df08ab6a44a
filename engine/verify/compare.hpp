#pragma once
// Compares what a plan would write with what is already there, streaming: `verify A B` plans A into
// B's own layout and then compares instead of writing.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/exec/executor.hpp"

namespace recast::verify {

struct Tolerance {
  double absolute = 0;
  double relative = 0;
  bool bitwise = true;  // then dtypes must agree and NaN equals NaN of the same bits
};

/// The first difference in a logical tensor, in the order of its index space (axis 0 slowest).
struct Difference {
  std::uint32_t logical = 0;
  std::vector<std::int64_t> index;  // one per axis of the logical tensor
  std::string left, right;          // the two values as text, with their bits when bitwise
  plan::TensorIndex from = 0, into = 0;
};

struct TensorVerdict {
  std::uint32_t logical = 0;
  std::uint64_t elements = 0;
  std::uint64_t differing = 0;
  double max_absolute = 0;
  std::optional<Difference> first;
};

struct Comparison {
  std::vector<TensorVerdict> verdicts;  // one per logical tensor of the plan, in its order
  std::uint64_t bytes_read = 0;
  bool equal() const noexcept;
};

/// `right` holds the files and places of Plan::targets. Fills are not compared. Errors: io.*.
Result<Comparison> compare(const exec::Inputs& left,
                           const std::vector<const io::RandomAccessFile*>& right_files,
                           const std::vector<exec::TensorPlace>& right_places,
                           const Tolerance& tolerance, const exec::Options& options,
                           const exec::ProgressSink& progress);

}  // namespace recast::verify
