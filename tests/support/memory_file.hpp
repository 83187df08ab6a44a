#pragma once
// Files of the disk in memory.

#include <memory>
#include <mutex>
#include <string>

#include "tests/support/memory_file_system.hpp"

namespace recast::support {

struct MemoryFileSystem::Content {
  std::mutex mutex;
  std::string bytes;
  bool synced = true;
};

/// The caller holds the content's mutex.
std::unique_ptr<io::RandomAccessFile> open_memory_file(
    std::shared_ptr<MemoryFileSystem::Content> content, std::string path);
std::unique_ptr<io::OutputFile> write_memory_file(
    std::shared_ptr<MemoryFileSystem::Content> content, std::string path);

}  // namespace recast::support
