#include "tests/bench/bench_cases.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/diagnostic.hpp"

namespace recast::bench {
namespace {

using tensor::Box;
using tensor::DType;

// Sizes of a common model of 8 billion parameters.
constexpr std::int64_t kHidden = 4096;
constexpr std::int64_t kFfn = 14336;
constexpr std::int64_t kGroups = 8;
constexpr std::int64_t kRep = 4;
constexpr std::int64_t kDim = 128;
constexpr std::int64_t kRanks = 8;

/// An axis of a part: its range, and its stride in the stored tensor.
struct Range {
  std::int64_t begin;
  std::int64_t end;
  std::int64_t stride;
};

struct Part {
  std::uint32_t logical;
  Box box;
  plan::TensorIndex tensor;
  std::int64_t offset;
  std::array<std::int64_t, tensor::kMaxRank> stride{};
};

/// States both sides as parts of logical tensors and intersects them.
class Builder {
 public:
  explicit Builder(std::string name) { out_.name = std::move(name); }

  std::uint32_t logical(std::vector<std::string> axes) {
    plan::Plan& plan = out_.plan;
    plan.logical.push_back({cat("t", plan.logical.size()), std::move(axes)});
    return static_cast<std::uint32_t>(plan.logical.size() - 1);
  }

  plan::TensorIndex source(std::size_t file, DType dtype, std::int64_t count) {
    while (out_.plan.source_files.size() <= file) {
      out_.plan.source_files.push_back(cat("source-", out_.plan.source_files.size()));
    }
    return add(out_.plan.sources, "s", file, dtype, count);
  }
  plan::TensorIndex target(std::size_t file, DType dtype, std::int64_t count) {
    while (out_.plan.target_files.size() <= file) {
      out_.plan.target_files.push_back({cat("target-", out_.plan.target_files.size()), "", {}, {}});
    }
    return add(out_.plan.targets, "d", file, dtype, count);
  }

  void reads(std::uint32_t logical, plan::TensorIndex tensor, std::int64_t offset,
             const std::vector<Range>& ranges) {
    sources_.push_back(part(logical, tensor, offset, ranges));
  }
  void writes(std::uint32_t logical, plan::TensorIndex tensor, std::int64_t offset,
              const std::vector<Range>& ranges) {
    targets_.push_back(part(logical, tensor, offset, ranges));
  }

  Case make() {
    std::vector<std::vector<const Part*>> by_logical(out_.plan.logical.size());
    for (const Part& each : sources_)
      by_logical[each.logical].push_back(&each);
    for (const Part& target : targets_) {
      for (const Part* source : by_logical[target.logical]) {
        const auto box = tensor::intersect(source->box, target.box);
        if (!box) continue;
        out_.plan.copies.push_back({source->tensor, target.tensor, target.logical,
                                    element_at(*source, *box), element_at(target, *box), *box,
                                    source->stride, target.stride});
      }
    }
    return std::move(out_);
  }

 private:
  static plan::TensorIndex add(std::vector<plan::PlanTensor>& tensors, const char* prefix,
                               std::size_t file, DType dtype, std::int64_t count) {
    const auto index = static_cast<plan::TensorIndex>(tensors.size());
    tensors.push_back({cat(prefix, index), static_cast<std::uint32_t>(file), 0, dtype, {count}});
    return index;
  }

  static Part part(std::uint32_t logical, plan::TensorIndex tensor, std::int64_t offset,
                   const std::vector<Range>& ranges) {
    Part out{logical, {}, tensor, offset, {}};
    out.box.rank = static_cast<std::uint8_t>(ranges.size());
    for (std::size_t k = 0; k < ranges.size(); ++k) {
      out.box.start[k] = ranges[k].begin;
      out.box.extent[k] = ranges[k].end - ranges[k].begin;
      out.stride[k] = ranges[k].stride;
    }
    return out;
  }

  static std::int64_t element_at(const Part& from, const Box& box) {
    std::int64_t out = from.offset;
    for (std::size_t k = 0; k < box.rank; ++k) {
      out += (box.start[k] - from.box.start[k]) * from.stride[k];
    }
    return out;
  }

