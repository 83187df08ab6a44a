#include "tests/property/exec/random_plan.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/base/diagnostic.hpp"

namespace recast::support {
namespace {

using tensor::Box;
using tensor::DType;

constexpr const char* kAxisNames[] = {"layer", "group", "rep", "dim", "hidden", "ffn"};

/// A part of a logical tensor and where it lies in a stored tensor.
struct Cell {
  std::uint32_t logical = 0;
  Box box;
  plan::TensorIndex tensor = 0;
  std::int64_t offset = 0;
  std::array<std::int64_t, tensor::kMaxRank> stride{};
};

class Maker {
 public:
  Maker(std::mt19937_64& random, const RandomShape& shape) : random_(random), shape_(shape) {}

  RandomRun make() {
    make_logical();
    const std::vector<Cell> sources = lay_out_side(true);
    const std::vector<Cell> targets = lay_out_side(false);
    for (const Cell& target : targets)
      solve(target, sources);
    make_replicas(sources);
    place(run_.plan.sources, run_.left, true);
    place(run_.plan.targets, run_.right, false);
    return std::move(run_);
  }

 private:
  std::int64_t pick(std::int64_t from, std::int64_t to) {
    return from + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(to - from + 1));
  }
  bool chance(int percent) { return pick(1, 100) <= percent; }

  void make_logical() {
    // One name may mean different extents in different tensors: runs must not depend on it.
    const std::int64_t count = pick(1, 3);
    for (std::int64_t i = 0; i < count; ++i) {
      std::vector<std::string> axes(std::begin(kAxisNames), std::end(kAxisNames));
      std::shuffle(axes.begin(), axes.end(), random_);
      axes.resize(static_cast<std::size_t>(pick(0, 5)));
      Box box;
      box.rank = static_cast<std::uint8_t>(axes.size());
      for (std::size_t k = 0; k < axes.size(); ++k)
        box.extent[k] = pick(1, shape_.most_extent);
      run_.plan.logical.push_back({cat("t", i), std::move(axes)});
      whole_.push_back(box);
    }
    copied_type_ = pick_type();
  }

  DType pick_type() {
    static constexpr DType kCastable[] = {DType::F16, DType::BF16, DType::F32, DType::F64};
    static constexpr DType kOthers[] = {DType::U8, DType::I16, DType::I32, DType::I64, DType::C128};
    if (shape_.casts) return kCastable[pick(0, 3)];
    return chance(50) ? kCastable[pick(0, 3)] : kOthers[pick(0, 4)];
  }

  /// Cuts a box into a grid along some axes.
  std::vector<Box> cut(const Box& box) {
    std::vector<Box> cells{box};
    for (std::size_t k = 0; k < box.rank; ++k) {
      if (!chance(35) || box.extent[k] < 2) continue;
      const std::int64_t parts = pick(2, std::min<std::int64_t>(3, box.extent[k]));
      std::vector<Box> next;
      for (const Box& each : cells) {
        for (std::int64_t p = 0; p < parts; ++p) {
          const std::int64_t begin = each.extent[k] * p / parts;
          const std::int64_t end = each.extent[k] * (p + 1) / parts;
          Box part = each;
          part.start[k] += begin;
          part.extent[k] = end - begin;
          next.push_back(part);
        }
      }
      cells = std::move(next);
    }
    return cells;
  }

  std::vector<Cell> lay_out_side(bool is_source) {
    std::vector<Cell> cells;
    for (std::uint32_t i = 0; i < whole_.size(); ++i) {
      Box box = whole_[i];
      if (!is_source && box.rank > 0 && chance(25)) box.extent[0] += pick(1, 2);  // padding
      const int copies = !is_source && chance(20) ? 2 : 1;                        // replicas
      for (int n = 0; n < copies; ++n) {
        for (const Box& each : cut(box))
          cells.push_back({i, each, 0, 0, {}});
      }
    }
    std::shuffle(cells.begin(), cells.end(), random_);
    std::vector<plan::PlanTensor>& tensors = is_source ? run_.plan.sources : run_.plan.targets;
    for (std::size_t at = 0; at < cells.size();) {
      const std::size_t count = std::min(cells.size() - at, static_cast<std::size_t>(pick(1, 4)));
      const auto index = static_cast<plan::TensorIndex>(tensors.size());
      const std::int64_t nelements =
          chance(50) ? concatenate(cells, at, count, is_source) : interleave(cells, at, count);
      for (std::size_t i = at; i < at + count; ++i)
        cells[i].tensor = index;
      tensors.push_back({cat(is_source ? "s" : "d", index),
                         0,
                         0,
                         shape_.casts ? pick_type() : copied_type_,
                         {nelements}});
      at += count;
    }
    return cells;
  }

  /// Row-major strides of a cell's axes in a random order; `unit` elements stand for one.
  std::int64_t pack(Cell& cell, std::int64_t unit, bool may_repeat) {
    std::vector<std::size_t> order(cell.box.rank);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (chance(60)) std::shuffle(order.begin(), order.end(), random_);
    std::int64_t stride = unit;
    for (std::size_t k = order.size(); k-- > 0;) {
      if (may_repeat && chance(5)) continue;  // stride 0: the same element all along the axis
      cell.stride[order[k]] = stride;
      stride *= cell.box.extent[order[k]];
      if (!shape_.whole_targets && chance(10)) stride += pick(1, 3);
    }
    return stride;
  }

