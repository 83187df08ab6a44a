#include "engine/formats/torch_zip/zip_directory.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "engine/formats/little_endian.hpp"
#include "engine/formats/text.hpp"
#include "engine/formats/torch_zip/zip_entry.hpp"
#include "engine/formats/torch_zip/zip_records.hpp"

namespace recast::formats {
namespace {

using zip::Entry;

constexpr std::uint64_t kMaxEntries = 1'000'000;
constexpr std::uint64_t kMaxDirectory = 256ULL << 20;

/// Reads one directory entry after the other.
class EntryReader {
 public:
  EntryReader(const io::RandomAccessFile& file, std::string_view directory, std::uint64_t offset)
      : file_(file), directory_(directory), offset_(offset) {}

  bool at_end() const noexcept { return at_ == directory_.size(); }
  std::uint64_t file_offset() const noexcept { return offset_ + at_; }

  Result<Entry> next() {
    const std::string_view rest = directory_.substr(at_);
    if (rest.size() < zip::kEntryNbytes || load_le<std::uint32_t>(rest, 0) != zip::kEntrySignature)
      return bad("the directory holds something that is not an entry");
    const std::size_t name_nbytes = load_le<std::uint16_t>(rest, 28);
    const std::size_t extra_nbytes = load_le<std::uint16_t>(rest, 30);
    const std::size_t comment_nbytes = load_le<std::uint16_t>(rest, 32);
    const std::size_t nbytes = zip::kEntryNbytes + name_nbytes + extra_nbytes + comment_nbytes;
    if (nbytes > rest.size()) return bad("an entry runs over the end of the directory");

    Entry entry;
    entry.flags = load_le<std::uint16_t>(rest, 8);
    ZipRecord& record = entry.record;
    record.name = rest.substr(zip::kEntryNbytes, name_nbytes);
    RECAST_TRY(check_name(record.name));
    entry.method = load_le<std::uint16_t>(rest, 10);
    entry.at = file_offset();
    record.crc32 = load_le<std::uint32_t>(rest, 16);
    std::uint64_t compressed = load_le<std::uint32_t>(rest, 20);
    record.nbytes = load_le<std::uint32_t>(rest, 24);
    record.header_offset = load_le<std::uint32_t>(rest, 42);
    const std::string_view extra = rest.substr(zip::kEntryNbytes + name_nbytes, extra_nbytes);
    RECAST_TRY(apply_zip64(record, compressed, extra));
    if (load_le<std::uint16_t>(rest, 34) != 0) return bad(record.name, "lies in another file");
    if (entry.method == zip::kStored && compressed != record.nbytes)
      return bad(record.name, cat("has ", record.nbytes, " bytes, and ", compressed,
                                  " stored ones: a stored record has as many"));
    at_ += nbytes;
    return entry;
  }

 private:
  Diagnostic bad(std::string message) const {
    return make_diagnostic(Code::format_bad_zip, std::move(message))
        .in(file_.path(), file_offset());
  }
  Diagnostic bad(std::string_view name, std::string_view what) const {
    return bad(cat("record '", shown(name), "' ", what));
  }

  // Nothing is ever extracted; but a name that could leave a folder is no name of a checkpoint's
  // record.
  Result<void> check_name(std::string_view name) const {
    if (name.empty()) return bad("a record has no name");
    if (!is_utf8(name)) return bad(name, "has a name that is not UTF-8");
    if (name.find('\0') != std::string_view::npos) return bad(name, "has a NUL in its name");
    if (name.find('\\') != std::string_view::npos) return bad(name, "has a '\\' in its name");
    if (name.front() == '/' || (name.size() > 1 && name[1] == ':'))
      return bad(name, "has an absolute path as its name");
    for (std::size_t begin = 0; begin <= name.size();) {
      const std::size_t end = std::min(name.find('/', begin), name.size());
      if (name.substr(begin, end - begin) == "..") return bad(name, "has '..' in its name");
      begin = end + 1;
    }
    return {};
  }

