#include "engine/verify/compare.hpp"

#include <utility>

#include "engine/exec/difference.hpp"
#include "engine/exec/element.hpp"
#include "engine/verify/compare_limited.hpp"

namespace recast::verify {
namespace {

std::string value_text(tensor::DType type, const std::byte* bytes, bool with_type, bool with_bits) {
  std::string out = exec::element_text(type, bytes);
  if (!with_type && !with_bits) return out;
  out += " (";
  if (with_type) out += tensor::dtype_name(type);
  if (with_type && with_bits) out += ' ';
  if (with_bits) out += exec::element_bits(type, bytes);
  return out + ")";
}

TensorVerdict verdict_of(const plan::Plan& plan, std::uint32_t logical,
                         const exec::Differences& differences, bool bitwise) {
  TensorVerdict out;
  out.logical = logical;
  out.elements = differences.elements();
  out.differing = differences.differing();
  out.max_absolute = differences.max_absolute();
  if (!differences.first()) return out;
  const exec::FirstDifference& found = *differences.first();
  const plan::Copy& copy = plan.copies[found.copy];
  const tensor::DType left = plan.sources[copy.from].dtype;
  const tensor::DType right = plan.targets[copy.into].dtype;
  Difference first;
  first.logical = logical;
  first.index = found.index;
  first.left = value_text(left, found.left.data(), left != right, bitwise);
  first.right = value_text(right, found.right.data(), left != right, bitwise);
  first.from = copy.from;
  first.into = copy.into;
  out.first = std::move(first);
  return out;
}

}  // namespace

bool Comparison::equal() const noexcept {
  for (const TensorVerdict& each : verdicts) {
    if (each.differing > 0) return false;
  }
  return true;
}

Result<Comparison> compare_limited(const exec::Inputs& left,
                                   const std::vector<const io::RandomAccessFile*>& right_files,
                                   const std::vector<exec::TensorPlace>& right_places,
                                   const Tolerance& tolerance, const exec::StreamLimits& limits,
                                   const exec::ProgressSink& progress) {
  const plan::Plan& plan = left.plan;
  const std::vector<plan::Fill> no_fills;
  const exec::Work work = exec::make_work(plan.copies, no_fills, plan.logical,
                                          exec::tensors_of(plan.sources, left.source_places),
                                          exec::tensors_of(plan.targets, right_places));
  const exec::Equality equality{tolerance.bitwise, tolerance.absolute, tolerance.relative};
  std::vector<exec::Differences> differences(plan.logical.size());
  std::atomic<std::uint64_t> bytes_read{0};
  exec::Meter meter(exec::right_nbytes(work), progress);
  for (const io::RandomAccessFile* each : left.source_files)
    each->will_read_in_order();
  for (const io::RandomAccessFile* each : right_files)
    each->will_read_in_order();

  const auto body = [&](const exec::Tile& tile, std::byte* memory) -> Result<void> {
    RECAST_ASSIGN(const std::uint64_t from_left,
                  exec::read_windows(tile.reads, left.source_files, memory));
    RECAST_ASSIGN(const std::uint64_t from_right,
                  exec::read_windows(tile.writes, right_files, memory));
    bytes_read.fetch_add(from_left + from_right, std::memory_order_relaxed);
    std::uint64_t nbytes = 0;
    for (const exec::TilePiece& each : tile.pieces) {
      const plan::Copy& copy = plan.copies[each.piece.step];
      differences[copy.logical].add(work, tile, each, memory, equality);
      nbytes += static_cast<std::uint64_t>(tensor::volume(each.piece.box) *
                                           work.right[copy.into].element_nbytes);
    }
    meter.add(nbytes);
    return {};
  };
  RECAST_TRY(exec::for_each_tile(work, {false, false}, limits, nullptr, body));
  meter.finish();

  Comparison out;
  out.bytes_read = bytes_read.load();
  for (std::uint32_t i = 0; i < plan.logical.size(); ++i) {
    out.verdicts.push_back(verdict_of(plan, i, differences[i], tolerance.bitwise));
  }
  return out;
}

Result<Comparison> compare(const exec::Inputs& left,
                           const std::vector<const io::RandomAccessFile*>& right_files,
                           const std::vector<exec::TensorPlace>& right_places,
                           const Tolerance& tolerance, const exec::Options& options,
                           const exec::ProgressSink& progress) {
  RECAST_ASSIGN(const exec::StreamLimits limits, exec::limits_of(options));
  return compare_limited(left, right_files, right_places, tolerance, limits, progress);
}

}  // namespace recast::verify
