#include "engine/exec/executor.hpp"

#include <memory>
#include <utility>

#include "engine/exec/checksums.hpp"
#include "engine/exec/element.hpp"
#include "engine/exec/overflow.hpp"
#include "engine/exec/run_limited.hpp"
#include "engine/exec/select.hpp"

namespace recast::exec {
namespace {

// Dirty pages of a file are offered to the disk in stretches of this many bytes, so that it has
// work while tiles are made.
constexpr std::uint64_t kWritebackNbytes = 16ULL << 20;

std::vector<std::int64_t> element_counts(const std::vector<plan::PlanTensor>& tensors) {
  std::vector<std::int64_t> out;
  out.reserve(tensors.size());
  for (const plan::PlanTensor& each : tensors) {
    std::int64_t count = 1;
    for (const std::int64_t extent : each.shape)
      count *= extent;
    out.push_back(count);
  }
  return out;
}

Result<void> check_casts(const plan::Plan& plan) {
  for (const plan::Copy& copy : plan.copies) {
    const plan::PlanTensor& from = plan.sources[copy.from];
    const plan::PlanTensor& into = plan.targets[copy.into];
    if (from.dtype == into.dtype) continue;
    if (tensor::is_castable(from.dtype) && tensor::is_castable(into.dtype)) continue;
    return make_diagnostic(Code::plan_cannot_cast,
                           cat("'", from.name, "' is '", tensor::dtype_name(from.dtype),
                               "', which cannot be cast to the '", tensor::dtype_name(into.dtype),
                               "' of '", into.name, "'"))
        .suggest("keep the type of this tensor");
  }
  for (const plan::Fill& fill : plan.fills) {
    const plan::PlanTensor& into = plan.targets[fill.into];
    if (encode_element(into.dtype, fill.value)) continue;
    return make_diagnostic(Code::plan_cannot_cast,
                           cat("'", into.name, "' is '", tensor::dtype_name(into.dtype),
                               "', which has no value ", fill.value, " to fill it with"));
  }
  return {};
}

/// One run: what all workers share.
class Run {
 public:
  Run(const Inputs& inputs, const Outputs& outputs, const Options& options,
      const ProgressSink& progress)
      : inputs_(inputs),
        outputs_(outputs),
        options_(options),
        work_(make_work(inputs.plan.copies, inputs.plan.fills, inputs.plan.logical,
                        tensors_of(inputs.plan.sources, inputs.source_places),
                        tensors_of(inputs.plan.targets, outputs.target_places))),
        checksums_(work_, element_counts(inputs.plan.targets), outputs.wants_crc),
        meter_(right_nbytes(work_), progress),
        unhinted_(std::make_unique<std::atomic<std::uint64_t>[]>(outputs.target_files.size())) {}

  Result<Outcome> operator()(const StreamLimits& limits, const std::atomic<bool>* cancel) {
    for (const io::RandomAccessFile* each : inputs_.source_files)
      each->will_read_in_order();
    const TileRules rules{options_.read_in_place, true};
    RECAST_ASSIGN(
        const std::uint64_t peak,
        for_each_tile(work_, rules, limits, cancel, [this](const Tile& tile, std::byte* memory) {
          return run_tile(tile, memory);
        }));
    if (refuses()) return overflows_.explain(inputs_.plan);
    meter_.finish();
    Outcome out;
    out.bytes_read = bytes_read_.load();
    out.bytes_written = bytes_written_.load();
    out.peak_buffer_nbytes = peak;
    out.overflows = overflows_.count();
    out.crc32 = checksums_.values();
    return out;
  }

 private:
  /// After an overflow nothing more is written, but what remains is cast all the same: the message
  /// says how many there are, and the same first one whatever the order of the tiles.
  bool refuses() const noexcept { return !options_.allow_overflow && overflows_.count() > 0; }

  bool casts(const TilePiece& piece) const noexcept {
    if (is_fill(work_, piece.piece.step)) return false;
    const plan::Copy& copy = inputs_.plan.copies[piece.piece.step];
    return work_.left[copy.from].dtype != work_.right[copy.into].dtype;
  }

  Result<void> run_tile(const Tile& tile, std::byte* memory) {
    if (refuses()) {
      bool any = false;
      for (const TilePiece& each : tile.pieces)
        any = any || casts(each);
      if (!any) return {};
    }
    check_coverage(tile);
    RECAST_ASSIGN(const std::uint64_t nbytes,
                  read_windows(tile.reads, inputs_.source_files, memory));
    bytes_read_.fetch_add(nbytes, std::memory_order_relaxed);
    for (const TilePiece& each : tile.pieces) {
      if (is_fill(work_, each.piece.step)) {
        fill(tile, each, memory);
      } else if (!each.in_place) {
        move(tile, each, memory);
      }
    }
    if (refuses()) return {};
    for (const Window& each : tile.writes)
      RECAST_TRY(write(each, memory));
    return {};
  }

