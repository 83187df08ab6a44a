// Any bytes as a file: whatever the reader of zip directories takes, it takes without ambiguity.

#include <string>

#include "engine/formats/torch_zip/zip_directory.hpp"
#include "tests/fuzz/formats/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t nbytes) {
  namespace formats = recast::formats;
  namespace fuzz = recast::fuzz;
  recast::support::MemoryFileSystem files;
  files.put("f", {reinterpret_cast<const char*>(bytes), nbytes});
  const auto file = files.open("f");
  fuzz::require(file.has_value());
  formats::ReadWindow window(**file);
  const auto zip = formats::read_zip_directory(**file, window);
  if (!zip) {
    fuzz::check_refusal(zip.error());
    return 0;
  }
  std::uint64_t end = 0;
  for (const formats::ZipRecord& record : zip->records()) {
    fuzz::require(record.header_offset >= end && record.payload_offset > record.header_offset);
    end = record.payload_offset + record.nbytes;
    fuzz::require(end <= nbytes);
    fuzz::require(zip->find(record.name) == &record);
    const auto payload = formats::read_record(**file, window, record, nbytes);
    if (!payload) fuzz::check_refusal(payload.error());
  }
  if (const auto catalog = formats::read_catalog(files, "f")) {
    fuzz::check_catalog(*catalog);
  } else {
    fuzz::check_refusal(catalog.error());
  }
  return 0;
}
