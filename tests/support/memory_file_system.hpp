#pragma once
// A disk in memory: what unit tests give to everything that takes a FileSystem&.

#include <map>
#include <memory>
#include <mutex>
#include <set>
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
  Result<bool> make_new_folder(const std::string& folder) override;
  Result<std::unique_ptr<io::Lock>> lock(const std::string& path,
                                         const std::string& owner) override;
  Result<std::string> follow_links(const std::string& path) const override;
  Result<bool> is_mount_point(const std::string& folder) const override;
  std::uint64_t most_open_files() const noexcept override { return most_open_files_; }
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove_all(const std::string& path) override;
  Result<void> sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes(const std::string& folder) const override;

  /// is_there, of what can always be looked at.
  bool has(const std::string& path) const { return stat(path).has_value(); }
  /// Puts a file there, synced, with the folders above it.
  void put(const std::string& path, std::string_view bytes);
  /// The bytes of a file; fails the test (InternalError) if there is none.
  std::string get(const std::string& path) const;
  /// Every file below `folder`, with its path, sorted. Folders are not listed.
  std::vector<std::string> files(const std::string& folder = ".") const;
  /// Files whose last bytes were not synced: what a power cut could take.
  std::vector<std::string> unsynced_files() const;
  /// Folders with entries that were not synced since they came: a power cut could take those.
  std::vector<std::string> unsynced_folders() const;
  /// Paths that are locked now. A lock is no file here.
  std::vector<std::string> locks() const;
  /// What free_bytes answers (from the start 1 TiB); writes do not count against it.
  void set_free_bytes(std::uint64_t nbytes);
  /// What most_open_files answers (from the start there is no limit).
  void set_most_open_files(std::uint64_t count) { most_open_files_ = count; }
  /// Makes a folder a mount point: it is not replaced by rename.
  void mount(const std::string& folder);
  /// Makes a link to what need not be there; open, stat, list and follow_links follow it where it
  /// is the last of a path.
  void put_link(const std::string& path, const std::string& target);

  struct Content;
  struct Locks;

 private:
  // A file's content, or null for a folder. Shared with open files, which outlive rename and
  // removal.
  using Node = std::shared_ptr<Content>;

  static std::shared_ptr<Locks> make_locks();
  bool is_folder(const std::string& path) const;
  void make_folders_locked(const std::string& folder);
  /// A normalised path without links at its end.
  std::string at_end_of_links(std::string path) const;
  /// The error of a path where nothing is, or a link to nothing.
  Diagnostic nothing_at(std::string_view attempt, const std::string& path) const;

  mutable std::mutex mutex_;           // guards nodes_ and free_bytes_; contents have their own
  std::map<std::string, Node> nodes_;  // by normalised path, without the roots
  std::map<std::string, std::string> links_;  // by normalised path
  std::set<std::string> mounts_, unsynced_folders_;
  std::shared_ptr<Locks> locks_ = make_locks();  // shared with those who hold them
  std::uint64_t most_open_files_ = UINT64_MAX;
  std::uint64_t free_bytes_ = std::uint64_t{1} << 40;
};

}  // namespace recast::support
