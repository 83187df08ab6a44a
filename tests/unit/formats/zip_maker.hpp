#pragma once
// Zip archives, plain or wrong in a way of the test's choice.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace recast::formats::tests {

/// One record. What is not set follows from name and payload.
struct ZipPart {
  std::string name{};  // with the prefix
  std::string payload{};
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::string extra{};  // of the directory entry
  std::uint16_t disk = 0;

  // What the directory claims.
  std::optional<std::uint32_t> crc32{};
  std::optional<std::uint32_t> stored_nbytes{};
  std::optional<std::uint32_t> nbytes{};
  std::optional<std::uint32_t> offset{};

  // What the local header claims.
  std::optional<std::string> local_name{};
  std::optional<std::uint16_t> local_flags{};
  std::optional<std::uint16_t> local_method{};
  std::optional<std::uint32_t> local_signature{};
  std::optional<std::uint32_t> local_crc32{};
};

/// What stands at the end.
struct ZipTail {
  std::optional<std::uint16_t> count{};
  std::optional<std::uint16_t> disk_count{};  // entries on this disk
  std::optional<std::uint32_t> directory_nbytes{};
  std::optional<std::uint32_t> directory_offset{};
  std::string behind_entries{};  // inside the directory
  std::string comment{};
  std::string behind{};  // after everything

  bool zip64 = false;
  std::optional<std::uint64_t> count64{};
  std::optional<std::uint64_t> nbytes64{};
  std::optional<std::uint64_t> end64_offset{};
  std::optional<std::uint64_t> end64_nbytes{};
  std::uint32_t locator_disk = 0;
};

std::string make_zip(const std::vector<ZipPart>& parts, const ZipTail& tail = {});

/// The records that every torch file has, around `pickle`; `more` follows them.
std::vector<ZipPart> torch_parts(std::string pickle, std::vector<ZipPart> more = {});

}  // namespace recast::formats::tests
