#include <utility>

#include "engine/exec/difference.hpp"
#include "engine/exec/element.hpp"
#include "engine/exec/executor.hpp"
#include "engine/exec/stream.hpp"

namespace recast::exec {
namespace {

/// A replica as a copy that is compared instead of written.
plan::Copy as_copy(const plan::Replica& replica) {
  plan::Copy out;
  out.from = replica.kept;
  out.into = replica.other;
  out.logical = replica.logical;
  out.from_offset = replica.kept_offset;
  out.into_offset = replica.other_offset;
  out.box = replica.box;
  out.from_stride = replica.kept_stride;
  out.into_stride = replica.other_stride;
  return out;
}

Diagnostic explain(const plan::Plan& plan, const plan::Copy& copy,
                   const FirstDifference& difference) {
  const plan::PlanTensor& kept = plan.sources[copy.from];
  const plan::PlanTensor& other = plan.sources[copy.into];
  const auto text = [](const plan::PlanTensor& tensor, const std::byte* bytes) {
    return cat(element_text(tensor.dtype, bytes), " (", tensor::dtype_name(tensor.dtype), " ",
               element_bits(tensor.dtype, bytes), ")");
  };
  const auto file = [&](const plan::PlanTensor& tensor) {
    return tensor.file < plan.source_files.size() ? cat(" of ", plan.source_files[tensor.file])
                                                  : std::string();
  };
  return make_diagnostic(
             Code::plan_replica_differs,
             cat(name_element(plan.logical[copy.logical], difference.index), " is ",
                 text(kept, difference.left.data()), " in '", kept.name, "'", file(kept), " but ",
                 text(other, difference.right.data()), " in '", other.name, "'", file(other)))
      .suggest("find out which of the two is right; the first is the one that would be used");
}

}  // namespace

Result<std::uint64_t> check_replicas(const Inputs& inputs, std::uint64_t limit_nbytes,
                                     const Options& options, const std::atomic<bool>* cancel) {
  const plan::Plan& plan = inputs.plan;
  RECAST_ASSIGN(const StreamLimits limits, limits_of(options));
  std::vector<plan::Copy> copies;
  for (const plan::Replica& each : plan.replicas) {
    const auto nbytes = static_cast<std::uint64_t>(tensor::volume(each.box)) *
                        tensor::dtype_nbytes(plan.sources[each.kept].dtype);
    // Copies of one tensor on several ranks were written by one program; that two tensors are the
    // same is only said.
    if (each.tied || nbytes <= limit_nbytes) copies.push_back(as_copy(each));
  }
  const std::vector<plan::Fill> no_fills;
  const std::vector<Tensor> tensors = tensors_of(plan.sources, inputs.source_places);
  const Work work = make_work(copies, no_fills, plan.logical, tensors, tensors);
  std::vector<Differences> differences(plan.logical.size());
  const auto body = [&](const Tile& tile, std::byte* memory) -> Result<void> {
    RECAST_TRY(read_windows(tile.reads, inputs.source_files, memory));
    RECAST_TRY(read_windows(tile.writes, inputs.source_files, memory));
    for (const TilePiece& each : tile.pieces) {
      differences[logical_of(work, each.piece.step)].add(work, tile, each, memory, {});
    }
    return {};
  };
  RECAST_TRY(for_each_tile(work, {false, false}, limits, cancel, body));
  for (const Differences& each : differences) {
    if (each.first()) return explain(plan, copies[each.first()->copy], *each.first());
  }
  return right_nbytes(work);
}

}  // namespace recast::exec
