#pragma once
// What tiles are made of: a plan's steps with the bytes' places on both sides. Immutable while a
// run goes on.

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/exec/executor.hpp"
#include "engine/plan/plan.hpp"

namespace recast::exec {

/// One stored tensor as a run sees it.
struct Tensor {
  std::uint32_t file = 0;  // index into the side's files
  tensor::DType dtype = tensor::DType::F32;
  std::int64_t element_nbytes = 0;
  std::int64_t byte_offset = 0;  // of element 0 in the file
};

/// The left side is read; the right side is written, or read too when a run compares. `copies` and
/// `fills` are borrowed.
struct Work {
  const std::vector<plan::Copy>* copies = nullptr;
  const std::vector<plan::Fill>* fills = nullptr;
  const std::vector<plan::LogicalTensor>* logical = nullptr;
  std::vector<Tensor> left;
  std::vector<Tensor> right;
  std::vector<std::vector<std::uint16_t>>
      axis_ids;  // per logical tensor; equal names have equal ids
  std::size_t axis_count = 0;

  std::size_t step_count() const noexcept { return copies->size() + fills->size(); }
};

/// A step is a copy or, from copies->size() on, a fill.
using StepIndex = std::uint32_t;

/// Part of a step's box.
struct Piece {
  StepIndex step = 0;
  tensor::Box box;
};

inline bool is_fill(const Work& work, StepIndex step) noexcept {
  return step >= work.copies->size();
}
const tensor::Box& box_of(const Work& work, StepIndex step) noexcept;
std::uint32_t logical_of(const Work& work, StepIndex step) noexcept;
/// Index of the right tensor.
plan::TensorIndex right_of(const Work& work, StepIndex step) noexcept;

/// Where a piece's first element lies in a side's file, and the strides (in elements) there.
struct Address {
  std::int64_t at = 0;  // byte offset in the file
  const std::int64_t* strides = nullptr;
};
/// Precondition: not a fill.
Address left_address(const Work& work, const Piece& piece) noexcept;
Address right_address(const Work& work, const Piece& piece) noexcept;

std::vector<Tensor> tensors_of(const std::vector<plan::PlanTensor>& tensors,
                               const std::vector<TensorPlace>& places);
Work make_work(const std::vector<plan::Copy>& copies, const std::vector<plan::Fill>& fills,
               const std::vector<plan::LogicalTensor>& logical, std::vector<Tensor> left,
               std::vector<Tensor> right);

}  // namespace recast::exec
