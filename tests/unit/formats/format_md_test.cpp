// The examples of the FORMAT.md files are files that are read and written so.

#include <doctest/doctest.h>

#include <charconv>
#include <fstream>
#include <sstream>

#include "engine/formats/safetensors/safetensors.hpp"
#include "tests/unit/formats/files.hpp"

namespace recast::formats::tests {
namespace {

/// The bytes of the hex dump between the first two fences of a file: `offset  bytes  text`, a line
/// per 16 bytes.
std::string example_of(const char* path) {
  std::ifstream stream(cat(RECAST_SOURCE_DIR, "/engine/formats/", path));
  REQUIRE_MESSAGE(stream.is_open(), "no file ", path);
  std::string bytes;
  bool inside = false;
  for (std::string line; std::getline(stream, line);) {
    if (line == "```") {
      if (inside) break;
      inside = true;
      continue;
    }
    if (!inside) continue;
    constexpr std::size_t kBytesAt = 6, kBytesWidth = 47;
    std::istringstream columns(line.substr(kBytesAt, kBytesWidth));
    for (std::string byte; columns >> byte;) {
      unsigned value = 0;
      const auto parsed = std::from_chars(byte.data(), byte.data() + byte.size(), value, 16);
      REQUIRE((parsed.ec == std::errc{} && value < 256));
      bytes += static_cast<char>(value);
    }
  }
  return bytes;
}

TEST_CASE("formats/format-md: the example of safetensors/FORMAT.md is what is written") {
  const std::string bytes = example_of("safetensors/FORMAT.md");
  auto catalog = read_bytes(bytes);
  REQUIRE_MESSAGE(catalog, shown(catalog.error()));
  CHECK(listing(*catalog) == "scale fp32 [] @152\nw u8 [1x2] @156\n{\"format\": \"pt\"}");
  CHECK(write_bytes(SafetensorsContainer(), spec_of(*catalog), payloads_of(*catalog, bytes)) ==
        bytes);
}

TEST_CASE("formats/format-md: the example of torch_zip/FORMAT.md is the golden file") {
  const std::string bytes = example_of("torch_zip/FORMAT.md");
  CHECK(bytes.size() == 747);
  CHECK(bytes == fixture("g1.pt"));
  CHECK(outcome(bytes) == "w fp32 [2x3] @320\n{\"w\": <tensor 0>}");
}

}  // namespace
}  // namespace recast::formats::tests
