// Where an output is made before it gets its name, and what two runs do to each other.

#include "engine/checkpoint/staging.hpp"

#include <doctest/doctest.h>

#include "engine/base/render.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/memory_file_system.hpp"

namespace recast::checkpoint {
namespace {

using support::FaultyFileSystem;
using support::MemoryFileSystem;

Result<void> put(Staging& staging, const std::string& inner, std::string_view text) {
  RECAST_ASSIGN(const auto file, staging.create(inner));
  RECAST_TRY(file->write(0, std::as_bytes(std::span(text.data(), text.size()))));
  return file->sync();
}

/// The first folder beside `out` whose name begins like this.
std::string hidden(const MemoryFileSystem& disk, const std::string& prefix,
                   const std::string& folder = ".") {
  const auto entries = disk.list(folder);
  for (const io::Entry& entry : *entries)
    if (entry.name.starts_with(prefix)) return io::join(folder, entry.name);
  return {};
}

TEST_CASE(
    "checkpoint/staging: of two runs with one output the second is refused, and takes nothing") {
  MemoryFileSystem disk;
  std::vector<std::string> notes;
  const auto first = Staging::begin(disk, "out", notes);
  REQUIRE(first.has_value());
  REQUIRE(put(**first, "inner/a", "first").has_value());
  for (const char* again : {"out", "out/", "./out"}) {
    CAPTURE(again);
    const auto second = Staging::begin(disk, again, notes);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == Code::io_output_busy);
    CHECK(second.error().place.file == again);
    CHECK(second.error().message.starts_with("another run writes this output: "));
  }
  CHECK(Staging::begin(disk, "out2", notes).has_value());
  REQUIRE(put(**first, "b", "first").has_value());
  REQUIRE((*first)->publish().has_value());
  CHECK(disk.files() == std::vector<std::string>{"out/b", "out/inner/a"});
  CHECK(notes.empty());
}

TEST_CASE("checkpoint/staging: a link to the output is the output") {
  MemoryFileSystem disk;
  REQUIRE(disk.make_folders("disk/real").has_value());
  disk.put_link("out", "disk/real");
  std::vector<std::string> notes;
  {
    const auto first = Staging::begin(disk, "out", notes);
    REQUIRE(first.has_value());
    CHECK(hidden(disk, ".real.recast-partial-", "disk") != "");
    CHECK_FALSE(Staging::begin(disk, "disk/real", notes).has_value());
    REQUIRE(put(**first, "a", "1").has_value());
    REQUIRE((*first)->publish().has_value());
  }
  CHECK(disk.files() == std::vector<std::string>{"disk/real/a"});
  CHECK(disk.has("out"));
}

TEST_CASE("checkpoint/staging: a run that ends early leaves nothing, and the next may begin") {
  MemoryFileSystem disk;
  std::vector<std::string> notes;
  {
    const auto stopped = Staging::begin(disk, "out", notes);
    REQUIRE(stopped.has_value());
    REQUIRE(put(**stopped, "inner/a", "1").has_value());
  }
  CHECK(disk.list(".")->empty());
  CHECK(disk.locks().empty());
  CHECK(Staging::begin(disk, "out", notes).has_value());
}

TEST_CASE("checkpoint/staging: what killed runs of this machine left is removed, and only that") {
  MemoryFileSystem disk;
  const std::string run = io::new_run_name();
  const std::string host = run.substr(0, run.find('-'));
  disk.put(cat(".out.recast-partial-", run, "/inner/old"), "x");
  disk.put(cat(".out.recast-finished-", run, "/a"), "x");
  disk.put(cat(".out.recast-partial-elsewhere", run, "/a"), "x");
  disk.put(cat(".out.recast-partial-x.recast-partial-", run, "/a"), "x");
  disk.put(".out.recast-partial-mine/a", "x");
  disk.put(cat(".other.recast-partial-", run, "/a"), "x");
  const std::vector<std::string> before = disk.files();
  std::vector<std::string> notes;
  REQUIRE(Staging::begin(disk, "out", notes).has_value());
  CHECK(notes == std::vector<std::string>{cat("'./.out.recast-partial-elsewhere", run,
                                              "' is of another run; remove it if that is not "
                                              "running any more")});
  CHECK(disk.files().size() == before.size() - 1);
  CHECK_FALSE(disk.has(cat(".out.recast-partial-", run)));
}

TEST_CASE("checkpoint/staging: outputs that cannot be replaced are refused before the work") {
  MemoryFileSystem disk;
  disk.mount("disk");
  disk.put_link("link", "disk");
  disk.put_link("here", ".");
  disk.put_link("gone", "nowhere");
  const auto refusal = [&](const std::string& folder) {
    const auto refused = check_output(disk, folder);
    return refused ? "" : render_text(refused.error());
  };
  const std::string mounted =
      "is a mount point, and a finished output cannot replace that\n"
      "hint: give a new folder in it, such as '";
  CHECK(refusal("disk") ==
        cat("disk: error[io.output-place]: 'disk' ", mounted, "disk/converted'\n"));
  CHECK(refusal("link/") ==
        cat("link/: error[io.output-place]: 'link/' ", mounted, "link/converted'\n"));
  CHECK(refusal("gone").starts_with("gone: error[io.read-failed]: "));
  CHECK(refusal("disk/new") == "");
  MemoryFileSystem empty;
  for (const char* folder : {".", "", "./", "x/.."}) {
    CAPTURE(folder);
    const auto refused = check_output(empty, folder);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::io_output_place);
  }
}

TEST_CASE("checkpoint/staging: an output that cannot be looked at is not taken for a free name") {
  MemoryFileSystem disk;
  FaultyFileSystem failing(disk);
  failing.fail_operation(0);
  const auto refused = check_output(failing, "out");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::io_read_failed);
}

TEST_CASE(
    "checkpoint/staging: where the last rename fails the finished output stays, and is named") {
  MemoryFileSystem disk;
  std::vector<std::string> notes;
  std::string kept;
  {
    const auto staging = Staging::begin(disk, "out", notes);
    REQUIRE(staging.has_value());
    REQUIRE(put(**staging, "inner/a", "1").has_value());
    disk.put("out/taken", "meanwhile");
    const auto failed = (*staging)->publish();
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == Code::io_write_failed);
    kept = hidden(disk, ".out.recast-finished-");
    CHECK(failed.error().hint == cat("the output is finished: rename '", kept, "' yourself"));
  }
  CHECK(disk.get(kept + "/inner/a") == "1");
  REQUIRE(disk.remove_all("out").has_value());
  REQUIRE(Staging::begin(disk, "out", notes).has_value());  // takes it for no leftover
  CHECK(disk.get(kept + "/inner/a") == "1");
}

TEST_CASE("checkpoint/staging: where no name can be given at all the hidden folder stays") {
  MemoryFileSystem disk;
  FaultyFileSystem failing(disk);
  std::vector<std::string> notes;
  std::string kept;
  {
    const auto staging = Staging::begin(failing, "out", notes);
    REQUIRE(staging.has_value());
    REQUIRE(put(**staging, "a", "1").has_value());
    failing.fail_from(failing.operation_count() + 1);  // after the sync of its folder
    const auto failed = (*staging)->publish();
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().message.find(" failed on purpose: rename ") != std::string::npos);
    kept = hidden(disk, ".out.recast-partial-");
    CHECK(failed.error().hint == cat("the output is finished: rename '", kept, "' yourself"));
    failing.fail_from(SIZE_MAX);
  }
  CHECK(disk.get(kept + "/a") == "1");
}

}  // namespace
}  // namespace recast::checkpoint
