#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "engine/exec/kernels/kernels.hpp"

namespace recast::exec {
namespace {

std::string numbered_bytes(std::size_t count) {
  std::string out(count, '\0');
  std::uint32_t state = 1;
  for (char& each : out) {
    state = state * 1664525U + 1013904223U;
    each = static_cast<char>(state >> 24);
  }
  return out;
}

}  // namespace

TEST_CASE("exec/transpose: every table and word size agrees with the definition") {
  constexpr std::size_t kSides[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 100};
  for (const KernelTable* table : usable_kernel_tables()) {
    for (std::size_t log = 0; log < 4; ++log) {
      const std::size_t word = std::size_t{1} << log;
      for (const std::size_t rows : kSides) {
        for (const std::size_t columns : kSides) {
          CAPTURE(table->cpu);
          CAPTURE(word);
          CAPTURE(rows);
          CAPTURE(columns);
          // Rows apart on both sides, and memory that is aligned to nothing.
          const std::size_t src_stride = rows * word + 3;
          const std::size_t dst_stride = columns * word + 5;
          const std::string src = numbered_bytes(1 + columns * src_stride);
          std::string dst(1 + rows * dst_stride, '\x5a');
          std::string expected = dst;
          for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
              std::memcpy(expected.data() + 1 + i * dst_stride + j * word,
                          src.data() + 1 + j * src_stride + i * word, word);
            }
          }
          table->transpose[log](reinterpret_cast<std::byte*>(dst.data() + 1),
                                static_cast<std::ptrdiff_t>(dst_stride),
                                reinterpret_cast<const std::byte*>(src.data() + 1),
                                static_cast<std::ptrdiff_t>(src_stride), rows, columns);
          const bool equal = dst == expected;
          CHECK(equal);
        }
      }
    }
  }
}

}  // namespace recast::exec
