#pragma once
// Files of torch.save, version 1.6 and later: a zip archive with a pickle and one record per
// storage. FORMAT.md has the bytes.

#include "engine/formats/container.hpp"

namespace recast::formats {

/// Called "torch". `read` refuses, saying what to do: torch.save before 1.6, TorchScript,
/// compressed or encrypted records, big-endian files, pickles without an archive.
///
/// `lay_out` takes any Value that `read` gives, except Symbols of the module "recast"; each tensor
/// of the spec must be referred to by `root`, by one TensorRef or by several (which then share
/// memory when torch loads the file).
class TorchContainer final : public Container {
 public:
  std::string_view name() const noexcept override { return "torch"; }
  bool recognises(std::span<const std::byte> head, std::uint64_t nbytes) const noexcept override;
  Result<tensor::FileCatalog> read(const io::RandomAccessFile& file) const override;
  Result<std::unique_ptr<FileLayout>> lay_out(const FileSpec& spec) const override;
};

}  // namespace recast::formats