  /// A window is written whole, so that the pieces must fill it: the plan's copies are disjoint,
  /// their volumes add up.
  void check_coverage(const Tile& tile) const {
    std::vector<std::int64_t> missing(tile.writes.size());
    for (std::size_t i = 0; i < missing.size(); ++i) {
      missing[i] = covered_nbytes(tile.writes[i].bytes);
    }
    for (const TilePiece& each : tile.pieces) {
      missing[each.write] -= tensor::volume(each.piece.box) *
                             work_.right[right_of(work_, each.piece.step)].element_nbytes;
    }
    for (const std::int64_t each : missing) {
      RECAST_CHECK(each == 0, "the steps of a plan do not overlap on the target's side");
    }
  }

  void move(const Tile& tile, const TilePiece& piece, std::byte* memory) {
    const plan::Copy& copy = inputs_.plan.copies[piece.piece.step];
    const Placement from = left_placement(work_, tile, piece);
    const Placement into = right_placement(work_, tile, piece);
    std::array<MoveAxis, tensor::kMaxRank> axes;
    const tensor::Box& box = piece.piece.box;
    for (std::size_t k = 0; k < box.rank; ++k) {
      axes[k] = {box.extent[k], into.stride[k], from.stride[k]};
    }
    const Move chosen = select_move(work_.left[copy.from].dtype, work_.right[copy.into].dtype,
                                    axes.data(), box.rank, kernel_table(), options_.merge_axes);
    const std::uint64_t overflows = run_move(chosen, memory + into.place, memory + from.place);
    if (overflows > 0) overflows_.add(work_, tile, piece, memory, overflows);
  }

  void fill(const Tile& tile, const TilePiece& piece, std::byte* memory) const {
    const plan::Fill& fill = inputs_.plan.fills[piece.piece.step - inputs_.plan.copies.size()];
    const Tensor& tensor = work_.right[fill.into];
    const Placement into = right_placement(work_, tile, piece);
    std::array<MoveAxis, tensor::kMaxRank> axes;
    const tensor::Box& box = piece.piece.box;
    for (std::size_t k = 0; k < box.rank; ++k)
      axes[k] = {box.extent[k], into.stride[k], 0};
    const auto value = encode_element(tensor.dtype, fill.value);
    fill_elements(memory + into.place, axes.data(), box.rank, value->data(),
                  static_cast<std::size_t>(tensor.element_nbytes));
  }

  Result<void> write(const Window& window, const std::byte* memory) {
    checksums_.add(window, memory);
    io::OutputFile& file = *outputs_.target_files[window.bytes.file];
    const auto run = static_cast<std::size_t>(window.bytes.run);
    Result<void> outcome;
    for_each_run(window.bytes, window.packing, [&](std::int64_t at, std::int64_t place) {
      outcome = file.write(static_cast<std::uint64_t>(at), {memory + window.place + place, run});
      return outcome.has_value();
    });
    if (!outcome) return outcome;
    const auto nbytes = static_cast<std::uint64_t>(covered_nbytes(window.bytes));
    bytes_written_.fetch_add(nbytes, std::memory_order_relaxed);
    meter_.add(nbytes);
    std::atomic<std::uint64_t>& unhinted = unhinted_[window.bytes.file];
    if (unhinted.fetch_add(nbytes, std::memory_order_relaxed) + nbytes >= kWritebackNbytes) {
      unhinted.store(0, std::memory_order_relaxed);
      file.start_writeback();
    }
    return {};
  }

  const Inputs& inputs_;
  const Outputs& outputs_;
  const Options& options_;
  const Work work_;
  Checksums checksums_;
  OverflowLog overflows_;
  Meter meter_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> unhinted_;  // per target file
  std::atomic<std::uint64_t> bytes_read_{0};
  std::atomic<std::uint64_t> bytes_written_{0};
};

}  // namespace

Result<Outcome> run_limited(const Inputs& inputs, const Outputs& outputs, const Options& options,
                            const StreamLimits& limits, const ProgressSink& progress,
                            const std::atomic<bool>* cancel) {
  RECAST_TRY(check_casts(inputs.plan));
  return Run(inputs, outputs, options, progress)(limits, cancel);
}

Result<Outcome> run(const Inputs& inputs, const Outputs& outputs, const Options& options,
                    const ProgressSink& progress, const std::atomic<bool>* cancel) {
  RECAST_ASSIGN(const StreamLimits limits, limits_of(options));
  return run_limited(inputs, outputs, options, limits, progress, cancel);
}

}  // namespace recast::exec
