#include "engine/io/local_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "engine/io/os_error.hpp"

namespace recast::io {

namespace {

// One system call moves at most this much: Linux stops a little below 2 GiB by itself.
constexpr std::size_t kLongestCall = std::size_t{1} << 30;
constexpr auto kLargestFile = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());

bool fits(std::uint64_t offset, std::size_t nbytes) noexcept {
  return offset <= kLargestFile && nbytes <= kLargestFile - offset;
}

class LocalFile final : public RandomAccessFile {
 public:
  LocalFile(Descriptor descriptor, std::string path, std::uint64_t nbytes)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), nbytes_(nbytes) {}

  std::uint64_t size() const noexcept override { return nbytes_; }
  const std::string& path() const noexcept override { return path_; }

  Result<void> read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > nbytes_ || out.size() > nbytes_ - offset)
      return make_diagnostic(Code::io_read_failed,
                             cat("the file ends at byte ", nbytes_, ", and ", out.size(),
                                 " bytes from byte ", offset, " were expected"))
          .in(path_, offset)
          .suggest("check that the file is complete");
    std::uint64_t at = offset;
    while (!out.empty()) {
      const std::size_t wanted = std::min(out.size(), kLongestCall);
      const ssize_t got = ::pread(descriptor_.number(), out.data(), wanted, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) {
        Diagnostic failed = read_error("cannot read the file", path_, errno);
        failed.place.byte_offset = at;
        return failed;
      }
      if (got == 0)
        return make_diagnostic(Code::io_read_failed, "the file became shorter while it was read")
            .in(path_, at)
            .suggest("keep the file as it is until the run is over");
      at += static_cast<std::uint64_t>(got);
      out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
  }

  void will_read_in_order() const noexcept override {
    // An advice: when it is refused nothing is lost.
    (void)::posix_fadvise(descriptor_.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }

 private:
  Descriptor descriptor_;
  std::string path_;
  std::uint64_t nbytes_;
};

class LocalOutputFile final : public OutputFile {
 public:
  LocalOutputFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  const std::string& path() const noexcept override { return path_; }

  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    if (!fits(offset, bytes.size())) return write_error("cannot write the file", path_, EFBIG);
    std::uint64_t at = offset;
    while (!bytes.empty()) {
      const std::size_t wanted = std::min(bytes.size(), kLongestCall);
      const ssize_t put =
          ::pwrite(descriptor_.number(), bytes.data(), wanted, static_cast<off_t>(at));
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) {
        // Nothing written and no reason given happens on full disks only.
        Diagnostic failed = write_error("cannot write the file", path_, put < 0 ? errno : ENOSPC);
        failed.place.byte_offset = at;
        return failed;
      }
      at += static_cast<std::uint64_t>(put);
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
  }

  Result<void> resize(std::uint64_t nbytes) override {
    if (!fits(nbytes, 0)) return write_error("cannot set the length of the file", path_, EFBIG);
    int outcome = 0;
    do {
      outcome = ::ftruncate(descriptor_.number(), static_cast<off_t>(nbytes));
    } while (outcome != 0 && errno == EINTR);
    if (outcome != 0) return write_error("cannot set the length of the file", path_, errno);
    return {};
  }

  void start_writeback() noexcept override {
    // A hint: what fails here fails again, and is reported, in sync().
    (void)::sync_file_range(descriptor_.number(), 0, 0, SYNC_FILE_RANGE_WRITE);
  }

  Result<void> sync() override {
    // fdatasync leaves out the times of the file and nothing that is needed to read it back.
    int outcome = 0;
    do {
      outcome = ::fdatasync(descriptor_.number());
    } while (outcome != 0 && errno == EINTR);
    if (outcome != 0) return write_error("cannot put the file on the disk", path_, errno);
    return {};
  }

 private:
  Descriptor descriptor_;
  std::string path_;
};

}  // namespace

Descriptor::~Descriptor() {
  // No error is lost here: output is synced before its descriptor is closed.
  if (number_ >= 0) (void)::close(number_);
}

Descriptor open_descriptor(const std::string& path, int flags) {
  constexpr mode_t kMode = 0666;  // the user's umask takes away from this
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, kMode);
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

std::optional<std::string> link_target(const std::string& path) {
  std::string target(256, '\0');
  for (;;) {
    const ssize_t nbytes = ::readlink(path.c_str(), target.data(), target.size());
    if (nbytes < 0) return std::nullopt;
    if (static_cast<std::size_t>(nbytes) < target.size())
      return target.substr(0, static_cast<std::size_t>(nbytes));
    target.resize(target.size() * 2);  // it may have been cut
  }
}

Diagnostic look_error(std::string_view attempt, const std::string& path, int error) {
  const auto target = error == ENOENT || error == ENOTDIR ? link_target(path) : std::nullopt;
  if (!target) return read_error(attempt, path, error);
  return make_diagnostic(Code::io_read_failed,
                         cat(attempt, ": it is a link to '", *target, "', which is not there"))
      .in(path)
      .suggest("fetch what the link leads to, or remove the link");
}

Result<std::unique_ptr<RandomAccessFile>> open_local_file(const std::string& path) {
  // Without O_NONBLOCK a pipe of that name would wait for its writer; files do not mind it.
  Descriptor descriptor = open_descriptor(path, O_RDONLY | O_NONBLOCK);
  if (descriptor.number() < 0) return look_error("cannot open the file", path, errno);
  struct ::stat found = {};
  if (::fstat(descriptor.number(), &found) != 0)
    return read_error("cannot open the file", path, errno);
  if (S_ISDIR(found.st_mode)) return read_error("cannot open the file", path, EISDIR);
  if (!S_ISREG(found.st_mode))
    return make_diagnostic(Code::io_read_failed, "not a regular file, and only those are read")
        .in(path)
        .suggest("copy what is there to a file first");
  return std::unique_ptr<RandomAccessFile>(std::make_unique<LocalFile>(
      std::move(descriptor), path, static_cast<std::uint64_t>(found.st_size)));
}

Result<std::unique_ptr<OutputFile>> create_local_file(const std::string& path) {
  Descriptor descriptor = open_descriptor(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (descriptor.number() < 0) return write_error("cannot make the file", path, errno);
  return std::unique_ptr<OutputFile>(
      std::make_unique<LocalOutputFile>(std::move(descriptor), path));
}

}  // namespace recast::io
