#include "engine/exec/work.hpp"

#include <string>
#include <unordered_map>
#include <utility>

namespace recast::exec {
namespace {

template <class Strides>
std::int64_t distance(const tensor::Box& whole, const tensor::Box& part,
                      const Strides& strides) noexcept {
  std::int64_t elements = 0;
  for (std::size_t k = 0; k < part.rank; ++k) {
    elements += (part.start[k] - whole.start[k]) * strides[k];
  }
  return elements;
}

const plan::Fill& fill_at(const Work& work, StepIndex step) noexcept {
  return (*work.fills)[step - work.copies->size()];
}

}  // namespace

const tensor::Box& box_of(const Work& work, StepIndex step) noexcept {
  return is_fill(work, step) ? fill_at(work, step).box : (*work.copies)[step].box;
}

std::uint32_t logical_of(const Work& work, StepIndex step) noexcept {
  return is_fill(work, step) ? fill_at(work, step).logical : (*work.copies)[step].logical;
}

plan::TensorIndex right_of(const Work& work, StepIndex step) noexcept {
  return is_fill(work, step) ? fill_at(work, step).into : (*work.copies)[step].into;
}

Address left_address(const Work& work, const Piece& piece) noexcept {
  const plan::Copy& copy = (*work.copies)[piece.step];
  const Tensor& tensor = work.left[copy.from];
  const std::int64_t element = copy.from_offset + distance(copy.box, piece.box, copy.from_stride);
  return {tensor.byte_offset + element * tensor.element_nbytes, copy.from_stride.data()};
}

Address right_address(const Work& work, const Piece& piece) noexcept {
  const Tensor& tensor = work.right[right_of(work, piece.step)];
  if (is_fill(work, piece.step)) {
    const plan::Fill& fill = fill_at(work, piece.step);
    const std::int64_t element = fill.into_offset + distance(fill.box, piece.box, fill.into_stride);
    return {tensor.byte_offset + element * tensor.element_nbytes, fill.into_stride.data()};
  }
  const plan::Copy& copy = (*work.copies)[piece.step];
  const std::int64_t element = copy.into_offset + distance(copy.box, piece.box, copy.into_stride);
  return {tensor.byte_offset + element * tensor.element_nbytes, copy.into_stride.data()};
}

std::vector<Tensor> tensors_of(const std::vector<plan::PlanTensor>& tensors,
                               const std::vector<TensorPlace>& places) {
  RECAST_CHECK(tensors.size() == places.size(), "a place per tensor is needed");
  std::vector<Tensor> out;
  out.reserve(tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    out.push_back({places[i].file, tensors[i].dtype,
                   static_cast<std::int64_t>(tensor::dtype_nbytes(tensors[i].dtype)),
                   static_cast<std::int64_t>(places[i].byte_offset)});
  }
  return out;
}

Work make_work(const std::vector<plan::Copy>& copies, const std::vector<plan::Fill>& fills,
               const std::vector<plan::LogicalTensor>& logical, std::vector<Tensor> left,
               std::vector<Tensor> right) {
  Work work;
  work.copies = &copies;
  work.fills = &fills;
  work.logical = &logical;
  work.left = std::move(left);
  work.right = std::move(right);
  std::unordered_map<std::string_view, std::uint16_t> ids;
  for (const plan::LogicalTensor& each : logical) {
    std::vector<std::uint16_t> axes;
    for (const std::string& axis : each.axes) {
      axes.push_back(ids.try_emplace(axis, static_cast<std::uint16_t>(ids.size())).first->second);
    }
    work.axis_ids.push_back(std::move(axes));
  }
  work.axis_count = ids.size();
  return work;
}

}  // namespace recast::exec
