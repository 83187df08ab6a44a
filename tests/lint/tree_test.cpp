// The checks, on the repository itself.

#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>

#include "tests/lint/lint.hpp"

namespace recast::lint {
namespace {

const std::string kRoot = RECAST_SOURCE_DIR;
const std::vector<std::string> kSources = {".cpp", ".hpp", ".def"};

std::vector<TextFile> both(std::vector<TextFile> files, const std::vector<TextFile>& more) {
  files.insert(files.end(), more.begin(), more.end());
  return files;
}

std::vector<std::string> rule_paths() {
  std::vector<std::string> paths;
  for (const TextFile& file : read_tree(kRoot, "rules", {".yaml"}))
    paths.push_back(file.path);
  return paths;
}

TEST_CASE("lint/tree: a file that is not there, and a folder without files, are errors") {
  CHECK_THROWS_AS((void)read_one(kRoot, "no/such.file"), std::runtime_error);
  CHECK_THROWS_AS((void)read_tree(kRoot, "tests/lint", {".none"}), std::runtime_error);
}

TEST_CASE("lint/tree: every include and link stays within engine/layers.txt") {
  std::vector<std::string> endings = kSources;
  endings.emplace_back("CMakeLists.txt");
  CHECK(listing(check_layers(
            read_one(kRoot, "engine/layers.txt"),
            both(read_tree(kRoot, "engine", endings), read_tree(kRoot, "cli", endings)))) == "");
}

TEST_CASE("lint/tree: engine/ mentions no family and no framework") {
  std::vector<std::string> endings = kSources;
  for (const char* more : {".txt", ".md", ".cmake"})
    endings.emplace_back(more);
  CHECK(listing(check_names(foreign_names(rule_paths()), read_tree(kRoot, "engine", endings))) ==
        "");
}

TEST_CASE("lint/tree: no source file is long without a reason") {
  std::vector<TextFile> files =
      both(read_tree(kRoot, "engine", kSources), read_tree(kRoot, "cli", kSources));
  CHECK(listing(check_lengths(
            both(std::move(files), read_tree(kRoot, "tests", {".cpp", ".hpp", ".py"})))) == "");
}

TEST_CASE("lint/tree: every diagnostic code is mentioned in a test") {
  std::vector<TextFile> tests;
  for (TextFile& file :
       read_tree(kRoot, "tests", {".cpp", ".hpp", ".txt", ".case", ".py", ".json"})) {
    // Neither the checks nor what tests stand on is a test; nor is a peer's file.
    const bool is_test = !file.path.starts_with("tests/lint/") &&
                         !file.path.starts_with("tests/support/") &&
                         !file.path.starts_with("tests/fixtures/");
    if (is_test) tests.push_back(std::move(file));
  }
  CHECK(listing(check_codes(read_one(kRoot, "engine/base/codes.def"), tests)) == "");
}

}  // namespace
}  // namespace recast::lint
