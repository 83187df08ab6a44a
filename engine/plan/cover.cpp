#include "engine/plan/cover.hpp"

#include <algorithm>
#include <set>

namespace recast::plan {
namespace {

using Axes = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// Distance from a box's first address to its last.
std::int64_t reach(const Axes& axes, std::size_t from) {
  std::int64_t out = 0;
  for (std::size_t i = from; i < axes.size(); ++i)
    out += axes[i].first * (axes[i].second - 1);
  return out;
}

std::int64_t volume(const StridedBox& box) {
  std::int64_t out = 1;
  for (const auto& [stride, extent] : box.axes)
    out *= extent;
  return out;
}

/// A box folded over blocks of one size: the same inner box in each of `count` blocks from `block`
/// on.
struct Folded {
  std::int64_t block = 0, count = 1;
  StridedBox inner;
};

/// Leaves `steps` of the outermost axis.
void set_outer(StridedBox& box, std::int64_t steps) {
  if (steps == 1)
    box.axes.erase(box.axes.begin());
  else
    box.axes.front().second = steps;
}

/// Cuts a box wherever it crosses from one block into the next; each piece repeats in `count`
/// blocks.
void fold(StridedBox box, std::int64_t count, std::int64_t block_size, std::vector<Folded>& out) {
  while (true) {
    const std::int64_t block = box.offset / block_size, start = box.offset % block_size;
    const auto put = [&](StridedBox piece, std::int64_t blocks) {
      piece.offset = start;
      out.push_back({block, blocks, std::move(piece)});
    };
    if (start + reach(box.axes, 0) < block_size) return put(std::move(box), count);
    const auto [stride, extent] = box.axes.front();
    const std::int64_t inner = reach(box.axes, 1);
    StridedBox piece = box;
    std::int64_t steps = 0;
    if (const std::int64_t each = block_size / stride; count == 1 && start == 0 &&
                                                       each * stride == block_size &&
                                                       inner < stride && extent >= each) {
      steps = extent / each * each;  // the same in all the blocks that it passes
      set_outer(piece, each);
      put(std::move(piece), extent / each);
    } else if (const std::int64_t room = block_size - 1 - start - inner; room >= 0) {
      steps = std::min(extent, room / stride + 1);  // those that stay in this block
      set_outer(piece, steps);
      put(std::move(piece), count);
    } else {
      steps = 1;  // even one crosses
      set_outer(piece, 1);
      fold(std::move(piece), count, block_size, out);
    }
    if (steps == extent) return;
    box.offset += steps * stride;
    set_outer(box, extent - steps);
  }
}

/// Boxes without an axis but of stride 1.
bool runs_cover(const std::vector<StridedBox>& boxes, std::int64_t size) {
  std::vector<std::pair<std::int64_t, std::int64_t>> runs;
  for (const StridedBox& box : boxes)
    runs.emplace_back(box.offset, volume(box));
  std::sort(runs.begin(), runs.end());
  std::int64_t end = 0;
  for (const auto& [begin, nelements] : runs) {
    if (begin != end) return false;
    end += nelements;
  }
  return end == size;
}

}  // namespace

StridedBox::StridedBox(std::int64_t begin, const tensor::Box& box,
                       const std::array<std::int64_t, tensor::kMaxRank>& stride)
    : offset(begin) {
  for (std::size_t i = 0; i < box.rank; ++i)
    if (box.extent[i] != 1) axes.emplace_back(stride[i], box.extent[i]);
  std::sort(axes.rbegin(), axes.rend());
  // Neighbours that run on into each other are one axis.
  for (std::size_t i = axes.size(); i-- > 1;)
    if (axes[i - 1].first == axes[i].first * axes[i].second) {
      axes[i].second *= axes[i - 1].second;
      axes.erase(axes.begin() + static_cast<std::ptrdiff_t>(i) - 1);
    }
}

bool covers_exactly(std::vector<StridedBox> boxes, std::int64_t size) {
  std::int64_t total = 0, block_size = 1;
  for (const StridedBox& box : boxes) {
    if (box.offset < 0 || box.offset + reach(box.axes, 0) >= size) return false;
    for (const auto& [stride, extent] : box.axes)
      if (stride < 1 || extent < 1) return false;
    total += volume(box);
    if (!box.axes.empty()) block_size = std::max(block_size, box.axes.front().first);
  }
  if (total != size) return false;
  if (block_size == 1) return runs_cover(boxes, size);
  // Seen in blocks of the greatest stride, every box is a box inside the block, in some blocks that
  // follow each other.
  std::vector<Folded> folded;
  for (StridedBox& box : boxes) {
    std::int64_t count = 1;
    if (!box.axes.empty() && box.axes.front().first == block_size) {
      count = box.axes.front().second;
      box.axes.erase(box.axes.begin());
    }
    fold(std::move(box), count, block_size, folded);
  }
  std::vector<std::int64_t> ends{0, (size + block_size - 1) / block_size};
  if (size % block_size != 0) ends.push_back(size / block_size);
  for (const Folded& box : folded) {
    ends.push_back(box.block);
    ends.push_back(box.block + box.count);
  }
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  std::set<std::vector<std::size_t>> known;  // what covers a whole block
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    std::vector<std::size_t> here;
    for (std::size_t k = 0; k < folded.size(); ++k)
      if (folded[k].block <= ends[i] && ends[i] < folded[k].block + folded[k].count)
        here.push_back(k);
    const std::int64_t inner_size = std::min(block_size, size - ends[i] * block_size);
    if (inner_size == block_size && known.contains(here)) continue;
    std::vector<StridedBox> inner;
    for (const std::size_t k : here)
      inner.push_back(folded[k].inner);
    if (!covers_exactly(std::move(inner), inner_size)) return false;
    if (inner_size == block_size) known.insert(std::move(here));
  }
  return true;
}

}  // namespace recast::plan
