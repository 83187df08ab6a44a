#pragma once
// Plans of a few tensors on a disk in memory, written down in a test's own lines.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/exec/run_limited.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/memory_file_system.hpp"

namespace recast::exec {

/// A part of a logical tensor: its box and how it lies in a stored tensor (elements).
struct Lie {
  std::int64_t offset = 0;
  std::vector<std::int64_t> stride;
};

/// Grows a plan; tensor i of a side lies in file `file` of that side, one after the other without
/// gaps.
class SmallPlan {
 public:
  std::uint32_t logical(std::string name, std::vector<std::string> axes) {
    plan.logical.push_back({std::move(name), std::move(axes)});
    return static_cast<std::uint32_t>(plan.logical.size() - 1);
  }
  plan::TensorIndex source(std::string name, tensor::DType dtype, std::int64_t count,
                           std::uint32_t file = 0) {
    return add(plan.sources, source_places, source_nbytes, std::move(name), dtype, count, file);
  }
  plan::TensorIndex target(std::string name, tensor::DType dtype, std::int64_t count,
                           std::uint32_t file = 0) {
    return add(plan.targets, target_places, target_nbytes, std::move(name), dtype, count, file);
  }
  void copy(std::uint32_t logical, const std::vector<std::pair<std::int64_t, std::int64_t>>& ranges,
            plan::TensorIndex from, const Lie& left, plan::TensorIndex into, const Lie& right) {
    plan::Copy out;
    out.from = from;
    out.into = into;
    out.logical = logical;
    out.from_offset = left.offset;
    out.into_offset = right.offset;
    out.box.rank = static_cast<std::uint8_t>(ranges.size());
    for (std::size_t k = 0; k < ranges.size(); ++k) {
      out.box.start[k] = ranges[k].first;
      out.box.extent[k] = ranges[k].second - ranges[k].first;
      out.from_stride[k] = left.stride[k];
      out.into_stride[k] = right.stride[k];
    }
    plan.copies.push_back(out);
  }

  Work work() const {
    return make_work(plan.copies, plan.fills, plan.logical, tensors_of(plan.sources, source_places),
                     tensors_of(plan.targets, target_places));
  }

  plan::Plan plan;
  std::vector<TensorPlace> source_places;
  std::vector<TensorPlace> target_places;
  std::vector<std::uint64_t> source_nbytes;  // per file
  std::vector<std::uint64_t> target_nbytes;

 private:
  static plan::TensorIndex add(std::vector<plan::PlanTensor>& tensors,
                               std::vector<TensorPlace>& places, std::vector<std::uint64_t>& sizes,
                               std::string name, tensor::DType dtype, std::int64_t count,
                               std::uint32_t file) {
    if (sizes.size() <= file) sizes.resize(file + 1U);
    tensors.push_back({std::move(name), file, 0, dtype, {count}});
    places.push_back({file, sizes[file]});
    sizes[file] += static_cast<std::uint64_t>(count) * tensor::dtype_nbytes(dtype);
    return static_cast<plan::TensorIndex>(tensors.size() - 1);
  }
};

/// The files of a small plan, open. Operations on `disk` count and may fail; opening and making is
/// done before.
class SmallDisk {
 public:
  SmallDisk(const SmallPlan& made, const std::vector<std::string>& sources)
      : faulty(memory), inputs{made.plan, {}, made.source_places} {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      memory.put(cat("in/", i), sources[i]);
      open_.push_back(faulty.open(cat("in/", i)).value());
      inputs.source_files.push_back(open_.back().get());
    }
    RECAST_CHECK(faulty.make_folders("out").has_value(), "a folder in memory can be made");
    for (std::size_t i = 0; i < made.target_nbytes.size(); ++i) {
      made_.push_back(faulty.create(cat("out/", i)).value());
      outputs.target_files.push_back(made_.back().get());
      outputs.wants_crc.push_back(true);
    }
    outputs.target_places = made.target_places;
  }

  std::string target(std::size_t file) const { return memory.get(cat("out/", file)); }

  support::MemoryFileSystem memory;
  support::FaultyFileSystem faulty;
  Inputs inputs;
  Outputs outputs;

 private:
  std::vector<std::unique_ptr<io::RandomAccessFile>> open_;
  std::vector<std::unique_ptr<io::OutputFile>> made_;
};

/// Limits far below what Options allow, so that small plans are cut into many tiles.
inline StreamLimits small_limits(std::size_t workers, std::int64_t most_nbytes) {
  return {workers, {most_nbytes, most_nbytes, 1}};
}

template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

}  // namespace recast::exec
