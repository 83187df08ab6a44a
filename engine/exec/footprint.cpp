#include "engine/exec/footprint.hpp"

#include <algorithm>

namespace recast::exec {
namespace {

constexpr std::int64_t kLineNbytes = 64;
constexpr std::int64_t kPageNbytes = 4096;

void drop_axis(Footprint& footprint, std::size_t at) noexcept {
  for (std::size_t k = at; k + 1 < footprint.rank; ++k)
    footprint.axes[k] = footprint.axes[k + 1];
  --footprint.rank;
}

/// Bytes from the first to past the last.
std::int64_t span_of(const Footprint& footprint) noexcept {
  std::int64_t span = footprint.run;
  for (std::size_t k = 0; k < footprint.rank; ++k) {
    span += (footprint.axes[k].extent - 1) * footprint.axes[k].stride;
  }
  return span;
}

bool is_nested(const Footprint& footprint) noexcept {
  std::int64_t span = footprint.run;
  for (std::size_t k = footprint.rank; k-- > 0;) {
    if (footprint.axes[k].stride < span) return false;
    span += (footprint.axes[k].extent - 1) * footprint.axes[k].stride;
  }
  return true;
}

}  // namespace

std::int64_t run_count(const Footprint& footprint) noexcept {
  std::int64_t count = 1;
  for (std::size_t k = 0; k < footprint.rank; ++k)
    count *= footprint.axes[k].extent;
  return count;
}

std::int64_t covered_nbytes(const Footprint& footprint) noexcept {
  return run_count(footprint) * footprint.run;
}

void collapse(Footprint& footprint) noexcept {
  while (footprint.rank > 0) {
    const FootprintAxis& inner = footprint.axes[footprint.rank - 1U];
    if (inner.stride != footprint.run) break;
    footprint.run *= inner.extent;
    --footprint.rank;
  }
  for (std::size_t k = footprint.rank; k-- > 1;) {
    FootprintAxis& outer = footprint.axes[k - 1];
    const FootprintAxis& inner = footprint.axes[k];
    if (outer.stride != inner.extent * inner.stride) continue;
    outer = {outer.extent * inner.extent, inner.stride};
    drop_axis(footprint, k);
  }
}

Footprint footprint_of(std::uint32_t file, std::int64_t at, std::int64_t element_nbytes,
                       std::span<const std::int64_t> extents,
                       std::span<const std::int64_t> strides) noexcept {
  Footprint out;
  out.file = file;
  out.base = at;
  out.run = element_nbytes;
  for (std::size_t k = 0; k < extents.size(); ++k) {
    std::int64_t stride = strides[k] * element_nbytes;
    if (extents[k] == 1 || stride == 0) continue;
    if (stride < 0) {
      out.base += (extents[k] - 1) * stride;
      stride = -stride;
    }
    std::size_t place = out.rank++;
    for (; place > 0 && out.axes[place - 1].stride < stride; --place) {
      out.axes[place] = out.axes[place - 1];
    }
    out.axes[place] = {extents[k], stride};
  }
  if (!is_nested(out)) {
    out.run = span_of(out);
    out.rank = 0;
  }
  collapse(out);
  return out;
}

bool join(Footprint& a, const Footprint& b) noexcept {
  if (a.file != b.file || a.rank != b.rank || b.base > a.base + a.run) return false;
  if (!std::equal(a.axes.begin(), a.axes.begin() + a.rank, b.axes.begin())) return false;
  const std::int64_t run = std::max(a.run, b.base - a.base + b.run);
  if (a.rank > 0 && run > a.axes[a.rank - 1U].stride) return false;
  a.run = run;
  return true;
}

void read_through_gaps(Footprint& footprint, std::int64_t gap_nbytes) noexcept {
  while (footprint.rank > 0) {
    const FootprintAxis inner = footprint.axes[footprint.rank - 1U];
    const std::int64_t gap = inner.stride - footprint.run;
    if (gap > gap_nbytes || gap > footprint.run) return;
    footprint.run += (inner.extent - 1) * inner.stride;
    --footprint.rank;
    collapse(footprint);
  }
}

Packing pack(const Footprint& footprint) noexcept {
  Packing out;
  out.nbytes = footprint.run;
  for (std::size_t k = footprint.rank; k-- > 0;) {
    std::int64_t stride = out.nbytes;
    if (k + 1U == footprint.rank && stride >= kLineNbytes) {
      stride = (stride + kLineNbytes - 1) / kLineNbytes * kLineNbytes;
      if (stride % kPageNbytes == 0) stride += kLineNbytes;
    }
    out.stride[k] = stride;
    out.nbytes = stride * footprint.axes[k].extent;
  }
  return out;
}

std::int64_t packed_distance(const Footprint& footprint, const Packing& packing,
                             std::int64_t distance) noexcept {
  const std::int64_t sign = distance < 0 ? -1 : 1;
  std::int64_t rest = distance * sign;
  std::int64_t packed = 0;
  for (std::size_t k = 0; k < footprint.rank; ++k) {
    packed += rest / footprint.axes[k].stride * packing.stride[k];
    rest %= footprint.axes[k].stride;
  }
  return sign * (packed + rest);
}

}  // namespace recast::exec
