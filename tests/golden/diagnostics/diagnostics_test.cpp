// Every case of cases/ is a disk and command lines: what they print, their exit codes and the files
// that they leave are compared whole. The disk begins as base.case says; sections of the case come
// on top. UPDATE_GOLDEN=1 rewrites the cases.
//
//   -- run --          a command per line; words in single quotes may hold blanks
//   -- disk --         `free N`: bytes that are free; `remove PATH`: something of base.case that is
//   not there
//   -- PATH --         a file: of weights (.safetensors, .pt, .bin) in the words of file_text.hpp,
//   else as it stands; the last
//                      newline of any other file is kept
//   -- stdout -- -- stderr -- -- exit -- -- left --     what comes out; `left` are the files that
//   the commands made

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/commands.hpp"
#include "tests/golden/diagnostics/archive.hpp"
#include "tests/golden/diagnostics/file_text.hpp"
#include "tests/support/memory_file_system.hpp"

namespace recast::golden {
namespace {

const std::filesystem::path kFolder = RECAST_GOLDEN_CASES;
/// Where the commands look for the rules that came with them; the disk of a case has its own there.
const std::string kRules = RECAST_RULES;

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  bool open = false, quoted = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      if (quoted && !open) words.emplace_back();
      open = true;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!open) words.emplace_back();
      open = true;
      words.back() += c;
    }
  }
  return words;
}

/// Paths of the rules as a case writes them.
std::string portable(std::string text) {
  for (std::size_t at = 0; (at = text.find(kRules, at)) != std::string::npos;)
    text.replace(at, kRules.size(), "rules");
  return text;
}

bool is_output(const std::string& name) {
  return name == "stdout" || name == "stderr" || name == "exit" || name == "left";
}

void put(support::MemoryFileSystem& disk, const Section& section) {
  const std::string path =
      section.name.starts_with("rules/") ? kRules + section.name.substr(5) : section.name;
  if (path.ends_with(".safetensors"))
    disk.put(path, make_file("safetensors", section.text));
  else if (path.ends_with(".pt") || path.ends_with(".bin"))
    disk.put(path, make_file("torch", section.text));
  else
    disk.put(path, section.text);
}

support::MemoryFileSystem& make_disk(const Archive& base, const Archive& one,
                                     support::MemoryFileSystem& disk) {
  for (const Section& section : base.sections)
    put(disk, section);
  std::istringstream changes{std::string(one.find("disk"))};
  for (std::string word, what; changes >> word >> what;) {
    if (word == "free")
      disk.set_free_bytes(std::stoull(what));
    else if (word == "remove")
      REQUIRE(disk.remove_all(what.starts_with("rules") ? kRules + what.substr(5) : what));
  }
  for (const Section& section : one.sections)
    if (section.name != "run" && section.name != "disk" && !is_output(section.name))
      put(disk, section);
  return disk;
}

Archive run(const Archive& base, const Archive& one) {
  support::MemoryFileSystem disk;
  make_disk(base, one, disk);
  const std::vector<std::string> before = disk.files();
  std::ostringstream out, err;
  std::string exits;
  std::istringstream lines{std::string(one.find("run"))};
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> args = words_of(line);
    exits += std::to_string(static_cast<int>(cli::dispatch(args, {out, err, false, disk}))) + "\n";
  }
  std::string left;
  for (const std::string& path : disk.files())
    if (std::find(before.begin(), before.end(), path) == before.end()) left += path + "\n";
  Archive result = one;
  result.set("stdout", portable(out.str()));
  result.set("stderr", portable(err.str()));
  result.set("exit", exits);
  result.set("left", left);
  return result;
}

TEST_CASE("golden/diagnostics: commands print what the cases say") {
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  const Archive base = parse_archive(read(kFolder / "base.case"));
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder / "cases")) {
    if (entry.path().extension() != ".case") continue;
    CAPTURE(entry.path().filename().string());
    ++count;
    const std::string before = read(entry.path());
    const Archive one = parse_archive(before);
    CHECK_MESSAGE(!one.about.empty(), "a case says what it shows");
    REQUIRE(!one.find("run").empty());
    const std::string after = print_archive(run(base, one));
    if (update && after != before) std::ofstream(entry.path(), std::ios::binary) << after;
    CHECK(after == (update ? after : before));
  }
  CHECK(count > 50);
}

TEST_CASE("golden/diagnostics: an archive prints as it was read") {
  const std::string text = "about\n-- a --\n1\n\n2\n-- b/c.d --\n-- e --\n-- not a heading\n";
  const Archive archive = parse_archive(text);
  CHECK(archive.about == "about\n");
  REQUIRE(archive.sections.size() == 3);
  CHECK(archive.find("a") == "1\n\n2\n");
  CHECK(archive.find("b/c.d").empty());
  CHECK(archive.find("e") == "-- not a heading\n");
  CHECK(print_archive(archive) == text);
}

}  // namespace
}  // namespace recast::golden
