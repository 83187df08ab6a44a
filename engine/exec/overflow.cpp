#include "engine/exec/overflow.hpp"

#include <cmath>
#include <cstring>

#include "engine/exec/element.hpp"
#include "engine/exec/select.hpp"

namespace recast::exec {
namespace {

/// The next index of a box in its order; false after the last.
bool advance(std::vector<std::int64_t>& index, const tensor::Box& box) noexcept {
  for (std::size_t k = box.rank; k-- > 0;) {
    if (++index[k] < box.start[k] + box.extent[k]) return true;
    index[k] = box.start[k];
  }
  return false;
}

}  // namespace

void OverflowLog::add(const Work& work, const Tile& tile, const TilePiece& piece,
                      const std::byte* memory, std::uint64_t count) {
  count_.fetch_add(count, std::memory_order_relaxed);
  const tensor::Box& box = piece.piece.box;
  Place at{piece.piece.step, {box.start.begin(), box.start.begin() + box.rank}};
  const std::lock_guard lock(mutex_);
  if (found_ && first_ < at) return;

  const plan::Copy& copy = (*work.copies)[at.copy];
  const tensor::DType from = work.left[copy.from].dtype;
  const tensor::DType into = work.right[copy.into].dtype;
  const Placement placement = left_placement(work, tile, piece);
  do {
    std::int64_t place = placement.place;
    for (std::size_t k = 0; k < box.rank; ++k) {
      place += (at.index[k] - box.start[k]) * placement.stride[k];
    }
    const double value = *element_value(from, memory + place);
    if (!std::isfinite(value)) continue;
    const auto narrow = encode_element(into, value);
    if (std::isfinite(*element_value(into, narrow->data()))) continue;
    if (found_ && first_ <= at) return;
    found_ = true;
    first_ = at;
    std::memcpy(value_.data(), memory + place, tensor::dtype_nbytes(from));
    return;
  } while (advance(at.index, box));
}

Diagnostic OverflowLog::explain(const plan::Plan& plan) const {
  const plan::Copy& copy = plan.copies[first_.copy];
  const plan::PlanTensor& from = plan.sources[copy.from];
  const plan::PlanTensor& into = plan.targets[copy.into];
  return make_diagnostic(Code::plan_overflow,
                         cat(name_element(plan.logical[copy.logical], first_.index), " is ",
                             element_text(from.dtype, value_.data()), ", which '",
                             tensor::dtype_name(into.dtype), "' cannot hold; ", count(),
                             count() == 1 ? " value" : " values", " in all became infinite"))
      .in(plan.source_files.size() > from.file ? plan.source_files[from.file] : from.name)
      .note(cat("read from '", from.name, "', written to '", into.name, "'"))
      .suggest("choose a type with more range, or pass --allow-overflow to write infinities");
}

}  // namespace recast::exec
