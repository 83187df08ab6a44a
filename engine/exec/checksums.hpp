#pragma once
// CRC-32 of target tensors whose bytes are written in any order by several threads.
//
// A CRC is linear: the CRC of a whole is the sum (exclusive or) of its parts' CRCs, each shifted by
// the number of bytes that follow it. So one word per tensor is all that is kept, however its bytes
// arrive; nothing waits for a neighbour.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/exec/tile.hpp"

namespace recast::exec {

class Checksums {
 public:
  /// For the right tensors of the files that want it; `element_counts` is parallel to work.right.
  Checksums(const Work& work, const std::vector<std::int64_t>& element_counts,
            const std::vector<bool>& wanted_by_file);

  /// Takes a window's bytes in; each byte of a tensor must come exactly once. Thread-safe.
  void add(const Window& window, const std::byte* memory);

  /// One value per right tensor (0 where not wanted); empty if no file wants it.
  std::vector<std::uint32_t> values() const;

 private:
  struct Extent {
    std::int64_t begin = 0;  // byte offsets in the file
    std::int64_t end = 0;
    std::uint32_t tensor = 0;
  };

  std::vector<std::vector<Extent>> files_;  // per right file, sorted; empty where not wanted
  std::size_t count_ = 0;
  std::unique_ptr<std::atomic<std::uint32_t>[]> sums_;
};

}  // namespace recast::exec
