#include "engine/io/open_files.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

namespace recast::io {
namespace {

TEST_CASE("io/open_files: the limit of open files rises as far as it may, and no further") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit low = before;
  low.rlim_cur = 64;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
  CHECK(open_files_limit() == 64);
  raise_open_files();
  rlimit after{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
  CHECK(after.rlim_max == before.rlim_max);
  CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
}

}  // namespace
}  // namespace recast::io
