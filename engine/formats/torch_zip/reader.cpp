#include <algorithm>
#include <charconv>

#include "engine/formats/little_endian.hpp"
#include "engine/formats/text.hpp"
#include "engine/formats/torch_zip/interpret.hpp"
#include "engine/formats/torch_zip/pickle_machine.hpp"
#include "engine/formats/torch_zip/torch.hpp"
#include "engine/formats/torch_zip/zip_directory.hpp"

namespace recast::formats {
namespace {

// torch's readers take 1 to 10 (caffe2/serialize/versions.h); torch.save writes 3.
constexpr unsigned kOldestVersion = 1;
constexpr unsigned kNewestVersion = 10;
constexpr std::uint64_t kMaxShortRecord = 64;

constexpr std::string_view kSaveAgain =
    "load it with a PyTorch that reads it and save it again with torch.save(object, path)";

/// What a file is by its first bytes, as far as torch has ever written it.
enum class Kind { Zip, Legacy, Tar, Pickle, Other };

Kind kind_of(std::string_view head) noexcept {
  constexpr std::string_view kLegacyMagic =
      "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19\x2E";
  constexpr std::size_t kTarMagicAt = 257;
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) return Kind::Zip;
  if (head.starts_with(kLegacyMagic)) return Kind::Legacy;
  if (head.size() > kTarMagicAt && head.substr(kTarMagicAt).starts_with("ustar")) return Kind::Tar;
  if (head.size() >= 2 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5) return Kind::Pickle;
  return Kind::Other;
}

Diagnostic unsupported(const io::RandomAccessFile& file, std::uint64_t at, std::string message,
                       std::string_view hint = kSaveAgain) {
  return make_diagnostic(Code::format_unsupported, std::move(message))
      .in(file.path(), at)
      .suggest(std::string(hint));
}

Result<void> check_kind(const io::RandomAccessFile& file, ReadWindow& window) {
  RECAST_ASSIGN(const auto head, window.view(0, std::min<std::uint64_t>(file.size(), 512)));
  switch (kind_of(as_text(head))) {
    case Kind::Zip:
      return {};
    case Kind::Legacy:
      return unsupported(file, 0, "this is a file of torch.save before version 1.6");
    case Kind::Tar:
      return unsupported(file, 0,
                         "this is a tar archive, as torch.save wrote before version 0.1.10");
    case Kind::Pickle:
      return unsupported(file, 0, "this is a pickle without an archive, which holds no tensors",
                         "of a distributed checkpoint name the folder, not its .metadata");
    case Kind::Other:
      break;
  }
  return make_diagnostic(Code::format_bad_zip, "the file does not begin with a zip record")
      .in(file.path(), 0);
}

/// Reads one archive; the parts share the window, so that a small file is read in one go.
class Archive {
 public:
  Archive(const io::RandomAccessFile& file, ReadWindow& window, const ZipDirectory& zip)
      : file_(file), window_(window), zip_(zip) {}

  Result<void> check_form() {
    RECAST_TRY(check_version());
    return check_byte_order();
  }

  Result<Document> document() {
    const ZipRecord* record = zip_.find("data.pkl");
    if (record == nullptr)
      return missing("data.pkl", "this zip archive was not written by torch.save");
    RECAST_ASSIGN(const std::string stream,
                  read_record(file_, window_, *record, pickle::kMaxStream));
    const pickle::Origin origin{file_.path(), record->payload_offset};
    RECAST_ASSIGN(const pickle::Graph graph, pickle::read_pickle(stream, origin));
    if (graph.stop != stream.size())
      return make_diagnostic(Code::format_bad_pickle,
                             cat(stream.size() - graph.stop, " bytes follow the end of the pickle"))
          .in(file_.path(), record->payload_offset + graph.stop);
    return interpret(graph, zip_, origin);
  }

 private:
  Diagnostic missing(std::string_view name, std::string_view hint) const {
    return make_diagnostic(Code::format_missing_record,
                           cat("the archive has no record '", name, "'"))
        .in(file_.path())
        .suggest(std::string(hint));
  }

  Result<void> check_version() {
    const ZipRecord* record = zip_.find("version");
    if (record == nullptr) record = zip_.find(".data/version");
    if (record == nullptr)
      return missing("version", "torch refuses this file too; take it from its source again");
    RECAST_ASSIGN(const std::string text, read_record(file_, window_, *record, kMaxShortRecord));
    unsigned version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (error != std::errc{} || (!rest.empty() && rest != "\n"))
      return make_diagnostic(Code::format_bad_zip,
                             cat("record '", record->name, "' is '", shown(text), "', no number"))
          .in(file_.path(), record->payload_offset);
    if (version < kOldestVersion || version > kNewestVersion)
      return unsupported(file_, record->payload_offset,
                         cat("the archive has version ", version, "; versions ", kOldestVersion,
                             " to ", kNewestVersion, " are read"));
    return {};
  }

  Result<void> check_byte_order() {
    const ZipRecord* record = zip_.find("byteorder");
    if (record == nullptr) return {};  // before 2.1: little
    RECAST_ASSIGN(const std::string text, read_record(file_, window_, *record, kMaxShortRecord));
    if (text == "little") return {};
    if (text == "big")
      return unsupported(file_, record->payload_offset,
                         "the file was written on a big-endian machine",
                         "load it with PyTorch on a little-endian machine and save it again there");
    return make_diagnostic(Code::format_bad_zip, cat("record 'byteorder' is '", shown(text),
                                                     "', neither 'little' nor 'big'"))
        .in(file_.path(), record->payload_offset);
  }

  const io::RandomAccessFile& file_;
  ReadWindow& window_;
  const ZipDirectory& zip_;
};

}  // namespace

bool TorchContainer::recognises(std::span<const std::byte> head, std::uint64_t) const noexcept {
  return kind_of(as_text(head)) != Kind::Other;
}

Result<tensor::FileCatalog> TorchContainer::read(const io::RandomAccessFile& file) const {
  ReadWindow window(file);
  RECAST_TRY(check_kind(file, window));
  RECAST_ASSIGN(const ZipDirectory zip, read_zip_directory(file, window));
  Archive archive(file, window, zip);
  RECAST_TRY(archive.check_form());
  RECAST_ASSIGN(Document document, archive.document());
  return tensor::FileCatalog{file.path(), std::string(name()), file.size(),
                             std::move(document.tensors), std::move(document.root)};
}

}  // namespace recast::formats