  /// One after the other.
  std::int64_t concatenate(std::vector<Cell>& cells, std::size_t at, std::size_t count,
                           bool is_source) {
    std::int64_t size = 0;
    for (std::size_t i = at; i < at + count; ++i) {
      cells[i].offset = size;
      size += pack(cells[i], 1, is_source);
    }
    return size;
  }

  /// Side by side below one common outer axis, for cells whose outermost axes have one extent; else
  /// one after the other.
  std::int64_t interleave(std::vector<Cell>& cells, std::size_t at, std::size_t count) {
    const auto outer = [&](std::size_t i) {
      return cells[i].box.rank == 0 ? 0 : cells[i].box.extent[0];
    };
    for (std::size_t i = at; i < at + count; ++i) {
      if (outer(i) == 0 || outer(i) != outer(at)) return concatenate(cells, at, count, false);
    }
    std::int64_t size = 0;
    for (std::size_t i = at; i < at + count; ++i) {
      Cell inner = cells[i];
      inner.box.extent[0] = 1;
      cells[i].offset = size;
      size += pack(inner, 1, false);
      cells[i].stride = inner.stride;
    }
    for (std::size_t i = at; i < at + count; ++i)
      cells[i].stride[0] = size;
    return size * outer(at);
  }

  static std::int64_t element_at(const Cell& cell, const Box& part) {
    std::int64_t out = cell.offset;
    for (std::size_t k = 0; k < part.rank; ++k) {
      out += (part.start[k] - cell.box.start[k]) * cell.stride[k];
    }
    return out;
  }

  void solve(const Cell& target, const std::vector<Cell>& sources) {
    for (const Cell& source : sources) {
      if (source.logical != target.logical) continue;
      if (!shape_.whole_targets && chance(5)) continue;  // a part that nobody wants
      const auto part = tensor::intersect(source.box, target.box);
      if (!part) continue;
      run_.plan.copies.push_back({source.tensor, target.tensor, source.logical,
                                  element_at(source, *part), element_at(target, *part), *part,
                                  source.stride, target.stride});
    }
    const bool is_complex = run_.plan.targets[target.tensor].dtype == DType::C128;
    for (const Box& part : tensor::subtract(target.box, whole_[target.logical])) {
      run_.plan.fills.push_back({target.tensor, target.logical, element_at(target, part), part,
                                 target.stride,
                                 is_complex ? 0.0 : static_cast<double>(pick(0, 9))});
    }
  }

  void make_replicas(const std::vector<Cell>& sources) {
    for (const Cell& source : sources) {
      if (!chance(30)) continue;
      // A tensor of the same layout elsewhere; its bytes are made equal by place().
      const plan::PlanTensor kept = run_.plan.sources[source.tensor];
      const auto other = static_cast<plan::TensorIndex>(run_.plan.sources.size());
      run_.plan.sources.push_back(kept);
      run_.plan.sources.back().name = cat("s", other);
      run_.plan.replicas.push_back({source.tensor, other, source.logical, source.offset,
                                    source.offset, source.box, source.stride, source.stride});
    }
  }

  void place(std::vector<plan::PlanTensor>& tensors, ReferenceSide& side, bool is_source) {
    side.files.resize(static_cast<std::size_t>(pick(1, 3)));
    std::vector<std::size_t> order(tensors.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), random_);
    side.file_of.resize(tensors.size());
    side.offsets.resize(tensors.size());
    for (const std::size_t i : order) {
      plan::PlanTensor& tensor = tensors[i];
      tensor.file =
          static_cast<std::uint32_t>(pick(0, static_cast<std::int64_t>(side.files.size()) - 1));
      std::string& file = side.files[tensor.file];
      if (chance(40)) file.append(static_cast<std::size_t>(pick(1, 100)), '\x5a');
      side.file_of[i] = tensor.file;
      side.offsets[i] = file.size();
      const std::size_t nbytes =
          static_cast<std::size_t>(tensor.shape[0]) * tensor::dtype_nbytes(tensor.dtype);
      for (std::size_t n = 0; n < nbytes; ++n) {
        file += is_source ? static_cast<char>(random_()) : '\x5a';
      }
    }
    if (!is_source) return;
    for (const plan::Replica& each : run_.plan.replicas) {
      const plan::PlanTensor& kept = run_.plan.sources[each.kept];
      const std::size_t nbytes =
          static_cast<std::size_t>(kept.shape[0]) * tensor::dtype_nbytes(kept.dtype);
      const std::string bytes =
          side.files[side.file_of[each.kept]].substr(side.offsets[each.kept], nbytes);
      side.files[side.file_of[each.other]].replace(side.offsets[each.other], nbytes, bytes);
    }
  }

  std::mt19937_64& random_;
  const RandomShape shape_;
  RandomRun run_;
  std::vector<Box> whole_;
  DType copied_type_ = DType::F32;
};

}  // namespace

RandomRun random_run(std::mt19937_64& random, const RandomShape& shape) {
  return Maker(random, shape).make();
}

}  // namespace recast::support
