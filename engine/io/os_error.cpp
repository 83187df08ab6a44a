#include "engine/io/os_error.hpp"

#include <cerrno>
#include <system_error>

namespace recast::io {

namespace {

std::string reason_of(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string_view hint_for(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "check the permissions of the path and of the folders above it";
    case EROFS:
      return "choose a folder on a disk that is not mounted read-only";
    case ENOENT:
    case ENOTDIR:
      return "check the spelling of the path";
    case EISDIR:
      return "name a file instead of a folder";
    case ENOSPC:
      return "free some space or choose a folder on another disk";
    case EDQUOT:
      return "free some of your quota or choose a folder on another disk";
    case EFBIG:
      return "choose a folder on a file system that allows larger files";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files ('ulimit -n')";
    case EEXIST:
    case ENOTEMPTY:
      return "remove what is there or choose another path";
    case EXDEV:
      return "choose paths on the same disk";
    case ENAMETOOLONG:
      return "choose a shorter path";
    case ELOOP:
      return "check the symbolic links on the path";
    case EIO:
      return "check the disk: it or the way to it reports an error";
    default:
      return "check the path and the disk that it is on";
  }
}

Diagnostic error_with(Code code, std::string_view attempt, const std::string& path, int error) {
  return make_diagnostic(code, cat(attempt, ": ", reason_of(error)))
      .in(path)
      .suggest(std::string(hint_for(error)));
}

}  // namespace

Diagnostic read_error(std::string_view attempt, const std::string& path, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  return error_with(missing ? Code::io_not_found : Code::io_read_failed, attempt, path, error);
}

Diagnostic write_error(std::string_view attempt, const std::string& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return error_with(full ? Code::io_disk_full : Code::io_write_failed, attempt, path, error);
}

}  // namespace recast::io
