#pragma once
// Reads small pieces of a file with few calls: neighbours come out of one buffer.

#include <vector>

#include "engine/base/result.hpp"
#include "engine/io/file_system.hpp"

namespace recast::formats {

/// The bytes of a file that were read last. Not thread-safe; the file must outlive it.
class ReadWindow {
 public:
  explicit ReadWindow(const io::RandomAccessFile& file) : file_(file) {}

  /// `nbytes` bytes from `offset`, valid until the next call. Reads up to `ahead` bytes when it has
  /// to read at all, and a small file whole. The range must lie inside the file. Errors:
  /// io.read-failed.
  Result<std::span<const std::byte>> view(std::uint64_t offset, std::uint64_t nbytes,
                                          std::uint64_t ahead = 0);

 private:
  const io::RandomAccessFile& file_;
  std::vector<std::byte> bytes_;
  std::uint64_t begin_ = 0;
};

}  // namespace recast::formats
