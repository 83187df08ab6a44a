#pragma once
// Locks of the real disk: flock(2) on a file made for it.

#include <memory>
#include <string>

#include "engine/io/file_system.hpp"

namespace recast::io {

/// As FileSystem::lock.
Result<std::unique_ptr<Lock>> take_local_lock(const std::string& path, const std::string& owner);

}  // namespace recast::io
