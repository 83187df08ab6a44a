#pragma once
// Files of safetensors: a JSON header and the tensors behind it, row-major, without gaps. FORMAT.md
// has the bytes.

#include "engine/formats/container.hpp"

namespace recast::formats {

/// Called "safetensors". The root of a catalog is a mapping of text to text (`__metadata__`), empty
/// if the file has none; `lay_out` takes the same, or null. Tensors are laid out by dtype, widest
/// first, then by name, whatever the spec's order.
class SafetensorsContainer final : public Container {
 public:
  std::string_view name() const noexcept override { return "safetensors"; }
  bool recognises(std::span<const std::byte> head, std::uint64_t nbytes) const noexcept override;
  Result<tensor::FileCatalog> read(const io::RandomAccessFile& file) const override;
  Result<std::unique_ptr<FileLayout>> lay_out(const FileSpec& spec) const override;
};

}  // namespace recast::formats
