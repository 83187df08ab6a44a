#include "engine/formats/torch_zip/zip_layout.hpp"

#include <algorithm>

#include "engine/formats/little_endian.hpp"
#include "engine/formats/torch_zip/zip_records.hpp"

namespace recast::formats {
namespace {

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint16_t kPaddingTag = 0x4246;  // "FB" in the file
constexpr char kPadding = 'Z';
constexpr std::uint64_t kFieldHead = 4;  // tag and length of an extra field

bool is_wide(const ZipSlot& slot) noexcept {
  return slot.nbytes >= zip::kSeeZip64;
}
bool is_far(const ZipSlot& slot) noexcept {
  return slot.header_offset >= zip::kSeeZip64;
}

std::uint64_t zip64_nbytes(const ZipSlot& slot) noexcept {
  const std::uint64_t body = (is_wide(slot) ? 16U : 0U) + (is_far(slot) ? 8U : 0U);
  return body == 0 ? 0 : kFieldHead + body;
}

std::uint64_t descriptor_nbytes(const ZipSlot& slot) noexcept {
  if (slot.nbytes == 0) return 0;
  return zip64_nbytes(slot) == 0 ? 16 : 24;
}

std::uint16_t flags_of(const ZipSlot& slot) noexcept {
  return static_cast<std::uint16_t>(zip::kFlagUtf8 | (slot.nbytes == 0 ? 0 : zip::kFlagDescriptor));
}

std::uint32_t narrow(std::uint64_t value) noexcept {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, zip::kSeeZip64));
}

void append_zip64(std::string& out, const ZipSlot& slot, std::uint64_t stored_nbytes) {
  const std::uint64_t nbytes = zip64_nbytes(slot);
  if (nbytes == 0) return;
  append_le(out, zip::kZip64Tag);
  append_le(out, static_cast<std::uint16_t>(nbytes - kFieldHead));
  if (is_wide(slot)) {
    append_le(out, slot.nbytes);
    append_le(out, stored_nbytes);
  }
  if (is_far(slot)) append_le(out, slot.header_offset);
}

/// The local header up to the payload. Sizes and CRC stand in the descriptor, here are zeros.
void append_local(std::string& out, const ZipSlot& slot) {
  const std::uint64_t fixed =
      zip::kLocalNbytes + slot.name.size() + zip64_nbytes(slot) + kFieldHead;
  const std::uint64_t padding = slot.payload_offset - slot.header_offset - fixed;
  append_le(out, zip::kLocalSignature);
  append_le(out, std::uint16_t{0});  // version needed
  append_le(out, flags_of(slot));
  append_le(out, zip::kStored);
  append_le(out, std::uint32_t{0});  // time and date
  append_le(out, std::uint32_t{0});  // CRC
  append_le(out, std::uint64_t{0});  // both sizes
  append_le(out, static_cast<std::uint16_t>(slot.name.size()));
  append_le(out, static_cast<std::uint16_t>(zip64_nbytes(slot) + kFieldHead + padding));
  out += slot.name;
  append_zip64(out, slot, 0);
  append_le(out, kPaddingTag);
  append_le(out, static_cast<std::uint16_t>(padding));
  out.append(padding, kPadding);
}

void append_descriptor(std::string& out, const ZipSlot& slot, std::uint32_t crc32) {
  if (slot.nbytes == 0) return;
  append_le(out, zip::kDescriptorSignature);
  append_le(out, crc32);
  for (int i = 0; i < 2; ++i) {  // stored and real size, which are the same
    if (zip64_nbytes(slot) == 0)
      append_le(out, narrow(slot.nbytes));
    else
      append_le(out, slot.nbytes);
  }
}

void append_entry(std::string& out, const ZipSlot& slot, std::uint32_t crc32) {
  append_le(out, zip::kEntrySignature);
  append_le(out, std::uint16_t{0});  // made by
  append_le(out, std::uint16_t{0});  // version needed
  append_le(out, flags_of(slot));
  append_le(out, zip::kStored);
  append_le(out, std::uint32_t{0});  // time and date
  append_le(out, crc32);
  append_le(out, narrow(slot.nbytes));
  append_le(out, narrow(slot.nbytes));
  append_le(out, static_cast<std::uint16_t>(slot.name.size()));
  append_le(out, static_cast<std::uint16_t>(zip64_nbytes(slot)));
  append_le(out, std::uint16_t{0});  // comment
  append_le(out, std::uint16_t{0});  // disk
  append_le(out, std::uint16_t{0});  // internal attributes
  append_le(out, std::uint32_t{0});  // external attributes
  append_le(out, narrow(slot.header_offset));
  out += slot.name;
  append_zip64(out, slot, slot.nbytes);
}

