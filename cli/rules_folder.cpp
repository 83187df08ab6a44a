#include "cli/rules_folder.hpp"

#include <unistd.h>

#include <array>

namespace recast::cli {

Result<std::string> rules_folder(const io::FileSystem& files, const std::string& program) {
  const std::string beside = io::join(io::parent(io::parent(program)), "share/recast/rules");
  const std::array<std::string, 2> places{beside, RECAST_SOURCE_RULES};
  for (const std::string& place : places)
    if (files.stat(io::join(place, "dialects"))) return place;
  return make_diagnostic(Code::io_not_found, "the rules that came with recast are not there")
      .note(cat("looked at '", places[0], "' and '", places[1], "'"))
      .suggest("install recast again");
}

std::string program_path() {
  std::array<char, 4096> path{};
  const ssize_t nbytes = readlink("/proc/self/exe", path.data(), path.size());
  return nbytes < 0 ? "" : std::string(path.data(), static_cast<std::size_t>(nbytes));
}

}  // namespace recast::cli
