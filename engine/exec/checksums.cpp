#include "engine/exec/checksums.hpp"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>

namespace recast::exec {
namespace {

/// Shifts CRCs by distances, most of which repeat (rows of one stride).
class Shifter {
 public:
  std::uint32_t shift(std::uint32_t crc, std::int64_t nbytes) {
    if (nbytes == 0) return crc;
    if (nbytes != last_nbytes_) {
      operator_ = crc32_combine_gen(static_cast<z_off_t>(nbytes));
      last_nbytes_ = nbytes;
    }
    return static_cast<std::uint32_t>(crc32_combine_op(crc, 0, operator_));
  }

 private:
  std::int64_t last_nbytes_ = 0;
  uLong operator_ = 0;
};

/// Parts of one tensor as they come by rising addresses, summed up to the end of the last.
struct Pending {
  std::uint32_t crc = 0;
  std::int64_t end = -1;
};

}  // namespace

Checksums::Checksums(const Work& work, const std::vector<std::int64_t>& element_counts,
                     const std::vector<bool>& wanted_by_file) {
  files_.resize(wanted_by_file.size());
  if (std::find(wanted_by_file.begin(), wanted_by_file.end(), true) == wanted_by_file.end()) return;
  count_ = work.right.size();
  sums_ = std::make_unique<std::atomic<std::uint32_t>[]>(count_);
  for (std::uint32_t i = 0; i < count_; ++i) {
    const Tensor& tensor = work.right[i];
    const std::int64_t nbytes = element_counts[i] * tensor.element_nbytes;
    if (!wanted_by_file[tensor.file] || nbytes == 0) continue;
    files_[tensor.file].push_back({tensor.byte_offset, tensor.byte_offset + nbytes, i});
  }
  for (std::vector<Extent>& extents : files_) {
    std::sort(extents.begin(), extents.end(),
              [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  }
}

void Checksums::add(const Window& window, const std::byte* memory) {
  if (count_ == 0 || files_[window.bytes.file].empty()) return;
  const std::vector<Extent>& extents = files_[window.bytes.file];
  auto extent = std::upper_bound(extents.begin(), extents.end(), window.bytes.base,
                                 [](std::int64_t at, const Extent& each) { return at < each.end; });
  Shifter by_stride;
  Shifter to_end;
  Pending pending;
  const auto flush = [&] {
    if (pending.end < 0) return;
    sums_[extent->tensor].fetch_xor(to_end.shift(pending.crc, extent->end - pending.end),
                                    std::memory_order_relaxed);
    pending = {};
  };
  for_each_run(window.bytes, window.packing, [&](std::int64_t at, std::int64_t place) {
    const std::byte* bytes = memory + window.place + place;
    const std::int64_t end = at + window.bytes.run;
    while (at < end) {
      while (at >= extent->end) {
        flush();
        ++extent;
      }
      const std::int64_t nbytes = std::min(end, extent->end) - at;
      const std::uint32_t crc = libdeflate_crc32(0, bytes, static_cast<std::size_t>(nbytes));
      if (pending.end >= 0) pending.crc = by_stride.shift(pending.crc, at + nbytes - pending.end);
      pending.crc ^= crc;
      pending.end = at + nbytes;
      at += nbytes;
      bytes += nbytes;
    }
    return true;
  });
  flush();
}

std::vector<std::uint32_t> Checksums::values() const {
  std::vector<std::uint32_t> out(count_);
  for (std::size_t i = 0; i < count_; ++i)
    out[i] = sums_[i].load(std::memory_order_relaxed);
  return out;
}

}  // namespace recast::exec
