#pragma once
// What every container offers: read a file's catalog, lay out a new file before any payload exists,
// close it afterwards.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/io/file_system.hpp"
#include "engine/tensor/catalog.hpp"

namespace recast::formats {

/// A tensor to be written: row-major, without gaps.
struct TensorSpec {
  std::string name;
  tensor::DType dtype = tensor::DType::F32;
  std::vector<std::int64_t> shape;
};

/// A file to be written. `root`: the document with TensorRef leaves that index `tensors` (torch),
/// or a flat mapping of text to text (safetensors).
struct FileSpec {
  std::vector<TensorSpec> tensors;
  tensor::Value root;
};

/// A file whose every byte offset is known before its payload is.
class FileLayout {
 public:
  virtual ~FileLayout() = default;
  virtual std::uint64_t nbytes() const noexcept = 0;
  /// Where the payload of each tensor of the spec begins, in the order of the spec.
  virtual const std::vector<std::uint64_t>& tensor_offsets() const noexcept = 0;
  /// True if `finish` wants the CRC-32 of each tensor's payload.
  virtual bool needs_crc() const noexcept = 0;
  /// Writes everything that is not payload; `crc32` holds one value per tensor if `needs_crc`, else
  /// nothing. Errors: those of OutputFile::write.
  virtual Result<void> finish(io::OutputFile& file, std::span<const std::uint32_t> crc32) const = 0;
};

/// A container format. Stateless; one object per format lives in the registry.
class Container {
 public:
  virtual ~Container() = default;
  virtual std::string_view name() const noexcept = 0;
  /// Whether the file begins like one of ours (or like something that this format recognises in
  /// order to refuse it). `head` holds the first bytes of the file, at most 512.
  virtual bool recognises(std::span<const std::byte> head, std::uint64_t nbytes) const noexcept = 0;
  /// Reads headers, indexes and pickles; no payload. Errors: format.*, io.read-failed.
  virtual Result<tensor::FileCatalog> read(const io::RandomAccessFile& file) const = 0;
  /// Errors: format.* when the container cannot hold what the spec asks for.
  virtual Result<std::unique_ptr<FileLayout>> lay_out(const FileSpec& spec) const = 0;
};

/// The container called `name`; null if there is none.
const Container* container_named(std::string_view name) noexcept;
/// All of them, in the order in which they are asked whether they recognise a file.
std::span<const Container* const> all_containers() noexcept;

/// Opens a file, finds its container by content and reads its catalog. Errors:
/// format.unknown-container, and those of read.
Result<tensor::FileCatalog> read_catalog(const io::FileSystem& files, const std::string& path);

}  // namespace recast::formats
