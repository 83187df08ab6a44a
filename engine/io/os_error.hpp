#pragma once
// The operating system's errno as a Diagnostic; of use to local_* only.

#include <string>
#include <string_view>

#include "engine/base/diagnostic.hpp"

namespace recast::io {

/// `attempt` says what was tried ("cannot open the file"). Codes: io.not-found, else
/// io.read-failed.
Diagnostic read_error(std::string_view attempt, const std::string& path, int error);
/// Codes: io.disk-full (also for a quota), else io.write-failed.
Diagnostic write_error(std::string_view attempt, const std::string& path, int error);

}  // namespace recast::io
