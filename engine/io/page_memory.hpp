#pragma once
// Memory in whole pages, for buffers that the system fills from and writes to files.

#include <cstddef>
#include <memory>

namespace recast::io {

struct FreePages {
  void operator()(std::byte* memory) const noexcept;
};
using PageMemory = std::unique_ptr<std::byte, FreePages>;

/// At least `nbytes` bytes, aligned to a page and not cleared; pages that are never touched cost
/// nothing. Large pages are asked for where the system has them: they are filled and found faster.
/// Throws std::bad_alloc.
PageMemory allocate_pages(std::size_t nbytes);

}  // namespace recast::io
