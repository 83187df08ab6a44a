#include <doctest/doctest.h>

#include "engine/io/file_system.hpp"
#include "tests/support/memory_file_system.hpp"

namespace recast::io {
namespace {

TEST_CASE("io/path: join puts exactly one slash between") {
  struct Row {
    const char* a;
    const char* b;
    const char* joined;
  };
  static constexpr Row rows[] = {{"a", "b", "a/b"},        {"a/", "b", "a/b"}, {"a//", "/b", "a/b"},
                                 {"", "b", "b"},           {"", "/b", "/b"},   {"/", "b", "/b"},
                                 {"a", "", "a"},           {"a/", "", "a"},    {"", "", ""},
                                 {"a/b", "c/d", "a/b/c/d"}};
  for (const Row& row : rows) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    CHECK(join(row.a, row.b) == row.joined);
  }
}

TEST_CASE("io/path: a path is its parent and its base name") {
  struct Row {
    const char* path;
    const char* parent;
    const char* base_name;
  };
  static constexpr Row rows[] = {{"a", ".", "a"},    {"a/b", "a", "b"},       {"a/b/", "a", "b"},
                                 {"/a", "/", "a"},   {"/", "/", "/"},         {"//a", "/", "a"},
                                 {"a//b", "a", "b"}, {"/a/b/c", "/a/b", "c"}, {"", ".", ""},
                                 {"./a", ".", "a"}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(parent(row.path) == row.parent);
    CHECK(base_name(row.path) == row.base_name);
  }
}

TEST_CASE("io/path: reading a text gives all of it, whatever it holds") {
  support::MemoryFileSystem files;
  files.put("a", std::string("x\0y\n", 4));
  files.put("empty", "");
  CHECK(*read_text(files, "a") == std::string("x\0y\n", 4));
  CHECK(*read_text(files, "empty") == "");
  CHECK(read_text(files, "b").error().code == Code::io_not_found);
}

TEST_CASE("io/path: reading a text refuses what is larger than wanted") {
  support::MemoryFileSystem files;
  files.put("a", "12345");
  CHECK(*read_text(files, "a", 5) == "12345");
  const Diagnostic refused = read_text(files, "a", 4).error();
  CHECK(refused.code == Code::io_read_failed);
  CHECK(refused.place.file == "a");
  CHECK(refused.message == "the file has 5 bytes, and at most 4 are read");
}

}  // namespace
}  // namespace recast::io
