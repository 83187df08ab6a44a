#pragma once
// A disk that fails when it is told to: for tests that every failure leaves a clean diagnostic and
// no half of a file.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/file_system.hpp"

namespace recast::support {

/// Passes everything on to another file system and counts it: opening, reading, making, writing,
/// resizing, syncing, looking, listing, locking, renaming and removing are one operation each, in
/// the order in which they are asked for. Hints are passed on and not counted. Thread-safe. It must
/// outlive the files that it opened; so must `inner`.
///
/// The usual loop: run once without a failure, read operation_count(), then for every n below it a
/// fresh disk with fail_operation(n).
class FaultyFileSystem final : public io::FileSystem {
 public:
  explicit FaultyFileSystem(io::FileSystem& inner) : inner_(inner) {}

  /// The n-th operation from the start (0 is the first) fails without being tried: io.read-failed
  /// for those that read, else io.write-failed. All others work.
  void fail_operation(std::size_t n);
  /// The n-th operation and all after it fail: the disk is gone.
  void fail_from(std::size_t n);
  /// Writes are passed on until `nbytes` were written; the one that goes beyond is not, and it and
  /// all after it fail with io.disk-full. Resizing takes no space.
  void disk_full_after(std::uint64_t nbytes);

  std::size_t operation_count() const;
  /// What was asked for, in order: "create out/a", "write out/a 0+16", "rename a -> b".
  std::vector<std::string> log() const;

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
  std::uint64_t most_open_files() const noexcept override { return inner_.most_open_files(); }
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove_all(const std::string& path) override;
  Result<void> sync_folder(const std::string& folder) override;
  Result<std::uint64_t> free_bytes(const std::string& folder) const override;

  class Faults;

 private:
  io::FileSystem& inner_;
  std::shared_ptr<Faults> faults_ = make_faults();  // shared with open files

  static std::shared_ptr<Faults> make_faults();
};

}  // namespace recast::support
