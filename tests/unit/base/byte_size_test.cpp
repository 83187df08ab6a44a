#include "engine/base/byte_size.hpp"

#include <doctest/doctest.h>

namespace recast {
namespace {

TEST_CASE("base/byte_size: units are decimal or binary, in letters of either case") {
  struct Row {
    const char* text;
    std::uint64_t nbytes;
  };
  static constexpr Row rows[] = {{"0", 0},
                                 {"1000000", 1'000'000},
                                 {"12B", 12},
                                 {"5GB", 5'000'000'000},
                                 {"5gb", 5'000'000'000},
                                 {"256MiB", 268'435'456},
                                 {"1.5KiB", 1536},
                                 {"2.5 MB", 2'500'000},
                                 {"1TiB", 1'099'511'627'776},
                                 {"3tb", 3'000'000'000'000},
                                 {"0.5KB", 500}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_byte_size(row.text) == row.nbytes);
  }
}

TEST_CASE("base/byte_size: what is no size is none") {
  for (const char* text :
       {"", "GB", "-1", "5 apples", "5G", "1e9", "0x10", "inf", "nan", "10000000TB", "5GBs"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_byte_size(text).has_value());
  }
}

TEST_CASE("base/byte_size: people read three digits") {
  struct Row {
    std::uint64_t nbytes;
    const char* text;
  };
  static constexpr Row rows[] = {{0, "0 B"},
                                 {999, "999 B"},
                                 {1000, "1.00 kB"},
                                 {1234, "1.23 kB"},
                                 {9994, "9.99 kB"},
                                 {9996, "10.0 kB"},
                                 {99'940, "99.9 kB"},
                                 {99'960, "100 kB"},
                                 {999'499, "999 kB"},
                                 {999'500, "1.00 MB"},
                                 {16'060'556'376, "16.1 GB"},
                                 {18'446'744'073'709'551'615U, "18.4 EB"}};
  for (const Row& row : rows) {
    CAPTURE(row.nbytes);
    CHECK(print_byte_size(row.nbytes) == row.text);
  }
}

}  // namespace
}  // namespace recast
