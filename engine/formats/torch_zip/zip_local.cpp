#include <algorithm>

#include "engine/formats/little_endian.hpp"
#include "engine/formats/text.hpp"
#include "engine/formats/torch_zip/zip_entry.hpp"
#include "engine/formats/torch_zip/zip_records.hpp"

namespace recast::formats::zip {
namespace {

// Headers nearer than this come out of one read.
constexpr std::uint64_t kNear = 16 << 10;
constexpr std::uint64_t kReadAhead = 64 << 10;

Diagnostic bad(const io::RandomAccessFile& file, const Entry& entry, std::string_view what) {
  return make_diagnostic(Code::format_bad_zip,
                         cat("record '", shown(entry.record.name), "' ", what))
      .in(file.path(), entry.record.header_offset);
}

/// Sizes and CRC in a local header are 0 when a descriptor follows, else those of the directory.
bool agrees(std::uint32_t local, std::uint64_t central) noexcept {
  return local == 0 || local == kSeeZip64 || local == central;
}

/// `header` holds the 30 fixed bytes and the name, as long as the directory says the name is.
Result<void> compare(const io::RandomAccessFile& file, const Entry& entry,
                     std::span<const std::byte> header) {
  if (load_le<std::uint32_t>(header, 0) != kLocalSignature)
    return bad(file, entry, "has no local header where the directory says");
  if (load_le<std::uint16_t>(header, 26) != entry.record.name.size() ||
      as_text(header.subspan(kLocalNbytes)) != entry.record.name)
    return bad(file, entry, "has another name in its local header");
  constexpr std::uint16_t kTelling = kFlagEncrypted | kFlagStrongEncryption | kFlagMasked;
  const auto flags = load_le<std::uint16_t>(header, 6);
  if (((flags ^ entry.flags) & kTelling) != 0)
    return bad(file, entry, "is encrypted by its local header and not by the directory");
  if (load_le<std::uint16_t>(header, 8) != kStored)
    return bad(file, entry, "is compressed by its local header and not by the directory");
  if (!agrees(load_le<std::uint32_t>(header, 14), entry.record.crc32) ||
      !agrees(load_le<std::uint32_t>(header, 18), entry.record.nbytes) ||
      !agrees(load_le<std::uint32_t>(header, 22), entry.record.nbytes))
    return bad(file, entry, "has another size or CRC in its local header");
  return {};
}

}  // namespace

Result<void> check_local_headers(const io::RandomAccessFile& file, ReadWindow& window,
                                 std::uint64_t directory_offset, std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.record.header_offset < b.record.header_offset;
  });
  std::uint64_t free_from = 0;  // where the record before ends
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = entries[i];
    ZipRecord& record = entry.record;
    if (record.header_offset < free_from)
      return bad(file, entry, cat("overlaps '", shown(entries[i - 1].record.name), "'"));
    const std::uint64_t header_nbytes = kLocalNbytes + record.name.size();
    if (record.header_offset > directory_offset ||
        header_nbytes > directory_offset - record.header_offset)
      return bad(file, entry, "begins behind the directory");

    const bool near = i + 1 < entries.size() &&
                      entries[i + 1].record.header_offset - record.header_offset < kNear;
    RECAST_ASSIGN(const auto header, window.view(record.header_offset, header_nbytes,
                                                 near ? kReadAhead : header_nbytes));
    RECAST_TRY(compare(file, entry, header));
    const std::uint64_t extra_nbytes = load_le<std::uint16_t>(header, 28);
    record.payload_offset = record.header_offset + header_nbytes + extra_nbytes;
    if (record.payload_offset > directory_offset ||
        record.nbytes > directory_offset - record.payload_offset)
      return bad(file, entry, cat("of ", record.nbytes, " bytes runs into the directory"));
    free_from = record.payload_offset + record.nbytes;
  }
  return {};
}

}  // namespace recast::formats::zip
