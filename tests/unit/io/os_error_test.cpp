#include "engine/io/os_error.hpp"

#include <doctest/doctest.h>

#include <cerrno>

#include "engine/base/render.hpp"

namespace recast::io {
namespace {

TEST_CASE("io/os-error: the code says whether something is missing, full or refused") {
  struct Row {
    int error;
    Code reading, writing;
  };
  static constexpr Row rows[] = {{ENOENT, Code::io_not_found, Code::io_write_failed},
                                 {ENOTDIR, Code::io_not_found, Code::io_write_failed},
                                 {EACCES, Code::io_read_failed, Code::io_write_failed},
                                 {ENOSPC, Code::io_read_failed, Code::io_disk_full},
                                 {EDQUOT, Code::io_read_failed, Code::io_disk_full},
                                 {EIO, Code::io_read_failed, Code::io_write_failed}};
  for (const Row& row : rows) {
    CAPTURE(row.error);
    CHECK(read_error("cannot", "p", row.error).code == row.reading);
    CHECK(write_error("cannot", "p", row.error).code == row.writing);
  }
}

TEST_CASE("io/os-error: every error ends in an action") {
  for (int error = 1; error < 134; ++error) {
    CAPTURE(error);
    CHECK(!read_error("cannot", "p", error).hint.empty());
  }
}

TEST_CASE("io/os-error: path, attempt, reason and action are all there") {
  CHECK(render_text(write_error("cannot write the file", "out/a", ENOSPC)) ==
        "out/a: error[io.disk-full]: cannot write the file: no space left on device\n"
        "hint: free some space or choose a folder on another disk\n");
}

}  // namespace
}  // namespace recast::io
