#pragma once
// Where the rules are that came with this program.

#include <string>

#include "engine/base/result.hpp"
#include "engine/io/file_system.hpp"

namespace recast::cli {

/// `<prefix>/share/recast/rules` beside an installed `<prefix>/bin/recast`, wherever the prefix was
/// moved to; else that of the source tree that the program was built from. `program` is the path of
/// the running program. Errors: io.not-found, which names the places.
Result<std::string> rules_folder(const io::FileSystem& files, const std::string& program);

/// The running program; empty where the system does not tell.
std::string program_path();

}  // namespace recast::cli
