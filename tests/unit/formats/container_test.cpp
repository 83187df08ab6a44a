#include "engine/formats/container.hpp"

#include <doctest/doctest.h>

#include "tests/support/memory_file_system.hpp"
#include "tests/unit/formats/files.hpp"

namespace recast::formats::tests {
namespace {

TEST_CASE("formats/container: containers are found by name") {
  std::string names;
  for (const Container* container : all_containers()) {
    names += cat(container->name(), ' ');
    CHECK(container_named(container->name()) == container);
  }
  CHECK(names == "safetensors torch ");
  CHECK(container_named("zip") == nullptr);
}

TEST_CASE("formats/container: a catalog says where it comes from") {
  const std::string bytes = fixture("g1.pt");
  auto catalog = read_bytes(bytes);
  REQUIRE(catalog);
  CHECK(catalog->path == "f.pt");
  CHECK(catalog->container == "torch");
  CHECK(catalog->nbytes == 747);
  CHECK(listing(*catalog) == "w fp32 [2x3] @320\n{\"w\": <tensor 0>}");
}

TEST_CASE("formats/container: files of other kinds are called what they look like") {
  struct Row {
    std::string bytes;
    const char* message;
  };
  const std::vector<Row> rows = {
      {"", "the file is empty"},
      {"version https://git-lfs.github.com/spec/v1\n",
       "this is no checkpoint: it looks like a Git LFS pointer, not the file itself\nhint: fetch "
       "the "
       "file: git lfs pull"},
      {"<!DOCTYPE html>",
       "this is no checkpoint: it looks like a web page\nhint: download the file again; the server "
       "sent a page instead"},
      {"\x1F\x8B\x08", "this is no checkpoint: it looks like gzip\nhint: unpack it first"},
      {"GGUF\x03", "this is no checkpoint: it looks like GGUF"},
      {"{\"a\": 1}", "this is no checkpoint: it looks like JSON"},
      {std::string(64, '\0'),
       "this is no checkpoint: it begins with zeros\nhint: it was not written completely; take it "
       "from its source again"},
      {"hello, world", "this is no checkpoint that recast knows: it begins with 'hello, w'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    CHECK(outcome(row.bytes) == cat("f.pt:+0x0: error[format.unknown-container]: ", row.message));
  }
}

TEST_CASE("formats/container: a file that is not there is not found") {
  const support::MemoryFileSystem files;
  const auto catalog = read_catalog(files, "none.pt");
  REQUIRE(!catalog);
  CHECK(catalog.error().code == Code::io_not_found);
}

}  // namespace
}  // namespace recast::formats::tests
