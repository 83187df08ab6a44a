// Files that were cut, changed or cannot be read: a clean diagnostic or a success, and never a
// crash.

#include <doctest/doctest.h>

#include "tests/support/faulty_file_system.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/unit/formats/files.hpp"

namespace recast::formats::tests {
namespace {

/// Files small enough to be damaged at every byte.
const std::vector<const char*> kSmall = {"g1.pt", "step.pt", "optimizer_state.pt",
                                         "dtypes.safetensors"};

bool is_format_or_io(const Diagnostic& diagnostic) {
  const std::string_view name = code_name(diagnostic.code);
  return name.starts_with("format.") || name.starts_with("io.");
}

/// Reads damaged bytes; whatever a success says must lie inside the file.
void read_damaged(const std::string& bytes) {
  const auto catalog = read_bytes(bytes);
  if (!catalog) {
    CHECK(is_format_or_io(catalog.error()));
    CHECK(catalog.error().place.file == kPath);
    CHECK(!catalog.error().message.empty());
    return;
  }
  for (const tensor::StoredTensor& tensor : catalog->tensors) {
    CHECK(tensor.byte_offset <= bytes.size());
    const std::int64_t count = tensor::element_count(tensor.shape);
    if (count > 0 && count < 1000) (void)elements(tensor, bytes);
  }
}

TEST_CASE("formats/damage: a file that is cut anywhere is refused") {
  for (const char* name : kSmall) {
    CAPTURE(name);
    const std::string bytes = fixture(name);
    for (std::size_t nbytes = 0; nbytes < bytes.size(); ++nbytes) {
      CAPTURE(nbytes);
      const auto catalog = read_bytes(bytes.substr(0, nbytes));
      REQUIRE(!catalog);
      CHECK(is_format_or_io(catalog.error()));
    }
  }
}

TEST_CASE("formats/damage: any byte of a header may be any other") {
  for (const char* name : kSmall) {
    CAPTURE(name);
    const std::string bytes = fixture(name);
    auto catalog = read_bytes(bytes);
    REQUIRE(catalog);
    // Of a safetensors file the payload makes no difference; in the others headers stand
    // everywhere.
    const bool all = catalog->container == "torch";
    const std::uint64_t end = all ? bytes.size() : catalog->tensors.front().byte_offset;
    for (std::size_t at = 0; at < end; ++at) {
      CAPTURE(at);
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (at % 9 == 8 ? 0xFF : 1 << (at % 9)));
      read_damaged(damaged);
    }
  }
}

TEST_CASE("formats/damage: any byte of a pickle may be any other, its CRC put right") {
  // Where CRCs are 0, changes reach the pickle machine.
  std::string bytes = fixture("kinds.pt");
  const std::size_t pickle = bytes.find("\x80\x02");
  const std::size_t directory = bytes.find("PK\x01\x02");
  REQUIRE(directory != std::string::npos);
  bytes.replace(directory + 16, 4, std::string(4, '\0'));  // data.pkl is the first record
  for (std::size_t at = pickle; at < pickle + 6000; at += 11) {
    CAPTURE(at);
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    read_damaged(damaged);
  }
}

TEST_CASE("formats/damage: a disk that fails at any call gives its own diagnostic") {
  for (const char* name : {"megatron_rank.pt", "dtypes.safetensors"}) {
    CAPTURE(name);
    support::MemoryFileSystem files;
    files.put("f", fixture(name));
    support::FaultyFileSystem counted(files);
    REQUIRE(read_catalog(counted, "f"));
    for (std::size_t n = 0; n < counted.operation_count(); ++n) {
      CAPTURE(n);
      support::FaultyFileSystem faulty(files);
      faulty.fail_operation(n);
      const auto catalog = read_catalog(faulty, "f");
      REQUIRE(!catalog);
      CHECK(catalog.error().code == Code::io_read_failed);
    }
  }
}

TEST_CASE("formats/damage: a disk that fails while a file is written gives its own diagnostic") {
  for (const char* name : {"step.pt", "dtypes.safetensors"}) {
    CAPTURE(name);
    const std::string bytes = fixture(name);
    auto catalog = read_bytes(bytes);
    REQUIRE(catalog);
    const auto layout = container_named(catalog->container)->lay_out(spec_of(*catalog));
    REQUIRE(layout);
    const std::vector<std::uint32_t> crcs((*layout)->needs_crc() ? catalog->tensors.size() : 0);
    for (std::size_t n = 0;; ++n) {
      support::MemoryFileSystem files;
      support::FaultyFileSystem faulty(files);
      faulty.fail_operation(n + 1);  // the first is the making of the file
      auto file = faulty.create("out");
      REQUIRE(file);
      const auto finished = (*layout)->finish(**file, crcs);
      if (faulty.operation_count() <= n + 1) break;
      REQUIRE(!finished);
      CHECK(finished.error().code == Code::io_write_failed);
    }
  }
}

}  // namespace
}  // namespace recast::formats::tests
