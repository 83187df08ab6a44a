#include "tests/support/memory_file.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace recast::support {
namespace {

using Content = MemoryFileSystem::Content;

class MemoryFile final : public io::RandomAccessFile {
 public:
  MemoryFile(std::shared_ptr<Content> content, std::string path)
      : content_(std::move(content)), path_(std::move(path)), nbytes_(content_->bytes.size()) {}

  std::uint64_t size() const noexcept override { return nbytes_; }
  const std::string& path() const noexcept override { return path_; }
  Result<void> read(std::uint64_t offset, std::span<std::byte> out) const override {
    const std::lock_guard lock(content_->mutex);
    const std::uint64_t nbytes = std::min<std::uint64_t>(nbytes_, content_->bytes.size());
    if (offset > nbytes || out.size() > nbytes - offset)
      return make_diagnostic(Code::io_read_failed,
                             cat("the file ends at byte ", nbytes, ", and ", out.size(),
                                 " bytes from byte ", offset, " were expected"))
          .in(path_, offset)
          .suggest("check that the file is complete");
    if (!out.empty()) std::memcpy(out.data(), content_->bytes.data() + offset, out.size());
    return {};
  }

 private:
  std::shared_ptr<Content> content_;
  std::string path_;
  std::uint64_t nbytes_;
};

class MemoryOutputFile final : public io::OutputFile {
 public:
  MemoryOutputFile(std::shared_ptr<Content> content, std::string path)
      : content_(std::move(content)), path_(std::move(path)) {}

  const std::string& path() const noexcept override { return path_; }
  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    const std::lock_guard lock(content_->mutex);
    content_->synced = false;
    if (bytes.empty()) return {};
    const std::size_t end = static_cast<std::size_t>(offset) + bytes.size();
    if (content_->bytes.size() < end) content_->bytes.resize(end, '\0');
    std::memcpy(content_->bytes.data() + offset, bytes.data(), bytes.size());
    return {};
  }
  Result<void> resize(std::uint64_t nbytes) override {
    const std::lock_guard lock(content_->mutex);
    content_->synced = false;
    content_->bytes.resize(static_cast<std::size_t>(nbytes), '\0');
    return {};
  }
  Result<void> sync() override {
    const std::lock_guard lock(content_->mutex);
    content_->synced = true;
    return {};
  }

 private:
  std::shared_ptr<Content> content_;
  std::string path_;
};

}  // namespace

std::unique_ptr<io::RandomAccessFile> open_memory_file(std::shared_ptr<Content> content,
                                                       std::string path) {
  return std::make_unique<MemoryFile>(std::move(content), std::move(path));
}

std::unique_ptr<io::OutputFile> write_memory_file(std::shared_ptr<Content> content,
                                                  std::string path) {
  return std::make_unique<MemoryOutputFile>(std::move(content), std::move(path));
}

}  // namespace recast::support
