#include "cli/rules_folder.hpp"

#include <doctest/doctest.h>

#include "tests/support/memory_file_system.hpp"

namespace recast::cli {
namespace {

TEST_CASE("cli/rules_folder: an installed program finds its rules beside itself") {
  support::MemoryFileSystem files;
  files.put("/opt/moved/share/recast/rules/dialects/x.yaml", "");
  const auto folder = rules_folder(files, "/opt/moved/bin/recast");
  REQUIRE(folder);
  CHECK(*folder == "/opt/moved/share/recast/rules");
}

TEST_CASE("cli/rules_folder: a program in its build folder takes those of its source tree") {
  const auto files = io::local_file_system();
  const auto folder = rules_folder(*files, program_path());
  REQUIRE(folder);
  CHECK(files->stat(io::join(*folder, "dialects")).has_value());
}

TEST_CASE("cli/rules_folder: without rules the places are named") {
  const support::MemoryFileSystem files;
  const auto folder = rules_folder(files, "/opt/bin/recast");
  REQUIRE(!folder);
  CHECK(folder.error().code == Code::io_not_found);
  REQUIRE(folder.error().notes.size() == 1);
  CHECK(folder.error().notes[0].message.starts_with("looked at '/opt/share/recast/rules' and '"));
}

}  // namespace
}  // namespace recast::cli
