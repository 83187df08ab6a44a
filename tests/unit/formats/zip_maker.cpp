#include "tests/unit/formats/zip_maker.hpp"

#include "engine/formats/little_endian.hpp"
#include "tests/unit/formats/files.hpp"

namespace recast::formats::tests {
namespace {

void append_local(std::string& out, const ZipPart& part) {
  const auto nbytes = static_cast<std::uint32_t>(part.payload.size());
  const std::string& name = part.local_name.value_or(part.name);
  append_le(out, part.local_signature.value_or(0x04034B50U));
  append_le(out, std::uint16_t{20});
  append_le(out, part.local_flags.value_or(part.flags));
  append_le(out, part.local_method.value_or(part.method));
  append_le(out, std::uint32_t{0});
  append_le(out, part.local_crc32.value_or(crc32(part.payload)));
  append_le(out, nbytes);
  append_le(out, nbytes);
  append_le(out, static_cast<std::uint16_t>(name.size()));
  append_le(out, std::uint16_t{0});
  out += name + part.payload;
}

void append_entry(std::string& out, const ZipPart& part, std::uint32_t offset) {
  const auto nbytes = static_cast<std::uint32_t>(part.payload.size());
  append_le(out, 0x02014B50U);
  append_le(out, std::uint32_t{20});
  append_le(out, part.flags);
  append_le(out, part.method);
  append_le(out, std::uint32_t{0});
  append_le(out, part.crc32.value_or(crc32(part.payload)));
  append_le(out, part.stored_nbytes.value_or(nbytes));
  append_le(out, part.nbytes.value_or(nbytes));
  append_le(out, static_cast<std::uint16_t>(part.name.size()));
  append_le(out, static_cast<std::uint16_t>(part.extra.size()));
  append_le(out, std::uint16_t{0});
  append_le(out, part.disk);
  append_le(out, std::uint16_t{0});
  append_le(out, std::uint32_t{0});
  append_le(out, part.offset.value_or(offset));
  out += part.name + part.extra;
}

void append_end64(std::string& out, const ZipTail& tail, std::uint64_t count, std::uint64_t nbytes,
                  std::uint64_t offset) {
  const std::uint64_t end64_at = out.size();
  append_le(out, 0x06064B50U);
  append_le(out, tail.end64_nbytes.value_or(44));
  append_le(out, std::uint32_t{0});
  append_le(out, std::uint64_t{0});
  append_le(out, tail.count64.value_or(count));
  append_le(out, tail.count64.value_or(count));
  append_le(out, tail.nbytes64.value_or(nbytes));
  append_le(out, offset);
  append_le(out, 0x07064B50U);
  append_le(out, tail.locator_disk);
  append_le(out, tail.end64_offset.value_or(end64_at));
  append_le(out, std::uint32_t{1});
}

}  // namespace

std::string make_zip(const std::vector<ZipPart>& parts, const ZipTail& tail) {
  std::string out;
  std::string directory;
  for (const ZipPart& part : parts) {
    append_entry(directory, part, static_cast<std::uint32_t>(out.size()));
    append_local(out, part);
  }
  directory += tail.behind_entries;
  const auto count = static_cast<std::uint16_t>(parts.size());
  const auto nbytes = static_cast<std::uint32_t>(directory.size());
  const auto offset = static_cast<std::uint32_t>(out.size());
  out += directory;
  if (tail.zip64) append_end64(out, tail, count, nbytes, offset);
  append_le(out, 0x06054B50U);
  append_le(out, std::uint32_t{0});
  append_le(out, tail.disk_count.value_or(tail.count.value_or(count)));
  append_le(out, tail.count.value_or(count));
  append_le(out, tail.directory_nbytes.value_or(nbytes));
  append_le(out, tail.directory_offset.value_or(offset));
  append_le(out, static_cast<std::uint16_t>(tail.comment.size()));
  return out + tail.comment + tail.behind;
}

std::vector<ZipPart> torch_parts(std::string pickle, std::vector<ZipPart> more) {
  std::vector<ZipPart> parts = {{.name = "archive/data.pkl", .payload = std::move(pickle)},
                                {.name = "archive/version", .payload = "3\n"}};
  for (ZipPart& part : more)
    parts.push_back(std::move(part));
  return parts;
}

}  // namespace recast::formats::tests
