#pragma once
// The only door to the disk. Everything else takes a FileSystem& and can run on memory or on a disk
// that fails.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace recast::io {

/// A file open for positioned reads; thread-safe. Errors: io.read-failed (also for reads past the
/// end).
class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  virtual std::uint64_t size() const noexcept = 0;
  virtual const std::string& path() const noexcept = 0;
  /// Fills `out` completely from byte `offset`.
  virtual Result<void> read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  /// Advises that the file will be read from front to back; may do nothing.
  virtual void will_read_in_order() const noexcept {}
};

/// A file being made: positioned writes, thread-safe on disjoint ranges. Closed by the destructor.
/// Errors: io.write-failed, io.disk-full.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual const std::string& path() const noexcept = 0;
  virtual Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  /// Sets the length; bytes never written read as zero.
  virtual Result<void> resize(std::uint64_t nbytes) = 0;
  /// Starts writing dirty pages back without waiting; a hint.
  virtual void start_writeback() noexcept {}
  /// Returns when the content is on the disk.
  virtual Result<void> sync() = 0;
};

enum class EntryKind { File, Folder, Other };

struct Entry {
  std::string name;  // without its folder
  EntryKind kind = EntryKind::File;
  std::uint64_t nbytes = 0;
};

/// What one run at a time can have; given back by the destructor, and by the system when the
/// process ends in whatever way.
class Lock {
 public:
  virtual ~Lock() = default;
  /// False where the disk has no locks: then somebody else may have it too.
  virtual bool is_sure() const noexcept = 0;
};

/// Paths are `/`-separated and as the user gave them. Thread-safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Errors: io.not-found, io.read-failed.
  virtual Result<std::unique_ptr<RandomAccessFile>> open(const std::string& path) const = 0;
  /// Makes or truncates a file. Errors: io.write-failed, io.disk-full.
  virtual Result<std::unique_ptr<OutputFile>> create(const std::string& path) = 0;
  /// What is at `path` (symbolic links followed). Errors: io.not-found when nothing has that name;
  /// else, also for a link that leads nowhere, io.read-failed.
  virtual Result<Entry> stat(const std::string& path) const = 0;
  /// Entries of a folder, sorted by name. Errors: io.not-found, io.read-failed.
  virtual Result<std::vector<Entry>> list(const std::string& folder) const = 0;
  /// Makes a folder and those above it. Errors: io.write-failed.
  virtual Result<void> make_folders(const std::string& folder) = 0;
  /// Makes a folder in one that is there; false, and nothing is done, if the name is taken. Errors:
  /// io.write-failed, io.disk-full.
  virtual Result<bool> make_new_folder(const std::string& folder) = 0;
  /// Takes the lock that the file `path` stands for; makes the file, with `owner` in it, and
  /// removes it with the lock. Errors: io.output-busy (another run has it; names its owner),
  /// io.write-failed, io.disk-full.
  virtual Result<std::unique_ptr<Lock>> lock(const std::string& path, const std::string& owner) = 0;
  /// `path` itself, or where it leads when it is a link; ends in no slash. Errors: io.read-failed.
  virtual Result<std::string> follow_links(const std::string& path) const = 0;
  /// Whether another disk (or a folder bound from elsewhere) begins at this folder: such a one
  /// cannot be replaced. Errors: io.not-found, io.read-failed.
  virtual Result<bool> is_mount_point(const std::string& folder) const = 0;
  /// How many files this program may have open at once.
  virtual std::uint64_t most_open_files() const noexcept = 0;
  /// Renames a file or folder; replaces an empty folder. Errors: io.write-failed.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  /// Removes a file, or a folder with everything in it; nothing there is no error. Links are
  /// removed, not followed. Refuses "", "/", "." and "..". Errors: io.write-failed.
  virtual Result<void> remove_all(const std::string& path) = 0;
  /// Puts a folder's entries on the disk. Errors: io.write-failed.
  virtual Result<void> sync_folder(const std::string& folder) = 0;
  /// Bytes free for a file below `folder` (which need not exist yet; the nearest existing ancestor
  /// counts).
  virtual Result<std::uint64_t> free_bytes(const std::string& folder) const = 0;

  /// Whether anything has that name; that it cannot be looked at is an error, not a no. Errors:
  /// io.read-failed.
  Result<bool> is_there(const std::string& path) const;
};

/// The real disk.
std::unique_ptr<FileSystem> local_file_system();

/// All bytes of a file; refuses files over `limit` bytes (io.read-failed).
Result<std::string> read_text(const FileSystem& files, const std::string& path,
                              std::uint64_t limit = 1ULL << 30);

/// Tells this run from all others, on whatever machine: "<host>-<process>-<16 random digits>", with
/// nothing in the host's name but letters and digits.
std::string new_run_name();

/// `a/b` with exactly one slash between; `b` alone when `a` is empty.
std::string join(std::string_view a, std::string_view b);
/// The last component; slashes at the end of a path do not count.
std::string base_name(std::string_view path);
/// The path without its last component; "." if it has one only.
std::string parent(std::string_view path);

}  // namespace recast::io