  /// A 64-bit value stands only for a 32-bit field that is all ones, in the order size, stored
  /// size, offset.
  Result<void> apply_zip64(ZipRecord& record, std::uint64_t& compressed,
                           std::string_view extra) const {
    std::string_view wide;
    bool found = false;
    while (!extra.empty()) {
      if (extra.size() < 4) return bad(record.name, "has a damaged extra field");
      const auto tag = load_le<std::uint16_t>(extra, 0);
      const std::size_t nbytes = load_le<std::uint16_t>(extra, 2);
      if (nbytes > extra.size() - 4) return bad(record.name, "has a damaged extra field");
      if (tag == zip::kZip64Tag) {
        if (found) return bad(record.name, "has two zip64 fields");
        wide = extra.substr(4, nbytes);
        found = true;
      }
      extra.remove_prefix(4 + nbytes);
    }
    for (std::uint64_t* field : {&record.nbytes, &compressed, &record.header_offset}) {
      if (*field != zip::kSeeZip64 || !found) continue;
      if (wide.size() < 8) return bad(record.name, "has a zip64 field that is too short");
      *field = load_le<std::uint64_t>(wide, 0);
      wide.remove_prefix(8);
    }
    return {};
  }

  const io::RandomAccessFile& file_;
  std::string_view directory_;
  std::uint64_t offset_;
  std::size_t at_ = 0;
};

std::string folded(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// torch compares names without case and takes any of two that are equal; here all must differ even
/// so.
Result<void> check_names(const io::RandomAccessFile& file, const std::vector<Entry>& entries,
                         std::string_view prefix) {
  std::unordered_set<std::string> seen;
  seen.reserve(entries.size());
  for (const Entry& entry : entries) {
    const std::string_view name = entry.record.name;
    if (name.substr(0, prefix.size()) != prefix)
      return make_diagnostic(Code::format_bad_zip,
                             cat("record '", shown(name), "' is not in the folder '",
                                 shown(prefix.substr(0, prefix.size() - 1)), "' of the first one"))
          .in(file.path(), entry.at);
    if (!seen.insert(folded(name)).second)
      return make_diagnostic(Code::format_duplicate_name,
                             cat("two records are called '", shown(name), "' (case apart)"))
          .in(file.path(), entry.at);
  }
  return {};
}

/// Refuses what is a zip archive and is not read. A program is named first: its records are
/// compressed too.
Result<void> check_forms(const io::RandomAccessFile& file, const std::vector<Entry>& entries,
                         std::string_view prefix) {
  constexpr std::string_view kProgram = "constants.pkl";
  const auto refuse = [&](const Entry& entry, std::string message, std::string hint) {
    return make_diagnostic(Code::format_unsupported, std::move(message))
        .in(file.path(), entry.at)
        .suggest(std::move(hint));
  };
  for (const Entry& entry : entries)
    if (entry.record.name.substr(prefix.size()) == kProgram)
      return refuse(
          entry, "this is a TorchScript archive, a program",
          "save its state instead: torch.save(torch.jit.load(path).state_dict(), other_path)");
  constexpr std::uint16_t kEncryption =
      zip::kFlagEncrypted | zip::kFlagStrongEncryption | zip::kFlagMasked;
  for (const Entry& entry : entries) {
    const std::string name = cat("record '", shown(entry.record.name), "'");
    if ((entry.flags & kEncryption) != 0)
      return refuse(entry, name + " is encrypted", "decrypt the archive, or save the file again");
    if ((entry.flags & zip::kFlagPatch) != 0)
      return refuse(entry, name + " is a patch to another file",
                    "save the file again with torch.save");
    if (entry.method != zip::kStored)
      return refuse(
          entry,
          cat(name, " is compressed (method ", entry.method, "); only stored records are read"),
          "save the file again with torch.save, or repack it with 'zip -0'");
  }
  return {};
}

Diagnostic too_large(const io::RandomAccessFile& file, std::uint64_t at, std::string message) {
  return make_diagnostic(Code::format_too_large, std::move(message)).in(file.path(), at);
}

}  // namespace

ZipDirectory::ZipDirectory(std::string prefix, std::vector<ZipRecord> records)
    : prefix_(std::move(prefix)), records_(std::move(records)), by_name_(records_.size()) {
  std::iota(by_name_.begin(), by_name_.end(), std::uint32_t{0});
  std::sort(by_name_.begin(), by_name_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return records_[a].name < records_[b].name;
  });
}

const ZipRecord* ZipDirectory::find(std::string_view name) const noexcept {
  const auto at = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [this](std::uint32_t index, std::string_view want) { return records_[index].name < want; });
  if (at == by_name_.end() || records_[*at].name != name) return nullptr;
  return &records_[*at];
}

