#include "engine/io/page_memory.hpp"

#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace recast::io {
namespace {

constexpr std::size_t kPageNbytes = 4096;
constexpr std::size_t kLargePageNbytes = 2 << 20;

}  // namespace

void FreePages::operator()(std::byte* memory) const noexcept {
  std::free(memory);
}

PageMemory allocate_pages(std::size_t nbytes) {
  const std::size_t page = nbytes >= kLargePageNbytes ? kLargePageNbytes : kPageNbytes;
  const std::size_t rounded = (nbytes + page - 1) / page * page;
  PageMemory out(static_cast<std::byte*>(std::aligned_alloc(page, rounded)));
  if (out == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  // A hint: where it is refused, small pages do.
  if (page == kLargePageNbytes) static_cast<void>(madvise(out.get(), rounded, MADV_HUGEPAGE));
#endif
  return out;
}

}  // namespace recast::io
