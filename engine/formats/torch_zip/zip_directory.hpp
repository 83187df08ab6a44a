#pragma once
// The records of a zip archive as PyTorch writes it, read strictly: whatever two readers could
// understand differently is refused (FORMAT.md, "Reading").

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/read_window.hpp"

namespace recast::formats {

/// A stored (not compressed) record; its payload lies in the file as it is.
struct ZipRecord {
  std::string name;  // without the archive's prefix and the '/' after it
  std::uint64_t header_offset = 0;
  std::uint64_t payload_offset = 0;
  std::uint64_t nbytes = 0;
  std::uint32_t crc32 = 0;  // 0 also when the writer did not compute it
};

/// Immutable. Records are in the order in which they lie in the file.
class ZipDirectory {
 public:
  ZipDirectory(std::string prefix, std::vector<ZipRecord> records);
  const std::string& prefix() const noexcept { return prefix_; }
  const std::vector<ZipRecord>& records() const noexcept { return records_; }
  /// Null if there is no record of that name.
  const ZipRecord* find(std::string_view name) const noexcept;

 private:
  std::string prefix_;
  std::vector<ZipRecord> records_;
  std::vector<std::uint32_t> by_name_;
};

/// Reads the end records, the directory and each local header; no payload.
/// Errors: format.truncated, format.bad-zip, format.duplicate-name, format.unsupported,
/// format.too-large, io.read-failed.
Result<ZipDirectory> read_zip_directory(const io::RandomAccessFile& file, ReadWindow& window);

/// The payload of a record; its CRC-32 is compared unless the archive says 0. Errors:
/// format.too-large over `limit` bytes, format.bad-zip, io.read-failed.
Result<std::string> read_record(const io::RandomAccessFile& file, ReadWindow& window,
                                const ZipRecord& record, std::uint64_t limit);

}  // namespace recast::formats
