#include "tests/support/faulty_file_system.hpp"

#include <doctest/doctest.h>

#include "tests/support/memory_file_system.hpp"

namespace recast::support {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// One of each operation; the first error ends it.
Result<void> use(io::FileSystem& files) {
  RECAST_TRY(files.make_folders("d"));
  RECAST_ASSIGN(const auto out, files.create("d/a"));
  RECAST_TRY(out->resize(8));
  RECAST_TRY(out->write(0, bytes_of("1234")));
  RECAST_TRY(out->write(4, bytes_of("5678")));
  RECAST_TRY(out->sync());
  RECAST_TRY(files.rename("d/a", "d/b"));
  RECAST_TRY(files.sync_folder("d"));
  RECAST_TRY(files.make_new_folder("d/n"));
  RECAST_TRY(files.lock("d/l", "me"));
  RECAST_TRY(files.stat("d/b"));
  RECAST_TRY(files.list("d"));
  RECAST_TRY(files.free_bytes("d"));
  RECAST_TRY(files.follow_links("d"));
  RECAST_TRY(files.is_mount_point("d"));
  RECAST_ASSIGN(const auto in, files.open("d/b"));
  std::string text(2, '?');
  RECAST_TRY(in->read(3, std::as_writable_bytes(std::span(text))));
  RECAST_CHECK(text == "45", "the file holds what was written");
  return files.remove_all("d");
}

TEST_CASE("support/faulty: without faults it is the file system below, and counts") {
  MemoryFileSystem memory;
  FaultyFileSystem files(memory);
  CHECK(use(files).has_value());
  CHECK(files.log() ==
        std::vector<std::string>{"make_folders d", "create d/a", "resize d/a 8", "write d/a 0+4",
                                 "write d/a 4+4", "sync d/a", "rename d/a -> d/b", "sync_folder d",
                                 "make_new_folder d/n", "lock d/l", "stat d/b", "list d",
                                 "free_bytes d", "follow_links d", "is_mount_point d", "open d/b",
                                 "read d/b 3+2", "remove_all d"});
  CHECK(files.operation_count() == 18);
}

TEST_CASE("support/faulty: each operation can be made to fail, and is not tried then") {
  for (std::size_t n = 0; n < 18; ++n) {
    CAPTURE(n);
    MemoryFileSystem memory;
    FaultyFileSystem files(memory);
    files.fail_operation(n);
    const auto outcome = use(files);
    REQUIRE(!outcome.has_value());
    CHECK(outcome.error().message ==
          cat("operation ", n, " failed on purpose: ", files.log().back()));
    CHECK(outcome.error().code ==
          (n >= 10 && n <= 16 ? Code::io_read_failed : Code::io_write_failed));
    CHECK(files.operation_count() == n + 1);
  }
}

TEST_CASE("support/faulty: after one failure the rest works, after a lost disk nothing does") {
  MemoryFileSystem memory;
  FaultyFileSystem files(memory);
  files.fail_operation(1);
  CHECK(files.make_folders("a").has_value());
  CHECK(!files.make_folders("b").has_value());
  CHECK(files.make_folders("c").has_value());
  files.fail_from(3);
  CHECK(!files.make_folders("d").has_value());
  CHECK(!files.make_folders("e").has_value());
  CHECK(memory.list(".")->size() == 2);
}

TEST_CASE("support/faulty: a disk is full from the write that does not fit") {
  MemoryFileSystem memory;
  FaultyFileSystem files(memory);
  files.disk_full_after(6);
  const auto outcome = use(files);
  REQUIRE(!outcome.has_value());
  CHECK(outcome.error().code == Code::io_disk_full);
  CHECK(outcome.error().place.file == "d/a");
  CHECK(memory.get("d/a") == std::string("1234\0\0\0\0", 8));
  auto file = files.create("d/c");
  REQUIRE(file.has_value());
  CHECK((*file)->write(0, bytes_of("1")).error().code == Code::io_disk_full);
}

}  // namespace
}  // namespace recast::support
