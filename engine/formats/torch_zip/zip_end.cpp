#include <algorithm>

#include "engine/base/checked.hpp"
#include "engine/formats/little_endian.hpp"
#include "engine/formats/torch_zip/zip_entry.hpp"
#include "engine/formats/torch_zip/zip_records.hpp"

namespace recast::formats::zip {
namespace {

Diagnostic bad(const io::RandomAccessFile& file, std::uint64_t at, std::string message) {
  return make_diagnostic(Code::format_bad_zip, std::move(message)).in(file.path(), at);
}

/// Says why the last bytes of the file are no end record: something follows it, or it is missing.
Diagnostic no_end(const io::RandomAccessFile& file, std::string_view tail) {
  for (std::size_t at = tail.size() - kEndNbytes + 1; at-- > 0;) {
    if (load_le<std::uint32_t>(tail, at) != kEndSignature) continue;
    const std::uint64_t offset = file.size() - tail.size() + at;
    const std::uint64_t after = tail.size() - at - kEndNbytes;
    const std::uint64_t comment = load_le<std::uint16_t>(tail, at + 20);
    if (after == comment)
      return bad(file, offset, cat("the zip archive carries a comment of ", comment, " bytes"));
    if (after > comment)
      return bad(file, offset, cat(after - comment, " bytes follow the end of the zip archive"));
  }
  return make_diagnostic(Code::format_truncated,
                         "the zip archive has no directory at its end: the file is cut off")
      .in(file.path(), file.size())
      .suggest("copy the file again and compare its size with the original's");
}

/// Distributed checkpoints put several archives into one file; the last one then counts its offsets
/// from its own begin.
Result<void> check_start(const io::RandomAccessFile& file, ReadWindow& window,
                         std::uint64_t locator_at, std::uint64_t end64_at) {
  const std::uint64_t usual_at = locator_at - kEnd64Nbytes;
  if (end64_at == usual_at) return {};
  RECAST_ASSIGN(const auto end64, window.view(usual_at, kEnd64Nbytes));
  if (load_le<std::uint32_t>(end64, 0) != kEnd64Signature ||
      load_le<std::uint64_t>(end64, 4) != kEnd64Nbytes - 12)
    return {};
  return make_diagnostic(Code::format_unsupported,
                         cat("the zip archive begins at byte ", usual_at - end64_at,
                             " of the file: others stand before it"))
      .in(file.path(), usual_at)
      .suggest(
          "a .distcp file is a part of a distributed checkpoint; name the checkpoint's folder");
}

/// The zip64 records that precede the end record, if they are there; `end_at` is where the end
/// record begins.
Result<void> read_end64(const io::RandomAccessFile& file, ReadWindow& window, std::uint64_t& end_at,
                        End& end) {
  if (end_at < kLocatorNbytes) return {};
  const std::uint64_t locator_at = end_at - kLocatorNbytes;
  RECAST_ASSIGN(const auto locator, window.view(locator_at, kLocatorNbytes));
  if (load_le<std::uint32_t>(locator, 0) != kLocatorSignature) return {};
  const auto disk = load_le<std::uint32_t>(locator, 4);
  const auto end64_at = load_le<std::uint64_t>(locator, 8);
  const auto disks = load_le<std::uint32_t>(locator, 16);
  if (disk != 0 || disks > 1)
    return bad(file, locator_at, "the zip archive is spread over several files");
  if (locator_at < kEnd64Nbytes || end64_at > locator_at - kEnd64Nbytes)
    return bad(file, locator_at,
               cat("the zip64 end record should begin at byte ", end64_at,
                   ", which is not before its locator"));

  RECAST_TRY(check_start(file, window, locator_at, end64_at));
  RECAST_ASSIGN(const auto end64, window.view(end64_at, kEnd64Nbytes));
  if (load_le<std::uint32_t>(end64, 0) != kEnd64Signature)
    return bad(file, end64_at, "the zip64 end record is not where its locator says");
  // The size field counts what follows it; the record ends where the locator begins.
  const auto nbytes = checked_add(load_le<std::uint64_t>(end64, 4), end64_at + 12);
  if (nbytes != locator_at)
    return bad(file, end64_at, "the zip64 end record does not end at its locator");
  if (load_le<std::uint32_t>(end64, 16) != 0 || load_le<std::uint32_t>(end64, 20) != 0 ||
      load_le<std::uint64_t>(end64, 24) != load_le<std::uint64_t>(end64, 32))
    return bad(file, end64_at, "the zip archive is spread over several files");

  const End narrow = end;
  end.entries = load_le<std::uint64_t>(end64, 32);
  end.directory_nbytes = load_le<std::uint64_t>(end64, 40);
  end.directory_offset = load_le<std::uint64_t>(end64, 48);
  const auto agrees = [](std::uint64_t small, std::uint64_t big, std::uint64_t see_big) {
    return small == see_big || small == big;
  };
  if (!agrees(narrow.entries, end.entries, kSeeZip64Count))
    return bad(file, end_at,
               cat("the end record counts ", narrow.entries, " records, the zip64 end record ",
                   end.entries));
  if (!agrees(narrow.directory_nbytes, end.directory_nbytes, kSeeZip64) ||
      !agrees(narrow.directory_offset, end.directory_offset, kSeeZip64))
    return bad(file, end_at, "the end record and the zip64 end record place the directory apart");
  end_at = end64_at;
  return {};
}

}  // namespace

Result<End> find_end(const io::RandomAccessFile& file, ReadWindow& window) {
  const std::uint64_t tail_nbytes = std::min<std::uint64_t>(file.size(), kEndNbytes + kMaxComment);
  RECAST_ASSIGN(const auto tail, window.view(file.size() - tail_nbytes, tail_nbytes));
  if (tail.size() < kEndNbytes)
    return make_diagnostic(Code::format_truncated,
                           cat("a zip archive of ", tail.size(), " bytes is cut off"))
        .in(file.path(), file.size())
        .suggest("copy the file again and compare its size with the original's");

  const std::size_t at = tail.size() - kEndNbytes;
  if (load_le<std::uint32_t>(tail, at) != kEndSignature ||
      load_le<std::uint16_t>(tail, at + 20) != 0)
    return no_end(file, as_text(tail));

  std::uint64_t end_at = file.size() - kEndNbytes;
  if (load_le<std::uint16_t>(tail, at + 4) != 0 || load_le<std::uint16_t>(tail, at + 6) != 0 ||
      load_le<std::uint16_t>(tail, at + 8) != load_le<std::uint16_t>(tail, at + 10))
    return bad(file, end_at, "the zip archive is spread over several files");
  End end;
  end.entries = load_le<std::uint16_t>(tail, at + 10);
  end.directory_nbytes = load_le<std::uint32_t>(tail, at + 12);
  end.directory_offset = load_le<std::uint32_t>(tail, at + 16);
  RECAST_TRY(read_end64(file, window, end_at, end));

  if (checked_add(end.directory_offset, end.directory_nbytes) != end_at)
    return bad(
        file, end_at,
        cat("the directory of ", end.directory_nbytes, " bytes at byte ", end.directory_offset,
            " does not end at byte ", end_at, ", where the end record begins"));
  return end;
}

}  // namespace recast::formats::zip
