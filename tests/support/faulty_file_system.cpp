#include "tests/support/faulty_file_system.hpp"

#include <utility>

namespace recast::support {

/// Decides about each operation.
class FaultyFileSystem::Faults {
 public:
  Result<void> on_read(const std::string& what, const std::string& path) {
    return decide(Code::io_read_failed, what, path);
  }
  Result<void> on_write(const std::string& what, const std::string& path) {
    return decide(Code::io_write_failed, what, path);
  }
  /// For the bytes of a write that has been let through.
  Result<void> on_bytes(std::uint64_t nbytes, const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (!room_) return {};
    if (nbytes > *room_) {
      room_ = 0;
      return make_diagnostic(Code::io_disk_full,
                             "cannot write the file: no space left on device (on purpose)")
          .in(path)
          .suggest("free some space or choose a folder on another disk");
    }
    *room_ -= nbytes;
    return {};
  }

  void fail(std::size_t first, std::size_t last) {
    const std::lock_guard lock(mutex_);
    first_ = first;
    last_ = last;
  }
  void set_room(std::uint64_t nbytes) {
    const std::lock_guard lock(mutex_);
    room_ = nbytes;
  }
  std::vector<std::string> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

 private:
  Result<void> decide(Code code, const std::string& what, const std::string& path) {
    const std::lock_guard lock(mutex_);
    const std::size_t n = log_.size();
    log_.push_back(what);
    if (n < first_ || n > last_) return {};
    return make_diagnostic(code, cat("operation ", n, " failed on purpose: ", what))
        .in(path)
        .suggest("let the disk work");
  }

  mutable std::mutex mutex_;
  std::vector<std::string> log_;
  // The operations [first, last] fail; from the start there are none.
  std::size_t first_ = 1;
  std::size_t last_ = 0;
  std::optional<std::uint64_t> room_;
};

namespace {

using Faults = FaultyFileSystem::Faults;

class FaultyFile final : public io::RandomAccessFile {
 public:
  FaultyFile(std::unique_ptr<io::RandomAccessFile> inner, std::shared_ptr<Faults> faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  std::uint64_t size() const noexcept override { return inner_->size(); }
  const std::string& path() const noexcept override { return inner_->path(); }
  void will_read_in_order() const noexcept override { inner_->will_read_in_order(); }
  Result<void> read(std::uint64_t offset, std::span<std::byte> out) const override {
    RECAST_TRY(faults_->on_read(cat("read ", path(), " ", offset, "+", out.size()), path()));
    return inner_->read(offset, out);
  }

 private:
  std::unique_ptr<io::RandomAccessFile> inner_;
  std::shared_ptr<Faults> faults_;
};

class FaultyOutputFile final : public io::OutputFile {
 public:
  FaultyOutputFile(std::unique_ptr<io::OutputFile> inner, std::shared_ptr<Faults> faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  const std::string& path() const noexcept override { return inner_->path(); }
  void start_writeback() noexcept override { inner_->start_writeback(); }
  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    RECAST_TRY(faults_->on_write(cat("write ", path(), " ", offset, "+", bytes.size()), path()));
    RECAST_TRY(faults_->on_bytes(bytes.size(), path()));
    return inner_->write(offset, bytes);
  }
  Result<void> resize(std::uint64_t nbytes) override {
    RECAST_TRY(faults_->on_write(cat("resize ", path(), " ", nbytes), path()));
    return inner_->resize(nbytes);
  }
  Result<void> sync() override {
    RECAST_TRY(faults_->on_write(cat("sync ", path()), path()));
    return inner_->sync();
  }

 private:
  std::unique_ptr<io::OutputFile> inner_;
  std::shared_ptr<Faults> faults_;
};

}  // namespace

std::shared_ptr<Faults> FaultyFileSystem::make_faults() {
  return std::make_shared<Faults>();
}

void FaultyFileSystem::fail_operation(std::size_t n) {
  faults_->fail(n, n);
}
void FaultyFileSystem::fail_from(std::size_t n) {
  faults_->fail(n, SIZE_MAX);
}
void FaultyFileSystem::disk_full_after(std::uint64_t nbytes) {
  faults_->set_room(nbytes);
}
std::size_t FaultyFileSystem::operation_count() const {
  return faults_->log().size();
}
std::vector<std::string> FaultyFileSystem::log() const {
  return faults_->log();
}

Result<std::unique_ptr<io::RandomAccessFile>> FaultyFileSystem::open(
    const std::string& path) const {
  RECAST_TRY(faults_->on_read(cat("open ", path), path));
  RECAST_ASSIGN(auto file, inner_.open(path));
  return std::unique_ptr<io::RandomAccessFile>(
      std::make_unique<FaultyFile>(std::move(file), faults_));
}

Result<std::unique_ptr<io::OutputFile>> FaultyFileSystem::create(const std::string& path) {
  RECAST_TRY(faults_->on_write(cat("create ", path), path));
  RECAST_ASSIGN(auto file, inner_.create(path));
  return std::unique_ptr<io::OutputFile>(
      std::make_unique<FaultyOutputFile>(std::move(file), faults_));
}

Result<io::Entry> FaultyFileSystem::stat(const std::string& path) const {
  RECAST_TRY(faults_->on_read(cat("stat ", path), path));
  return inner_.stat(path);
}

Result<std::vector<io::Entry>> FaultyFileSystem::list(const std::string& folder) const {
  RECAST_TRY(faults_->on_read(cat("list ", folder), folder));
  return inner_.list(folder);
}

Result<void> FaultyFileSystem::make_folders(const std::string& folder) {
  RECAST_TRY(faults_->on_write(cat("make_folders ", folder), folder));
  return inner_.make_folders(folder);
}

Result<bool> FaultyFileSystem::make_new_folder(const std::string& folder) {
  RECAST_TRY(faults_->on_write(cat("make_new_folder ", folder), folder));
  return inner_.make_new_folder(folder);
}

Result<std::unique_ptr<io::Lock>> FaultyFileSystem::lock(const std::string& path,
                                                         const std::string& owner) {
  RECAST_TRY(faults_->on_write(cat("lock ", path), path));
  return inner_.lock(path, owner);
}

Result<std::string> FaultyFileSystem::follow_links(const std::string& path) const {
  RECAST_TRY(faults_->on_read(cat("follow_links ", path), path));
  return inner_.follow_links(path);
}

Result<bool> FaultyFileSystem::is_mount_point(const std::string& folder) const {
  RECAST_TRY(faults_->on_read(cat("is_mount_point ", folder), folder));
  return inner_.is_mount_point(folder);
}

Result<void> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  RECAST_TRY(faults_->on_write(cat("rename ", from, " -> ", to), from));
  return inner_.rename(from, to);
}

Result<void> FaultyFileSystem::remove_all(const std::string& path) {
  RECAST_TRY(faults_->on_write(cat("remove_all ", path), path));
  return inner_.remove_all(path);
}

Result<void> FaultyFileSystem::sync_folder(const std::string& folder) {
  RECAST_TRY(faults_->on_write(cat("sync_folder ", folder), folder));
  return inner_.sync_folder(folder);
}

Result<std::uint64_t> FaultyFileSystem::free_bytes(const std::string& folder) const {
  RECAST_TRY(faults_->on_read(cat("free_bytes ", folder), folder));
  return inner_.free_bytes(folder);
}

}  // namespace recast::support
