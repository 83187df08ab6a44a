#include "engine/io/local_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "engine/io/local_file.hpp"
#include "engine/io/os_error.hpp"

namespace recast::io {
namespace {

class LocalLock final : public Lock {
 public:
  LocalLock(Descriptor descriptor, std::string path, bool sure)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), sure_(sure) {}
  ~LocalLock() override {
    // While the lock is still held, so that it is this run's file and no other's.
    (void)::unlink(path_.c_str());
  }
  bool is_sure() const noexcept override { return sure_; }

 private:
  Descriptor descriptor_;
  std::string path_;
  bool sure_;
};

/// Whether the descriptor's file still has that name: who had the lock before removed it.
bool has_name(const Descriptor& descriptor, const std::string& path) noexcept {
  struct ::stat held = {}, named = {};
  return ::fstat(descriptor.number(), &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

std::string text_in(const Descriptor& descriptor) {
  std::array<char, 256> text{};
  const ssize_t nbytes = ::pread(descriptor.number(), text.data(), text.size(), 0);
  return nbytes > 0 ? std::string(text.data(), static_cast<std::size_t>(nbytes)) : std::string();
}

}  // namespace

Result<std::unique_ptr<Lock>> take_local_lock(const std::string& path, const std::string& owner) {
  for (;;) {
    Descriptor descriptor = open_descriptor(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (descriptor.number() < 0) return write_error("cannot make the lock", path, errno);
    int outcome = 0;
    do {
      outcome = ::flock(descriptor.number(), LOCK_EX | LOCK_NB);
    } while (outcome != 0 && errno == EINTR);
    if (outcome != 0 && errno == EWOULDBLOCK) {
      const std::string other = text_in(descriptor);
      return make_diagnostic(Code::io_output_busy,
                             cat("another run writes this output",
                                 other.empty() ? std::string() : cat(": ", other)))
          .in(path)
          .suggest("wait until it ends, or give another output folder");
    }
    const bool sure = outcome == 0;
    if (sure && !has_name(descriptor, path)) continue;
    // For the message above only: what cannot be written there is not said.
    (void)!::ftruncate(descriptor.number(), 0);
    (void)!::pwrite(descriptor.number(), owner.data(), owner.size(), 0);
    return std::unique_ptr<Lock>(std::make_unique<LocalLock>(std::move(descriptor), path, sure));
  }
}

}  // namespace recast::io
