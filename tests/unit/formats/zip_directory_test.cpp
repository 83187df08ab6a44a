#include "engine/formats/torch_zip/zip_directory.hpp"

#include <doctest/doctest.h>

#include "engine/formats/little_endian.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/unit/formats/files.hpp"
#include "tests/unit/formats/pickle_text.hpp"
#include "tests/unit/formats/zip_maker.hpp"

namespace recast::formats::tests {
namespace {

const std::string kEmptyDict = p::stream("}");

/// Name, payload offset and size of each record, or the diagnostic.
std::string records_of(const std::string& bytes) {
  support::MemoryFileSystem files;
  files.put(std::string(kPath), bytes);
  const auto file = files.open(std::string(kPath));
  REQUIRE(file);
  ReadWindow window(**file);
  const auto zip = read_zip_directory(**file, window);
  if (!zip) return shown(zip.error());
  std::string out = zip->prefix();
  for (const ZipRecord& record : zip->records())
    out += cat(" ", record.name, "@", record.payload_offset, "+", record.nbytes);
  return out;
}

std::string zip64_field(std::initializer_list<std::uint64_t> values) {
  std::string out;
  append_le(out, std::uint16_t{1});
  append_le(out, static_cast<std::uint16_t>(8 * values.size()));
  for (const std::uint64_t value : values)
    append_le(out, value);
  return out;
}

TEST_CASE("formats/zip: a plain archive of any tool is read") {
  CHECK(records_of(make_zip(torch_parts("abc"))) == "archive data.pkl@46+3 version@94+2");
}

TEST_CASE("formats/zip: zip64 end records are read, wherever the narrow fields point to them") {
  const auto parts = torch_parts("abc");
  const char* kRecords = "archive data.pkl@46+3 version@94+2";
  CHECK(records_of(make_zip(parts, {.zip64 = true})) == kRecords);
  CHECK(records_of(make_zip(parts, {.count = 0xFFFF,
                                    .directory_nbytes = 0xFFFFFFFF,
                                    .directory_offset = 0xFFFFFFFF,
                                    .zip64 = true})) == kRecords);
}

TEST_CASE("formats/zip: a 64-bit value stands for each 32-bit field that is all ones, in order") {
  auto parts = torch_parts("abc");
  parts[0].nbytes = parts[0].stored_nbytes = 0xFFFFFFFF;
  parts[0].extra = zip64_field({3, 3});
  parts[1].offset = 0xFFFFFFFF;
  parts[1].extra = zip64_field({49});
  CHECK(records_of(make_zip(parts)) == "archive data.pkl@46+3 version@94+2");
}

TEST_CASE("formats/zip: entries that are folders are left out") {
  CHECK(records_of(make_zip({{.name = "a/"}, {.name = "a/b", .payload = "x"}})) == "a b@65+1");
}

TEST_CASE("formats/zip: records are in the order of the file, not of the directory") {
  auto parts = torch_parts("abc");
  const std::string bytes = make_zip(parts);
  // The directory's two entries change places.
  const std::size_t first = bytes.find("PK\x01\x02");
  const std::size_t second = bytes.find("PK\x01\x02", first + 1);
  const std::size_t end = bytes.find("PK\x05\x06");
  const std::string swapped = bytes.substr(0, first) + bytes.substr(second, end - second) +
                              bytes.substr(first, second - first) + bytes.substr(end);
  CHECK(records_of(swapped) == "archive data.pkl@46+3 version@94+2");
}

struct Row {
  const char* what;
  std::vector<ZipPart> parts;
  ZipTail tail;
  const char* outcome;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(records_of(make_zip(row.parts, row.tail)) == row.outcome);
  }
}

/// The usual parts, the first one changed.
template <class Change>
std::vector<ZipPart> changed(Change change) {
  auto parts = torch_parts("abc");
  change(parts[0]);
  return parts;
}

TEST_CASE("formats/zip: what stands at the end must agree with itself") {
  const auto parts = torch_parts("abc");
  check({
      {"comment",
       parts,
       {.comment = "hi"},
       "f.pt:+0xdb: error[format.bad-zip]: the zip archive carries a comment of 2 bytes"},
      {"trailing bytes",
       parts,
       {.behind = "xyz"},
       "f.pt:+0xdb: error[format.bad-zip]: 3 bytes follow the end of the zip archive"},
      {"too many counted",
       parts,
       {.count = 3},
       "f.pt:+0xdb: error[format.bad-zip]: the end record counts 3 records, the directory fewer"},
      {"too few counted",
       parts,
       {.count = 1},
       "f.pt:+0x9e: error[format.bad-zip]: the end record counts 1 records, the directory more"},
      {"none counted", {}, {}, "f.pt: error[format.bad-zip]: the zip archive is empty"},
      {"several disks",
       parts,
       {.disk_count = 1},
       "f.pt:+0xdb: error[format.bad-zip]: the zip archive is spread over several files"},
      {"directory too short",
       parts,
       {.directory_nbytes = 9},
       "f.pt:+0xdb: error[format.bad-zip]: the directory of 9 bytes at byte 96 does not end at "
       "byte "
       "219, where the end record begins"},
      {"directory beyond the file",
       parts,
       {.directory_offset = 0xFFFFFFF0},
       "f.pt:+0xdb: error[format.bad-zip]: the directory of 123 bytes at byte 4294967280 does not "
       "end at byte 219, where the end record begins"},
      {"bytes in the directory",
       parts,
       {.behind_entries = "xyz"},
       "f.pt:+0xdb: error[format.bad-zip]: the end record counts 2 records, the directory more"},
      {"zip64 counts another number",
       parts,
       {.zip64 = true, .count64 = 7},
       "f.pt:+0x127: error[format.bad-zip]: the end record counts 2 records, the zip64 end record "
       "7"},
      {"zip64 places the directory elsewhere",
       parts,
       {.zip64 = true, .nbytes64 = 7},
       "f.pt:+0x127: error[format.bad-zip]: the end record and the zip64 end record place the "
       "directory apart"},
      {"zip64 end is elsewhere",
       parts,
       {.zip64 = true, .end64_offset = 20},
       "f.pt:+0xdb: error[format.unsupported]: the zip archive begins at byte 199 of the file: "
       "others stand before it\nhint: a .distcp file is a part of a distributed checkpoint; name "
       "the checkpoint's folder"},
      {"zip64 end is beyond",
       parts,
       {.zip64 = true, .end64_offset = ~0ULL},
       "f.pt:+0x113: error[format.bad-zip]: the zip64 end record should begin at byte "
       "18446744073709551615, which is not before its locator"},
      {"zip64 end has another size",
       parts,
       {.zip64 = true, .end64_nbytes = ~0ULL},
       "f.pt:+0xdb: error[format.bad-zip]: the zip64 end record does not end at its locator"},
      {"zip64 on another disk",
       parts,
       {.zip64 = true, .locator_disk = 1},
       "f.pt:+0x113: error[format.bad-zip]: the zip archive is spread over several files"},
  });
}

TEST_CASE("formats/zip: an archive without its end is cut off") {
  const std::string whole = make_zip(torch_parts("abc"));
  const char* kHint = "\nhint: copy the file again and compare its size with the original's";
  CHECK(records_of(whole.substr(0, 100)) ==
        cat("f.pt:+0x64: error[format.truncated]: the zip archive has no directory at its end: the "
            "file is cut off",
            kHint));
  CHECK(records_of(whole.substr(0, 10)) ==
        cat("f.pt:+0xa: error[format.truncated]: a zip archive of 10 bytes is cut off", kHint));
}

TEST_CASE("formats/zip: names that could mean two things or a place on a disk are refused") {
  const auto named = [](const char* name) {
    return changed([&](ZipPart& part) { part.name = name; });
  };
  check({
      {"empty", named(""), {}, "f.pt:+0x50: error[format.bad-zip]: a record has no name"},
      {"no folder",
       named("data.pkl"),
       {},
       "f.pt:+0x58: error[format.bad-zip]: record 'data.pkl' is in no folder; a torch file keeps "
       "its records in one"},
      {"traversal",
       named("archive/../x"),
       {},
       "f.pt:+0x5c: error[format.bad-zip]: record 'archive/../x' has '..' in its name"},
      {"traversal first",
       named("../x"),
       {},
       "f.pt:+0x54: error[format.bad-zip]: record '../x' has '..' in its name"},
      {"absolute",
       named("/archive/x"),
       {},
       "f.pt:+0x5a: error[format.bad-zip]: record '/archive/x' has an absolute path as its name"},
      {"drive",
       named("C:/x"),
       {},
       "f.pt:+0x54: error[format.bad-zip]: record 'C:/x' has an absolute path as its name"},
      {"backslash",
       named("archive\\x"),
       {},
       "f.pt:+0x59: error[format.bad-zip]: record 'archive\\x' has a '\\' in its name"},
      {"not UTF-8",
       named("archive/\xFF"),
       {},
       "f.pt:+0x59: error[format.bad-zip]: record 'archive/\\xff' has a name that is not UTF-8"},
      {"NUL",
       changed([](ZipPart& part) { part.name = std::string("archive/a\0b", 11); }),
       {},
       "f.pt:+0x5b: error[format.bad-zip]: record 'archive/a\\x00b' has a NUL in its name"},
      {"another folder",
       torch_parts("abc", {{.name = "other/x"}}),
       {},
       "f.pt:+0x100: error[format.bad-zip]: record 'other/x' is not in the folder 'archive' of the "
       "first one"},
      {"the same name",
       torch_parts("abc", {{.name = "archive/version"}}),
       {},
       "f.pt:+0x108: error[format.duplicate-name]: two records are called 'archive/version' (case "
       "apart)"},
      {"the same name in capitals",
       torch_parts("abc", {{.name = "archive/VERSION"}}),
       {},
       "f.pt:+0x108: error[format.duplicate-name]: two records are called 'archive/VERSION' (case "
       "apart)"},
  });
}

TEST_CASE(
    "formats/zip: compressed and encrypted records and programs are refused with what to do") {
  check({
      {"deflated",
       changed([](ZipPart& part) { part.method = 8; }),
       {},
       "f.pt:+0x60: error[format.unsupported]: record 'archive/data.pkl' is compressed (method 8); "
       "only stored records are read\nhint: save the file again with torch.save, or repack it with "
       "'zip -0'"},
      {"encrypted",
       changed([](ZipPart& part) { part.flags = 1; }),
       {},
       "f.pt:+0x60: error[format.unsupported]: record 'archive/data.pkl' is encrypted\n"
       "hint: decrypt the archive, or save the file again"},
      {"strongly encrypted",
       changed([](ZipPart& part) { part.flags = 1U << 6; }),
       {},
       "f.pt:+0x60: error[format.unsupported]: record 'archive/data.pkl' is encrypted\n"
       "hint: decrypt the archive, or save the file again"},
      {"patch",
       changed([](ZipPart& part) { part.flags = 1U << 5; }),
       {},
       "f.pt:+0x60: error[format.unsupported]: record 'archive/data.pkl' is a patch to another "
       "file\nhint: save the file again with torch.save"},
      {"TorchScript",
       torch_parts("abc", {{.name = "archive/constants.pkl", .method = 8}}),
       {},
       "f.pt:+0x10e: error[format.unsupported]: this is a TorchScript archive, a program\n"
       "hint: save its state instead: torch.save(torch.jit.load(path).state_dict(), other_path)"},
  });
}

TEST_CASE("formats/zip: sizes of a record must be possible") {
  check({
      {"two sizes",
       changed([](ZipPart& part) { part.stored_nbytes = 2; }),
       {},
       "f.pt:+0x60: error[format.bad-zip]: record 'archive/data.pkl' has 3 bytes, and 2 stored "
       "ones: a stored record has as many"},
      {"into the directory",
       changed([](ZipPart& part) { part.nbytes = part.stored_nbytes = 51; }),
       {},
       "f.pt:+0x0: error[format.bad-zip]: record 'archive/data.pkl' has another size or CRC in its "
       "local header"},
      {"another disk",
       changed([](ZipPart& part) { part.disk = 1; }),
       {},
       "f.pt:+0x60: error[format.bad-zip]: record 'archive/data.pkl' lies in another file"},
      {"damaged extra",
       changed([](ZipPart& part) { part.extra = "abc"; }),
       {},
       "f.pt:+0x60: error[format.bad-zip]: record 'archive/data.pkl' has a damaged extra field"},
      {"extra that runs over",
       changed([](ZipPart& part) { part.extra = "\x01\x02\x09\x01"; }),
       {},
       "f.pt:+0x60: error[format.bad-zip]: record 'archive/data.pkl' has a damaged extra field"},
      {"two zip64 fields",
       changed([](ZipPart& part) { part.extra = zip64_field({1}) + zip64_field({1}); }),
       {},
       "f.pt:+0x60: error[format.bad-zip]: record 'archive/data.pkl' has two zip64 fields"},
      {"short zip64 field",
       changed([](ZipPart& part) {
         part.nbytes = part.stored_nbytes = 0xFFFFFFFF;
         part.extra = zip64_field({3});
       }),
       {},
       "f.pt:+0x60: error[format.bad-zip]: record 'archive/data.pkl' has a zip64 field that is too "
       "short"},
      {"zip64 size over everything",
       changed([](ZipPart& part) {
         part.nbytes = part.stored_nbytes = 0xFFFFFFFF;
         part.extra = zip64_field({~0ULL, ~0ULL});
       }),
       {},
       "f.pt:+0x0: error[format.bad-zip]: record 'archive/data.pkl' has another size or CRC in its "
       "local header"},
  });
}

TEST_CASE("formats/zip: local headers must say what the directory says") {
  check({
      {"name",
       changed([](ZipPart& part) { part.local_name = "archive/evil.pkl"; }),
       {},
       "f.pt:+0x0: error[format.bad-zip]: record 'archive/data.pkl' has another name in its local "
       "header"},
      {"encryption",
       changed([](ZipPart& part) { part.local_flags = 1; }),
       {},
       "f.pt:+0x0: error[format.bad-zip]: record 'archive/data.pkl' is encrypted by its local "
       "header and not by the directory"},
      {"method",
       changed([](ZipPart& part) { part.local_method = 8; }),
       {},
       "f.pt:+0x0: error[format.bad-zip]: record 'archive/data.pkl' is compressed by its local "
       "header and not by the directory"},
      {"signature",
       changed([](ZipPart& part) { part.local_signature = 7; }),
       {},
       "f.pt:+0x0: error[format.bad-zip]: record 'archive/data.pkl' has no local header where the "
       "directory says"},
      {"CRC",
       changed([](ZipPart& part) { part.local_crc32 = 7; }),
       {},
       "f.pt:+0x0: error[format.bad-zip]: record 'archive/data.pkl' has another size or CRC in its "
       "local header"},
      {"position beyond",
       changed([](ZipPart& part) { part.offset = 0xFFFFFFF0; }),
       {},
       "f.pt:+0xfffffff0: error[format.bad-zip]: record 'archive/data.pkl' begins behind the "
       "directory"},
      {"position just before the directory",
       changed([](ZipPart& part) { part.offset = 90; }),
       {},
       "f.pt:+0x5a: error[format.bad-zip]: record 'archive/data.pkl' overlaps 'archive/version'"},
  });
}

TEST_CASE("formats/zip: records must not share bytes") {
  // Both entries name the same local header; the second has the name of the first one's twin inside
  // its payload.
  const std::string inner = make_zip({{.name = "archive/b", .payload = "x"}});
  auto parts = torch_parts(inner.substr(0, 40));
  parts.push_back({.name = "archive/b", .payload = "x", .offset = 46});
  CHECK(records_of(make_zip(parts)) ==
        "f.pt:+0x2e: error[format.bad-zip]: record 'archive/b' overlaps 'archive/data.pkl'");
}

TEST_CASE("formats/zip: more records than allowed are refused before anything is reserved") {
  std::string bytes = make_zip(torch_parts("abc"), {.zip64 = true});
  const std::size_t end64 = bytes.find("PK\x06\x06");
  const std::uint64_t count = 1ULL << 60;
  for (const std::size_t at : {end64 + 24, end64 + 32})
    bytes.replace(at, 8, reinterpret_cast<const char*>(&count), 8);
  const std::size_t end = bytes.find("PK\x05\x06");
  bytes.replace(end + 8, 4, "\xFF\xFF\xFF\xFF");
  CHECK(records_of(bytes) ==
        "f.pt:+0x60: error[format.too-large]: the zip archive has 1152921504606846976 records; at "
        "most 1000000 are read");
}

TEST_CASE("formats/zip: a record with a wrong CRC is damaged, one with CRC 0 was never summed") {
  auto parts = torch_parts(kEmptyDict);
  parts[0].crc32 = parts[0].local_crc32 = 0;
  CHECK(outcome(make_zip(parts)) == "{}");
  parts[0].crc32 = parts[0].local_crc32 = 7;
  CHECK(outcome(make_zip(parts)) ==
        "f.pt:+0x2e: error[format.bad-zip]: record 'data.pkl' is damaged: its CRC-32 differs");
}

}  // namespace
}  // namespace recast::formats::tests
