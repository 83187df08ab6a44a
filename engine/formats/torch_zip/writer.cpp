#include <libdeflate.h>

#include "engine/formats/payload_size.hpp"
#include "engine/formats/torch_zip/emit.hpp"
#include "engine/formats/torch_zip/torch.hpp"
#include "engine/formats/torch_zip/zip_layout.hpp"

namespace recast::formats {
namespace {

constexpr std::string_view kPrefix = "archive";
constexpr std::string_view kByteOrder = "little";
constexpr std::string_view kVersion = "3\n";

std::uint32_t crc_of(std::string_view bytes) noexcept {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

/// data.pkl, byteorder, data/0, data/1, …, version.
class TorchLayout final : public FileLayout {
 public:
  TorchLayout(EmittedPickle pickle, std::span<const std::uint64_t> nbytes)
      : pickle_(std::move(pickle)), zip_(lay_out(pickle_, nbytes)), offsets_(nbytes.size()) {
    for (std::size_t i = 0; i < pickle_.storages.size(); ++i)
      offsets_[pickle_.storages[i]] = zip_.slots()[kFirstStorage + i].payload_offset;
  }

  std::uint64_t nbytes() const noexcept override { return zip_.nbytes(); }
  const std::vector<std::uint64_t>& tensor_offsets() const noexcept override { return offsets_; }
  bool needs_crc() const noexcept override { return true; }

  Result<void> finish(io::OutputFile& file, std::span<const std::uint32_t> crc32) const override {
    RECAST_CHECK(crc32.size() == offsets_.size(), "one CRC-32 per tensor");
    const std::size_t count = zip_.slots().size();
    std::vector<std::uint32_t> crcs(count);
    std::vector<std::string_view> payloads(count);
    payloads[0] = pickle_.stream;
    payloads[1] = kByteOrder;
    payloads[count - 1] = kVersion;
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, count - 1})
      crcs[i] = crc_of(payloads[i]);
    for (std::size_t i = 0; i < pickle_.storages.size(); ++i)
      crcs[kFirstStorage + i] = crc32[pickle_.storages[i]];
    return zip_.write(file, crcs, payloads);
  }

 private:
  static constexpr std::size_t kFirstStorage = 2;

  static ZipLayout lay_out(const EmittedPickle& pickle, std::span<const std::uint64_t> nbytes) {
    ZipLayout::Builder zip{std::string(kPrefix)};
    zip.add("data.pkl", pickle.stream.size());
    zip.add("byteorder", kByteOrder.size());
    for (std::size_t i = 0; i < pickle.storages.size(); ++i)
      zip.add(cat("data/", i), nbytes[pickle.storages[i]]);
    zip.add("version", kVersion.size());
    return std::move(zip).finish();
  }

  EmittedPickle pickle_;
  ZipLayout zip_;
  std::vector<std::uint64_t> offsets_;
};

}  // namespace

Result<std::unique_ptr<FileLayout>> TorchContainer::lay_out(const FileSpec& spec) const {
  RECAST_ASSIGN(const auto nbytes, payload_sizes(spec.tensors));
  RECAST_ASSIGN(EmittedPickle pickle, emit_pickle(spec.root, spec.tensors));
  return std::unique_ptr<FileLayout>(std::make_unique<TorchLayout>(std::move(pickle), nbytes));
}

}  // namespace recast::formats
