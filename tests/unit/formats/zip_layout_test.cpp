#include "engine/formats/torch_zip/zip_layout.hpp"

#include <doctest/doctest.h>

#include "engine/formats/little_endian.hpp"
#include "engine/formats/torch_zip/emit.hpp"
#include "engine/formats/torch_zip/torch.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/unit/formats/files.hpp"

namespace recast::formats::tests {
namespace {

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out += {kDigits[value >> 4], kDigits[value & 15U]};
  }
  return out;
}

/// An OrderedDict with one tensor, float32 [[0, 1, 2], [3, 4, 5]], under 'w'.
FileSpec small_spec() {
  tensor::Mapping root{{{"w", tensor::TensorRef{0}}}, true};
  return {{{"w", tensor::DType::F32, {2, 3}}}, std::move(root)};
}

std::string small_payload() {
  std::string out;
  for (int i = 0; i < 6; ++i)
    append_le(out, static_cast<float>(i));
  return out;
}

// The values of G1 are those of a file that PyTorch 1.13.1 wrote with the memo taken out of its
// pickle (FORMAT.md).
TEST_CASE("formats/zip-layout: the golden file G1 is reproduced bit for bit") {
  const FileSpec spec = small_spec();
  const auto pickle = emit_pickle(spec.root, spec.tensors);
  REQUIRE(pickle);
  CHECK(pickle->stream.size() == 165);
  CHECK(crc32(pickle->stream) == 0x0C40DC79);

  ZipLayout::Builder builder("archive");
  builder.add("data.pkl", pickle->stream.size());
  builder.add("data/0", 24);
  builder.add("version", 2);
  const ZipLayout zip = std::move(builder).finish();
  std::vector<std::uint64_t> offsets;
  for (const ZipSlot& slot : zip.slots()) {
    offsets.push_back(slot.header_offset);
    offsets.push_back(slot.payload_offset);
  }
  CHECK(offsets == std::vector<std::uint64_t>{0, 64, 245, 320, 360, 448});
  CHECK(zip.nbytes() == 747);

  support::MemoryFileSystem files;
  auto file = files.create("g1");
  REQUIRE(file);
  const std::string payload = small_payload();
  const std::vector<std::string_view> payloads = {pickle->stream, payload, "3\n"};
  const std::vector<std::uint32_t> crcs = {0x0C40DC79, 0x91E79017, 0x55679ED1};
  REQUIRE(zip.write(**file, crcs, payloads));
  // SHA-256 of the file: e8dae739426d9d18818cd7aaa2d67fe2ab54204da2c00016e5c16a47224ae43a
  CHECK(hex(files.get("g1")) == hex(fixture("g1.pt")));
}

TEST_CASE("formats/zip-layout: payloads that somebody else writes are left alone") {
  ZipLayout::Builder builder("a");
  builder.add("x", 3);
  builder.add("empty", 0);
  builder.add("y", 3);
  const ZipLayout zip = std::move(builder).finish();
  const std::vector<std::uint32_t> crcs = {crc32("abc"), 0, crc32("def")};

  support::MemoryFileSystem files;
  auto whole = files.create("whole");
  auto pieces = files.create("pieces");
  REQUIRE((whole && pieces));
  REQUIRE(zip.write(**whole, crcs, std::vector<std::string_view>{"abc", "", "def"}));
  REQUIRE((*pieces)->write(zip.slots()[0].payload_offset, as_bytes("abc")));
  REQUIRE((*pieces)->write(zip.slots()[2].payload_offset, as_bytes("def")));
  REQUIRE(zip.write(**pieces, crcs, std::vector<std::string_view>(3)));
  CHECK(hex(files.get("pieces")) == hex(files.get("whole")));
}

TEST_CASE("formats/zip-layout: sizes and positions over 4 GiB get zip64 fields") {
  constexpr std::uint64_t kBig = 5ULL << 30;
  ZipLayout::Builder builder("archive");
  builder.add("small", 10);
  builder.add("data/0", kBig);
  builder.add("data/1", kBig);
  builder.add("version", 2);
  const ZipLayout zip = std::move(builder).finish();
  const auto& slots = zip.slots();
  // A wide record has 20 bytes of zip64 field and a descriptor of 24; a far one 12 and 24; one that
  // is both 28 and 24.
  CHECK(slots[1].header_offset == slots[0].payload_offset + 10 + 16);
  CHECK(slots[2].header_offset == slots[1].payload_offset + kBig + 24);
  CHECK(slots[3].header_offset == slots[2].payload_offset + kBig + 24);
  for (const ZipSlot& slot : slots)
    CHECK(slot.payload_offset % 64 == 0);
  const std::uint64_t directory = slots[3].payload_offset + 2 + 24;
  const std::uint64_t names = 13 + 14 + 14 + 15;
  CHECK(zip.nbytes() == directory + 4 * 46 + names + 20 + 28 + 12 + 56 + 20 + 22);
}

}  // namespace
}  // namespace recast::formats::tests