Result<ZipDirectory> read_zip_directory(const io::RandomAccessFile& file, ReadWindow& window) {
  RECAST_ASSIGN(const zip::End end, zip::find_end(file, window));
  if (end.entries == 0)
    return make_diagnostic(Code::format_bad_zip, "the zip archive is empty").in(file.path());
  if (end.entries > kMaxEntries)
    return too_large(
        file, end.directory_offset,
        cat("the zip archive has ", end.entries, " records; at most ", kMaxEntries, " are read"));
  if (end.directory_nbytes > kMaxDirectory)
    return too_large(file, end.directory_offset,
                     cat("the zip directory has ", end.directory_nbytes, " bytes; at most ",
                         kMaxDirectory, " are read"));
  RECAST_ASSIGN(const auto bytes, window.view(end.directory_offset, end.directory_nbytes));

  std::vector<Entry> entries;
  entries.reserve(std::min(end.entries, end.directory_nbytes / zip::kEntryNbytes));
  EntryReader reader(file, as_text(bytes), end.directory_offset);
  while (!reader.at_end() && entries.size() < end.entries) {
    RECAST_ASSIGN(Entry entry, reader.next());
    entries.push_back(std::move(entry));
  }
  if (!reader.at_end() || entries.size() < end.entries)
    return make_diagnostic(Code::format_bad_zip,
                           cat("the end record counts ", end.entries, " records, the directory ",
                               reader.at_end() ? "fewer" : "more"))
        .in(file.path(), reader.file_offset());

  const std::string& first = entries.front().record.name;
  const std::size_t slash = first.find('/');
  if (slash == std::string::npos)
    return make_diagnostic(Code::format_bad_zip,
                           cat("record '", shown(first),
                               "' is in no folder; a torch file keeps its records in one"))
        .in(file.path(), end.directory_offset);
  const std::string prefix = first.substr(0, slash + 1);
  RECAST_TRY(check_names(file, entries, prefix));
  RECAST_TRY(check_forms(file, entries, prefix));
  RECAST_TRY(zip::check_local_headers(file, window, end.directory_offset, entries));

  std::vector<ZipRecord> records;
  records.reserve(entries.size());
  for (Entry& entry : entries) {
    if (entry.record.name.back() == '/' && entry.record.nbytes == 0) continue;  // a folder
    entry.record.name.erase(0, prefix.size());
    records.push_back(std::move(entry.record));
  }
  return ZipDirectory(prefix.substr(0, slash), std::move(records));
}

Result<std::string> read_record(const io::RandomAccessFile& file, ReadWindow& window,
                                const ZipRecord& record, std::uint64_t limit) {
  if (record.nbytes > limit)
    return too_large(file, record.payload_offset,
                     cat("record '", shown(record.name), "' has ", record.nbytes,
                         " bytes; at most ", limit, " are read"));
  RECAST_ASSIGN(const auto bytes, window.view(record.payload_offset, record.nbytes));
  std::string text(as_text(bytes));
  const std::uint32_t crc = libdeflate_crc32(0, text.data(), text.size());
  if (record.crc32 != 0 && record.crc32 != crc)
    return make_diagnostic(Code::format_bad_zip,
                           cat("record '", shown(record.name), "' is damaged: its CRC-32 differs"))
        .in(file.path(), record.payload_offset);
  return text;
}

}  // namespace recast::formats