  Case out_;
  std::vector<Part> sources_;
  std::vector<Part> targets_;
};

std::int64_t layers_of(std::int64_t nbytes, std::int64_t per_layer) {
  return std::max<std::int64_t>(1, (nbytes + per_layer / 2) / per_layer);
}

Case plain_copy(std::int64_t nbytes, const char* name, DType from, DType into) {
  Builder builder(name);
  const auto element = static_cast<std::int64_t>(tensor::dtype_nbytes(from));
  const std::int64_t size = kHidden * kHidden;
  for (std::int64_t i = 0; i < layers_of(nbytes, size * element); ++i) {
    const std::uint32_t t = builder.logical({"hidden"});
    builder.reads(t, builder.source(0, from, size), 0, {{0, size, 1}});
    builder.writes(t, builder.target(0, into, size), 0, {{0, size, 1}});
  }
  return builder.make();
}

/// `hidden ffn` whole against its slices of ffn.
Case row_parallel(std::int64_t nbytes, bool cut) {
  Builder builder(cut ? "row_parallel_cut" : "row_parallel_merge");
  const std::int64_t slice = kFfn / kRanks;
  for (std::int64_t i = 0; i < layers_of(nbytes, kHidden * kFfn * 2); ++i) {
    const std::uint32_t t = builder.logical({"layer", "hidden", "ffn"});
    const std::vector<Range> whole{{i, i + 1, 0}, {0, kHidden, kFfn}, {0, kFfn, 1}};
    if (cut) {
      builder.reads(t, builder.source(0, DType::BF16, kHidden * kFfn), 0, whole);
    } else {
      builder.writes(t, builder.target(0, DType::BF16, kHidden * kFfn), 0, whole);
    }
    for (std::int64_t rank = 0; rank < kRanks; ++rank) {
      const std::vector<Range> part{
          {i, i + 1, 0}, {0, kHidden, slice}, {rank * slice, (rank + 1) * slice, 1}};
      const auto file = static_cast<std::size_t>(rank);
      if (cut) {
        builder.writes(t, builder.target(file, DType::BF16, kHidden * slice), 0, part);
      } else {
        builder.reads(t, builder.source(file, DType::BF16, kHidden * slice), 0, part);
      }
    }
  }
  return builder.make();
}

Case transpose(std::int64_t nbytes, const char* name, DType dtype, std::int64_t rows,
               std::int64_t columns) {
  Builder builder(name);
  const auto element = static_cast<std::int64_t>(tensor::dtype_nbytes(dtype));
  for (std::int64_t i = 0; i < layers_of(nbytes, rows * columns * element); ++i) {
    const std::uint32_t t = builder.logical({"layer", "hidden", "ffn"});
    builder.reads(t, builder.source(0, dtype, rows * columns), 0,
                  {{i, i + 1, 0}, {0, rows, columns}, {0, columns, 1}});
    builder.writes(t, builder.target(0, dtype, rows * columns), 0,
                   {{i, i + 1, 0}, {0, rows, 1}, {0, columns, rows}});
  }
  return builder.make();
}

/// `(group dim [q: rep | k: 1 | v: 1]) hidden` taken apart.
Case grouped_transpose(std::int64_t nbytes) {
  Builder builder("grouped_transpose");
  constexpr std::int64_t kAll = kRep + 2;
  const std::int64_t size = kGroups * kDim * kAll * kHidden;
  for (std::int64_t i = 0; i < layers_of(nbytes, size * 2); ++i) {
    const plan::TensorIndex fused = builder.source(0, DType::BF16, size);
    const std::uint32_t q = builder.logical({"group", "rep", "dim", "hidden"});
    builder.reads(q, fused, 0,
                  {{0, kGroups, kDim * kAll * kHidden},
                   {0, kRep, kHidden},
                   {0, kDim, kAll * kHidden},
                   {0, kHidden, 1}});
    builder.writes(q, builder.target(0, DType::BF16, kGroups * kRep * kDim * kHidden), 0,
                   {{0, kGroups, kRep * kDim * kHidden},
                    {0, kRep, kDim * kHidden},
                    {0, kDim, kHidden},
                    {0, kHidden, 1}});
    for (const std::int64_t place : {kRep, kRep + 1}) {
      const std::uint32_t kv = builder.logical({"group", "dim", "hidden"});
      builder.reads(
          kv, fused, place * kHidden,
          {{0, kGroups, kDim * kAll * kHidden}, {0, kDim, kAll * kHidden}, {0, kHidden, 1}});
      builder.writes(kv, builder.target(0, DType::BF16, kGroups * kDim * kHidden), 0,
                     {{0, kGroups, kDim * kHidden}, {0, kDim, kHidden}, {0, kHidden, 1}});
    }
  }
  return builder.make();
}

/// q, k and v become one tensor per rank; with `hidden_first` the source is `hidden [q | k | v]`,
/// so that it is transposed too.
Case fused_qkv(std::int64_t nbytes, bool hidden_first) {
  Builder builder(hidden_first ? "fused_qkv_transpose" : "fused_qkv");
  constexpr std::int64_t kAll = kRep + 2;
  const std::int64_t columns = kGroups * kAll * kDim;
  const std::int64_t row = hidden_first ? 1 : kHidden;  // stride of dim in the source
  const std::int64_t hidden = hidden_first ? columns : 1;
  for (std::int64_t i = 0; i < layers_of(nbytes, columns * kHidden * 2); ++i) {
    const std::uint32_t q = builder.logical({"group", "rep", "dim", "hidden"});
    const std::uint32_t kv[] = {builder.logical({"group", "dim", "hidden"}),
                                builder.logical({"group", "dim", "hidden"})};
    const auto own = [&](std::int64_t rows) {
      return builder.source(0, DType::BF16, rows * kDim * kHidden);
    };
    const plan::TensorIndex one = hidden_first ? own(kGroups * kAll) : own(kGroups * kRep);
    builder.reads(q, one, 0,
                  {{0, kGroups, kRep * kDim * row},
                   {0, kRep, kDim * row},
                   {0, kDim, row},
                   {0, kHidden, hidden}});
    for (std::int64_t n = 0; n < 2; ++n) {
      builder.reads(kv[n], hidden_first ? one : own(kGroups),
                    hidden_first ? kGroups * (kRep + n) * kDim : 0,
                    {{0, kGroups, kDim * row}, {0, kDim, row}, {0, kHidden, hidden}});
    }
    const std::int64_t each = kGroups / kRanks;
    constexpr std::int64_t kGroupSize = kAll * kDim * kHidden;
    for (std::int64_t rank = 0; rank < kRanks; ++rank) {
      const plan::TensorIndex fused =
          builder.target(static_cast<std::size_t>(rank), DType::BF16, each * kGroupSize);
      const std::int64_t begin = rank * each;
      builder.writes(q, fused, 0,
                     {{begin, begin + each, kGroupSize},
                      {0, kRep, kDim * kHidden},
                      {0, kDim, kHidden},
                      {0, kHidden, 1}});
      for (std::int64_t n = 0; n < 2; ++n) {
        builder.writes(kv[n], fused, (kRep + n) * kDim * kHidden,
                       {{begin, begin + each, kGroupSize}, {0, kDim, kHidden}, {0, kHidden, 1}});
      }
    }
  }
  return builder.make();
}

Case gate_up_cut(std::int64_t nbytes) {
  Builder builder("gate_up_cut");
  const std::int64_t slice = kFfn / kRanks;
  for (std::int64_t i = 0; i < layers_of(nbytes, 2 * kFfn * kHidden * 2); ++i) {
    const std::uint32_t t[] = {builder.logical({"ffn", "hidden"}),
                               builder.logical({"ffn", "hidden"})};
    for (const std::uint32_t each : t) {
      builder.reads(each, builder.source(0, DType::BF16, kFfn * kHidden), 0,
                    {{0, kFfn, kHidden}, {0, kHidden, 1}});
    }
    for (std::int64_t rank = 0; rank < kRanks; ++rank) {
      const plan::TensorIndex fused =
          builder.target(static_cast<std::size_t>(rank), DType::BF16, 2 * slice * kHidden);
      for (std::int64_t n = 0; n < 2; ++n) {
        builder.writes(t[n], fused, n * slice * kHidden,
                       {{rank * slice, (rank + 1) * slice, kHidden}, {0, kHidden, 1}});
      }
    }
  }
  return builder.make();
}

/// Norms and biases: many tensors of 4 KiB, whose order in the target is another one.
Case small_tensors(std::int64_t nbytes) {
  Builder builder("small_tensors");
  const std::int64_t count = nbytes / (2 * 2048);
  std::vector<std::uint32_t> logical;
  for (std::int64_t i = 0; i < count; ++i) {
    logical.push_back(builder.logical({"hidden"}));
    builder.reads(logical.back(), builder.source(0, DType::BF16, 2048), 0, {{0, 2048, 1}});
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t t = logical[static_cast<std::size_t>(i / 2 + (i % 2) * (count / 2))];
    builder.writes(t, builder.target(0, DType::BF16, 2048), 0, {{0, 2048, 1}});
  }
  return builder.make();
}

}  // namespace

std::vector<Case> all_cases(std::int64_t nbytes) {
  std::vector<Case> out;
  out.push_back(plain_copy(nbytes, "plain_copy", DType::BF16, DType::BF16));
  out.push_back(row_parallel(nbytes, true));
  out.push_back(row_parallel(nbytes, false));
  out.push_back(transpose(nbytes, "conv1d_transpose", DType::BF16, kHidden, kFfn));
  out.push_back(transpose(nbytes, "conv1d_transpose_small_fp32", DType::F32, 768, 3072));
  out.push_back(grouped_transpose(nbytes));
  out.push_back(fused_qkv(nbytes, false));
  out.push_back(fused_qkv(nbytes, true));
  out.push_back(gate_up_cut(nbytes));
  out.push_back(plain_copy(nbytes, "cast_fp32_bf16", DType::F32, DType::BF16));
  out.push_back(plain_copy(nbytes, "cast_fp32_fp16", DType::F32, DType::F16));
  out.push_back(small_tensors(nbytes));
  return out;
}

}  // namespace recast::bench
