#pragma once
// Files of the real disk over POSIX descriptors.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/io/file_system.hpp"

namespace recast::io {

/// Owns a descriptor; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int number() const noexcept { return number_; }

 private:
  int number_;
};

/// open(2) with O_CLOEXEC, repeated while signals interrupt it; -1 and errno on failure.
Descriptor open_descriptor(const std::string& path, int flags);

/// What the link at `path` says; none if no link is there.
std::optional<std::string> link_target(const std::string& path);

/// read_error, but a link that leads nowhere is there: io.read-failed, with where it leads.
Diagnostic look_error(std::string_view attempt, const std::string& path, int error);

Result<std::unique_ptr<RandomAccessFile>> open_local_file(const std::string& path);
Result<std::unique_ptr<OutputFile>> create_local_file(const std::string& path);

}  // namespace recast::io