std::uint64_t entry_nbytes(const ZipSlot& slot) noexcept {
  return zip::kEntryNbytes + slot.name.size() + zip64_nbytes(slot);
}

}  // namespace

std::size_t ZipLayout::Builder::add(std::string_view name, std::uint64_t nbytes) {
  ZipSlot slot{cat(prefix_, '/', name), nbytes, end_, 0};
  const std::uint64_t fixed =
      zip::kLocalNbytes + slot.name.size() + zip64_nbytes(slot) + kFieldHead;
  const std::uint64_t start = end_ + fixed;
  slot.payload_offset = (start + kAlignment - 1) / kAlignment * kAlignment;
  end_ = slot.payload_offset + nbytes + descriptor_nbytes(slot);
  slots_.push_back(std::move(slot));
  return slots_.size() - 1;
}

ZipLayout ZipLayout::Builder::finish() && {
  return ZipLayout(std::move(slots_), end_);
}

ZipLayout::ZipLayout(std::vector<ZipSlot> slots, std::uint64_t directory_offset)
    : slots_(std::move(slots)), directory_offset_(directory_offset) {
  nbytes_ = directory_offset_ + zip::kEnd64Nbytes + zip::kLocatorNbytes + zip::kEndNbytes;
  for (const ZipSlot& slot : slots_)
    nbytes_ += entry_nbytes(slot);
}

std::string ZipLayout::directory(std::span<const std::uint32_t> crc32) const {
  std::string out;
  out.reserve(nbytes_ - directory_offset_);
  for (std::size_t i = 0; i < slots_.size(); ++i)
    append_entry(out, slots_[i], crc32[i]);
  const std::uint64_t nbytes = out.size();
  const std::uint64_t count = slots_.size();

  append_le(out, zip::kEnd64Signature);
  append_le(out, std::uint64_t{zip::kEnd64Nbytes - 12});  // what follows this field
  append_le(out, std::uint16_t{0x031E});                  // made by: as PyTorch's zip library says
  append_le(out, std::uint16_t{45});                      // version needed
  append_le(out, std::uint64_t{0});                       // two disk numbers
  append_le(out, count);
  append_le(out, count);
  append_le(out, nbytes);
  append_le(out, directory_offset_);

  append_le(out, zip::kLocatorSignature);
  append_le(out, std::uint32_t{0});
  append_le(out, directory_offset_ + nbytes);
  append_le(out, std::uint32_t{1});

  const auto narrow_count =
      static_cast<std::uint16_t>(std::min<std::uint64_t>(count, zip::kSeeZip64Count));
  append_le(out, zip::kEndSignature);
  append_le(out, std::uint32_t{0});  // two disk numbers
  append_le(out, narrow_count);
  append_le(out, narrow_count);
  append_le(out, narrow(nbytes));
  append_le(out, narrow(directory_offset_));
  append_le(out, std::uint16_t{0});  // comment
  return out;
}

Result<void> ZipLayout::write(io::OutputFile& file, std::span<const std::uint32_t> crc32,
                              std::span<const std::string_view> payloads) const {
  RECAST_CHECK(crc32.size() == slots_.size() && payloads.size() == slots_.size(),
               "one CRC and one payload per record");
  // What lies between two payloads that others write goes out in one piece.
  std::string pending;
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const ZipSlot& slot = slots_[i];
    append_local(pending, slot);
    if (payloads[i].size() == slot.nbytes) {
      pending += payloads[i];
    } else {
      RECAST_TRY(file.write(begin, as_bytes(pending)));
      pending.clear();
      begin = slot.payload_offset + slot.nbytes;
    }
    append_descriptor(pending, slot, crc32[i]);
  }
  pending += directory(crc32);
  return file.write(begin, as_bytes(pending));
}

}  // namespace recast::formats
