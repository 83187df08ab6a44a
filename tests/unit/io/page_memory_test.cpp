#include "engine/io/page_memory.hpp"

#include <doctest/doctest.h>

#include <cstdint>

namespace recast::io {

TEST_CASE("io/page_memory: any size is aligned to a page and can be written to its end") {
  for (const std::size_t nbytes : {std::size_t{1}, std::size_t{4097}, std::size_t{5} << 20}) {
    CAPTURE(nbytes);
    const PageMemory memory = allocate_pages(nbytes);
    CHECK(reinterpret_cast<std::uintptr_t>(memory.get()) % 4096 == 0);
    memory.get()[0] = std::byte{1};
    memory.get()[nbytes - 1] = std::byte{2};
    CHECK(memory.get()[nbytes - 1] == std::byte{2});
  }
}

}  // namespace recast::io
