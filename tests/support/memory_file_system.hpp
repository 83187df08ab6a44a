#pragma once
// A disk in memory: what unit tests give to everything that takes a FileSystem&.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/file_system.hpp"

namespace recast::support {

/// A tree of files and folders. Thread-safe. "." and "/" are there from the start; `a//b/./c` is
/// `a/b/c`. Like a real disk it wants the folder of a new file to exist, renames over files and
/// empty folders only, and keeps a removed file alive for whoever has it open.
class MemoryFileSystem final : public io::FileSystem {
 public:
  Result<std::unique_ptr<io::RandomAccessFile>> open(const std::string& path) const override;
  Result<std::unique_ptr<io::OutputFile>> create(const std::string& path) override;
  Result<io::Entry> stat(const std::string& path) const override;
  Result<std::vector<io::Entry>> list(const std::string& folder) const override;
  Result<void> make_folders(const std::string& folder) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove_all(const std::string& path) override;
  Result<void> sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes(const std::string& folder) const override;

  /// Puts a file there, synced, with the folders above it.
  void put(const std::string& path, std::string_view bytes);
  /// The bytes of a file; fails the test (InternalError) if there is none.
  std::string get(const std::string& path) const;
  /// Every file below `folder`, with its path, sorted. Folders are not listed.
  std::vector<std::string> files(const std::string& folder = ".") const;
  /// Files whose last bytes were not synced: what a power cut could take.
  std::vector<std::string> unsynced_files() const;
  /// What free_bytes answers (from the start 1 TiB); writes do not count against it.
  void set_free_bytes(std::uint64_t nbytes);

  struct Content;

 private:
  // A file's content, or null for a folder. Shared with open files, which outlive rename and
  // removal.
  using Node = std::shared_ptr<Content>;

  bool is_folder(const std::string& path) const;
  void make_folders_locked(const std::string& folder);

  mutable std::mutex mutex_;           // guards nodes_ and free_bytes_; contents have their own
  std::map<std::string, Node> nodes_;  // by normalised path, without the roots
  std::uint64_t free_bytes_ = std::uint64_t{1} << 40;
};

}  // namespace recast::support
