// Paths as text, and what the interface offers on top of itself.

#include <span>

#include "engine/io/file_system.hpp"

namespace recast::io {

namespace {

std::string_view without_end_slashes(std::string_view path) noexcept {
  while (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  return path;
}

}  // namespace

Result<bool> FileSystem::is_there(const std::string& path) const {
  auto found = stat(path);
  if (found) return true;
  if (found.error().code == Code::io_not_found) return false;
  return std::move(found).error();
}

Result<std::string> read_text(const FileSystem& files, const std::string& path,
                              std::uint64_t limit) {
  RECAST_ASSIGN(const auto file, files.open(path));
  if (file->size() > limit)
    return make_diagnostic(Code::io_read_failed, cat("the file has ", file->size(),
                                                     " bytes, and at most ", limit, " are read"))
        .in(path)
        .suggest("check that this is the file that was meant");
  std::string text(static_cast<std::size_t>(file->size()), '\0');
  RECAST_TRY(file->read(0, std::as_writable_bytes(std::span(text))));
  return text;
}

std::string join(std::string_view a, std::string_view b) {
  if (a.empty()) return std::string(b);
  while (b.starts_with('/'))
    b.remove_prefix(1);
  a = without_end_slashes(a);
  if (b.empty()) return std::string(a);
  return a == "/" ? cat("/", b) : cat(a, "/", b);
}

std::string base_name(std::string_view path) {
  path = without_end_slashes(path);
  if (path == "/") return "/";
  return std::string(path.substr(path.rfind('/') + 1));
}

std::string parent(std::string_view path) {
  path = without_end_slashes(path);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(without_end_slashes(path.substr(0, slash + 1)));
}

}  // namespace recast::io
