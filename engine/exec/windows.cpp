#include "engine/exec/windows.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace recast::exec {
namespace {

bool precedes(const OwnedFootprint& a, const OwnedFootprint& b) noexcept {
  if (a.bytes.file != b.bytes.file) return a.bytes.file < b.bytes.file;
  if (a.bytes.rank != b.bytes.rank) return a.bytes.rank < b.bytes.rank;
  for (std::size_t k = 0; k < a.bytes.rank; ++k) {
    const FootprintAxis &x = a.bytes.axes[k], &y = b.bytes.axes[k];
    if (x.stride != y.stride) return x.stride < y.stride;
    if (x.extent != y.extent) return x.extent < y.extent;
  }
  if (a.bytes.base != b.bytes.base) return a.bytes.base < b.bytes.base;
  return a.owner < b.owner;
}

/// Past the last byte of an interval, or of the last run.
std::int64_t end_of(const Footprint& footprint) noexcept {
  std::int64_t end = footprint.base + footprint.run;
  for (std::size_t k = 0; k < footprint.rank; ++k) {
    end += (footprint.axes[k].extent - 1) * footprint.axes[k].stride;
  }
  return end;
}

bool is_interval(const OwnedFootprint& entry) noexcept {
  return entry.bytes.rank == 0;
}

class Joiner {
 public:
  Joiner(std::vector<OwnedFootprint> entries, std::size_t owner_count)
      : entries_(std::move(entries)), root_(owner_count) {
    std::iota(root_.begin(), root_.end(), 0U);
  }

  /// Until nothing joins any more: what has joined may continue an outer axis and meet new
  /// neighbours.
  void join_neighbours() {
    bool joined = entries_.size() > 1;
    while (joined) {
      std::sort(entries_.begin(), entries_.end(), precedes);
      joined =
          fold([](OwnedFootprint& a, const OwnedFootprint& b) { return join(a.bytes, b.bytes); });
      for (OwnedFootprint& each : entries_)
        collapse(each.bytes);
    }
  }

  void bridge_gaps() {
    for (OwnedFootprint& each : entries_)
      read_through_gaps(each.bytes, kCallNbytes);
    join_neighbours();
    fold([](OwnedFootprint& a, const OwnedFootprint& b) {
      if (a.bytes.file != b.bytes.file || !is_interval(a) || !is_interval(b)) return false;
      const std::int64_t gap = b.bytes.base - end_of(a.bytes);
      if (gap > kCallNbytes || gap > std::min(a.bytes.run, b.bytes.run)) return false;
      a.bytes.run = std::max(a.bytes.run, end_of(b.bytes) - a.bytes.base);
      return true;
    });
  }

  /// Takes strided windows into the intervals around them. Intervals come first within a file.
  void absorb() {
    std::vector<OwnedFootprint> kept;
    kept.reserve(entries_.size());
    auto first = kept.begin();  // the intervals of one file
    auto last = first;
    for (const OwnedFootprint& each : entries_) {
      if (is_interval(each)) {
        kept.push_back(each);
        if (first == last || first->bytes.file != each.bytes.file) first = kept.end() - 1;
        last = kept.end();
        continue;
      }
      const auto after = std::upper_bound(first, last, each.bytes.base,
                                          [](std::int64_t base, const OwnedFootprint& interval) {
                                            return base < interval.bytes.base;
                                          });
      const bool inside = after != first && (after - 1)->bytes.file == each.bytes.file &&
                          end_of(each.bytes) <= end_of((after - 1)->bytes);
      if (inside) {
        adopt(*(after - 1), each);
      } else {
        kept.push_back(each);
      }
    }
    entries_ = std::move(kept);
  }

  JoinedWindows result() {
    JoinedWindows out;
    std::vector<std::uint32_t> of_root(root_.size());
    out.windows.reserve(entries_.size());
    for (const OwnedFootprint& each : entries_) {
      of_root[find(each.owner)] = static_cast<std::uint32_t>(out.windows.size());
      out.windows.push_back({each.bytes, pack(each.bytes), 0, false});
    }
    out.of_owner.resize(root_.size());
    for (std::uint32_t i = 0; i < root_.size(); ++i)
      out.of_owner[i] = of_root[find(i)];
    return out;
  }

 private:
  /// Merges each entry into the one before it where `merge` does so; true if any was.
  template <class Merge>
  bool fold(const Merge& merge) {
    if (entries_.size() < 2) return false;
    std::size_t last = 0;
    for (std::size_t i = 1; i < entries_.size(); ++i) {
      if (merge(entries_[last], entries_[i])) {
        adopt(entries_[last], entries_[i]);
      } else {
        entries_[++last] = entries_[i];
      }
    }
    const bool merged = last + 1 < entries_.size();
    entries_.resize(last + 1);
    return merged;
  }

  void adopt(const OwnedFootprint& into, const OwnedFootprint& from) noexcept {
    root_[find(from.owner)] = find(into.owner);
  }

  std::uint32_t find(std::uint32_t i) noexcept {
    while (root_[i] != i) {
      root_[i] = root_[root_[i]];
      i = root_[i];
    }
    return i;
  }

  std::vector<OwnedFootprint> entries_;
  std::vector<std::uint32_t> root_;  // of owners whose footprints have joined
};

}  // namespace

JoinedWindows join_windows(std::vector<OwnedFootprint> footprints, std::size_t owner_count,
                           Gaps gaps) {
  Joiner joiner(std::move(footprints), owner_count);
  joiner.join_neighbours();
  if (gaps == Gaps::Between) joiner.bridge_gaps();
  if (gaps != Gaps::None) joiner.absorb();
  return joiner.result();
}

}  // namespace recast::exec
