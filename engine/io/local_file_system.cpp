#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>

#include "engine/base/checked.hpp"
#include "engine/io/file_system.hpp"
#include "engine/io/local_file.hpp"
#include "engine/io/local_lock.hpp"
#include "engine/io/open_files.hpp"
#include "engine/io/os_error.hpp"

namespace recast::io {

namespace {

struct FolderCloser {
  void operator()(DIR* folder) const noexcept { (void)::closedir(folder); }
};
using FolderStream = std::unique_ptr<DIR, FolderCloser>;

Entry entry_of(std::string name, const struct ::stat& found) {
  if (S_ISDIR(found.st_mode)) return {std::move(name), EntryKind::Folder, 0};
  if (!S_ISREG(found.st_mode)) return {std::move(name), EntryKind::Other, 0};
  return {std::move(name), EntryKind::File, static_cast<std::uint64_t>(found.st_size)};
}

/// "" would name nothing at all: it stands for where we are.
std::string or_here(const std::string& path) {
  return path.empty() ? "." : path;
}

bool is_folder(const std::string& path) noexcept {
  struct ::stat found = {};
  return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

class LocalFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<RandomAccessFile>> open(const std::string& path) const override {
    return open_local_file(path);
  }

  Result<std::unique_ptr<OutputFile>> create(const std::string& path) override {
    return create_local_file(path);
  }

  Result<Entry> stat(const std::string& path) const override {
    struct ::stat found = {};
    if (::stat(or_here(path).c_str(), &found) != 0)
      return look_error("cannot look at the path", path, errno);
    return entry_of(base_name(path), found);
  }

  Result<std::vector<Entry>> list(const std::string& folder) const override {
    const FolderStream stream(::opendir(or_here(folder).c_str()));
    if (!stream) return read_error("cannot list the folder", folder, errno);
    std::vector<Entry> entries;
    for (;;) {
      errno = 0;  // the end and an error differ in errno only
      const dirent* found = ::readdir(stream.get());
      if (!found && errno != 0) return read_error("cannot list the folder", folder, errno);
      if (!found) break;
      std::string name = found->d_name;
      if (name == "." || name == "..") continue;
      struct ::stat held = {};
      // A link that leads nowhere is an entry too; so is one that is removed meanwhile.
      const bool known = ::fstatat(::dirfd(stream.get()), name.c_str(), &held, 0) == 0;
      entries.push_back(known ? entry_of(std::move(name), held)
                              : Entry{std::move(name), EntryKind::Other, 0});
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
  }

  Result<void> make_folders(const std::string& folder) override {
    std::vector<std::string> missing;  // innermost first
    std::string at = or_here(folder);
    while (!is_folder(at)) {
      missing.push_back(at);
      const std::string above = parent(at);
      if (above == at) break;
      at = above;
    }
    std::reverse(missing.begin(), missing.end());
    for (const std::string& path : missing) {
      if (::mkdir(path.c_str(), 0777) == 0) continue;
      const int error = errno;
      // Somebody else may make the same folders at the same time.
      if (error != EEXIST || !is_folder(path))
        return write_error("cannot make the folder", path, error);
    }
    return {};
  }

  Result<bool> make_new_folder(const std::string& folder) override {
    if (::mkdir(folder.c_str(), 0777) == 0) return true;
    const int error = errno;
    if (error == EEXIST) return false;
    return write_error("cannot make the folder", folder, error);
  }

  Result<std::unique_ptr<Lock>> lock(const std::string& path, const std::string& owner) override {
    return take_local_lock(path, owner);
  }

  Result<std::string> follow_links(const std::string& path) const override {
    constexpr int kMostLinks = 40;  // as many as the system follows
    std::string at = or_here(path);
    for (int i = 0; i < kMostLinks; ++i) {
      while (at.size() > 1 && at.back() == '/')
        at.pop_back();
      const std::optional<std::string> target = link_target(at);
      if (!target) return at;
      at = target->starts_with('/') ? *target : join(parent(at), *target);
    }
    return read_error("cannot follow the links", path, ELOOP);
  }

  Result<bool> is_mount_point(const std::string& folder) const override {
    const std::string path = or_here(folder);
    struct ::stat here = {}, over = {};
    if (::stat(path.c_str(), &here) != 0 || ::stat((path + "/..").c_str(), &over) != 0)
      return look_error("cannot look at the path", folder, errno);
    if (here.st_dev != over.st_dev || here.st_ino == over.st_ino) return true;
#if defined(STATX_ATTR_MOUNT_ROOT)
    // A folder bound from the same disk has its number; only newer systems tell it.
    struct statx asked = {};
    if (::statx(AT_FDCWD, path.c_str(), 0, 0, &asked) == 0)
      return (asked.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
#endif
    return false;
  }

  std::uint64_t most_open_files() const noexcept override {
    return open_files_limit();
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      const int error = errno;
      return write_error(cat("cannot rename to '", to, "'"), from, error);
    }
    return {};
  }

  Result<void> remove_all(const std::string& path) override {
    const std::string name = base_name(path);
    if (name.empty() || name == "/" || name == "." || name == "..")
      return make_diagnostic(Code::io_write_failed, "not a path that can be removed with all in it")
          .in(path)
          .suggest("name the file or folder itself");
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return write_error("cannot remove what is there", path, error.value());
    return {};
  }

  Result<void> sync_folder(const std::string& folder) override {
    const Descriptor descriptor = open_descriptor(or_here(folder), O_RDONLY | O_DIRECTORY);
    if (descriptor.number() < 0)
      return write_error("cannot put the folder on the disk", folder, errno);
    int outcome = 0;
    do {
      outcome = ::fsync(descriptor.number());
    } while (outcome != 0 && errno == EINTR);
    // Some file systems keep folders safe by themselves and refuse to be asked.
    if (outcome != 0 && errno != EINVAL && errno != ENOTSUP)
      return write_error("cannot put the folder on the disk", folder, errno);
    return {};
  }

  Result<std::uint64_t> free_bytes(const std::string& folder) const override {
    std::string at = or_here(folder);
    struct statvfs disk = {};
    while (::statvfs(at.c_str(), &disk) != 0) {
      const int error = errno;
      if (error == EINTR) continue;
      const std::string above = parent(at);
      if ((error != ENOENT && error != ENOTDIR) || above == at)
        return read_error("cannot ask the disk for its free space", at, error);
      at = above;
    }
    return checked_mul(static_cast<std::uint64_t>(disk.f_bavail),
                       static_cast<std::uint64_t>(disk.f_frsize))
        .value_or(std::numeric_limits<std::uint64_t>::max());
  }
};

}  // namespace

std::unique_ptr<FileSystem> local_file_system() {
  return std::make_unique<LocalFileSystem>();
}

}  // namespace recast::io
