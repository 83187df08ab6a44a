#pragma once
// A file of a container with given payloads.

#include <string>
#include <vector>

#include "engine/formats/container.hpp"
#include "engine/io/file_system.hpp"

namespace recast::support {

/// Writes the file and the folders above it. `payloads`: bytes of spec.tensors, in their order.
/// Throws std::runtime_error where that fails.
void put_container_file(io::FileSystem& files, const std::string& path,
                        const std::string& container, const formats::FileSpec& spec,
                        const std::vector<std::string>& payloads);

}  // namespace recast::support
