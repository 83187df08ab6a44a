#pragma once
// The layout of a zip archive as PyTorch writes it, byte for byte, computed from names and sizes
// alone (FORMAT.md, "Writing").

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/io/file_system.hpp"

namespace recast::formats {

/// Where one record lies.
struct ZipSlot {
  std::string name;  // with the archive's prefix
  std::uint64_t nbytes = 0;
  std::uint64_t header_offset = 0;
  std::uint64_t payload_offset = 0;  // a multiple of 64
};

/// Immutable.
class ZipLayout {
 public:
  /// Lays out an archive record by record.
  class Builder {
   public:
    explicit Builder(std::string prefix) : prefix_(std::move(prefix)) {}
    /// Names must differ, be ASCII and fit 16 bits with their prefix. Returns the index of the
    /// record.
    std::size_t add(std::string_view name, std::uint64_t nbytes);
    ZipLayout finish() &&;

   private:
    std::string prefix_;
    std::vector<ZipSlot> slots_;
    std::uint64_t end_ = 0;
  };

  const std::vector<ZipSlot>& slots() const noexcept { return slots_; }
  std::uint64_t nbytes() const noexcept { return nbytes_; }

  /// Writes headers, paddings, descriptors, directory and end records. `crc32` holds one value per
  /// record; `payloads` those payloads that are to be written with them (empty: somebody else
  /// writes it, or the record is empty). Errors: those of OutputFile::write.
  Result<void> write(io::OutputFile& file, std::span<const std::uint32_t> crc32,
                     std::span<const std::string_view> payloads) const;

 private:
  explicit ZipLayout(std::vector<ZipSlot> slots, std::uint64_t directory_offset);
  std::string directory(std::span<const std::uint32_t> crc32) const;

  std::vector<ZipSlot> slots_;
  std::uint64_t directory_offset_ = 0;
  std::uint64_t nbytes_ = 0;
};

}  // namespace recast::formats
