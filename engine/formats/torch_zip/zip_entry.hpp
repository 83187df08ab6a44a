#pragma once
// Between the files that read a zip directory: one entry while it is being checked, and the steps
// of the check.

#include <cstdint>
#include <vector>

#include "engine/formats/torch_zip/zip_directory.hpp"

namespace recast::formats::zip {

/// Where the directory is, from the records at the end of the file.
struct End {
  std::uint64_t directory_offset = 0;
  std::uint64_t directory_nbytes = 0;
  std::uint64_t entries = 0;
};

/// What the directory says of a record. Until the local header is read, `record.payload_offset` is
/// 0; `record.name` is the full name, prefix included.
struct Entry {
  ZipRecord record;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint64_t at = 0;  // of the entry itself in the file
};

/// Errors: format.truncated, format.bad-zip, io.read-failed.
Result<End> find_end(const io::RandomAccessFile& file, ReadWindow& window);

/// Sorts the entries by position, takes `payload_offset` from the local headers, and refuses local
/// headers that disagree with the directory and records that overlap each other or the directory.
/// Errors: format.bad-zip, io.read-failed.
Result<void> check_local_headers(const io::RandomAccessFile& file, ReadWindow& window,
                                 std::uint64_t directory_offset, std::vector<Entry>& entries);

}  // namespace recast::formats::zip
