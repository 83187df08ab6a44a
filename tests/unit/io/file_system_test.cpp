// What every file system promises, asked of the real one and of the one that tests use in its
// place.

#include "engine/io/file_system.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/support/memory_file_system.hpp"

namespace recast::io {
namespace {

struct OnDisk {
  OnDisk() {
    std::string made = (std::filesystem::temp_directory_path() / "recast-io-XXXXXX").string();
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    root = made;
  }
  ~OnDisk() { std::filesystem::remove_all(root); }
  OnDisk(const OnDisk&) = delete;
  OnDisk& operator=(const OnDisk&) = delete;

  FileSystem& files() { return *files_; }
  std::string root;

 private:
  std::unique_ptr<FileSystem> files_ = local_file_system();
};

struct InMemory {
  InMemory() { REQUIRE(files_.make_folders(root).has_value()); }
  FileSystem& files() { return files_; }
  std::string root = "/tmp/root";

 private:
  support::MemoryFileSystem files_;
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

void make_file(FileSystem& files, const std::string& path, std::string_view text) {
  auto file = files.create(path);
  REQUIRE(file.has_value());
  REQUIRE((*file)->write(0, bytes_of(text)).has_value());
  REQUIRE((*file)->sync().has_value());
}

std::string names_in(const FileSystem& files, const std::string& folder) {
  std::string out;
  const auto entries = files.list(folder);
  REQUIRE(entries.has_value());
  for (const Entry& entry : *entries)
    out += entry.name + (entry.kind == EntryKind::Folder ? "/ " : cat(":", entry.nbytes, " "));
  return out;
}

/// The code of an error, or "" for a success.
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "" : std::string(code_name(result.error().code));
}

TEST_CASE_TEMPLATE("io/file-system: what was written is read, at any position", Place, OnDisk,
                   InMemory) {
  Place place;
  const std::string path = join(place.root, "a");
  make_file(place.files(), path, "0123456789");
  const auto file = place.files().open(path);
  REQUIRE(file.has_value());
  CHECK((*file)->size() == 10);
  CHECK((*file)->path() == path);
  (*file)->will_read_in_order();
  std::string out(4, '?');
  CHECK((*file)->read(3, std::as_writable_bytes(std::span(out))).has_value());
  CHECK(out == "3456");
  CHECK((*file)->read(10, {}).has_value());
}

TEST_CASE_TEMPLATE("io/file-system: a read past the end names the file, the place and both lengths",
                   Place, OnDisk, InMemory) {
  Place place;
  const std::string path = join(place.root, "a");
  make_file(place.files(), path, "0123456789");
  const auto file = place.files().open(path);
  REQUIRE(file.has_value());
  std::string out(4, '?');
  const auto failed = (*file)->read(8, std::as_writable_bytes(std::span(out)));
  REQUIRE(!failed.has_value());
  CHECK(failed.error().code == Code::io_read_failed);
  CHECK(failed.error().place.file == path);
  CHECK(failed.error().place.byte_offset == 8);
  CHECK(failed.error().message ==
        "the file ends at byte 10, and 4 bytes from byte 8 were expected");
  CHECK(outcome((*file)->read(UINT64_MAX, std::as_writable_bytes(std::span(out)))) ==
        "io.read-failed");
}

TEST_CASE_TEMPLATE("io/file-system: a file that became shorter says so instead of giving zeros",
                   Place, OnDisk, InMemory) {
  Place place;
  const std::string path = join(place.root, "a");
  make_file(place.files(), path, "0123456789");
  const auto file = place.files().open(path);
  REQUIRE(file.has_value());
  REQUIRE(place.files().create(path).has_value());
  std::string out(4, '?');
  CHECK(outcome((*file)->read(0, std::as_writable_bytes(std::span(out)))) == "io.read-failed");
}

TEST_CASE_TEMPLATE("io/file-system: gaps and lengths that were set read as zero", Place, OnDisk,
                   InMemory) {
  Place place;
  const std::string path = join(place.root, "a");
  {
    auto file = place.files().create(path);
    REQUIRE(file.has_value());
    CHECK((*file)->path() == path);
    CHECK((*file)->write(3, bytes_of("xy")).has_value());
    CHECK((*file)->write(0, {}).has_value());
    CHECK((*file)->resize(7).has_value());
    (*file)->start_writeback();
    CHECK((*file)->sync().has_value());
  }
  CHECK(*read_text(place.files(), path) == std::string("\0\0\0xy\0\0", 7));
  auto file = place.files().create(path);
  REQUIRE(file.has_value());
  CHECK(*read_text(place.files(), path) == "");
}

TEST_CASE_TEMPLATE("io/file-system: threads write disjoint ranges of one file", Place, OnDisk,
                   InMemory) {
  Place place;
  const std::string path = join(place.root, "a");
  auto file = place.files().create(path);
  REQUIRE(file.has_value());
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      const std::string part(1000, static_cast<char>('a' + t));
      for (std::size_t i = 0; i < 10; ++i)
        (void)(*file)->write((i * 4 + t) * 1000, bytes_of(part));
    });
  for (std::thread& thread : threads)
    thread.join();
  const std::string text = *read_text(place.files(), path);
  REQUIRE(text.size() == 40000);
  bool as_written = true;
  for (std::size_t i = 0; i < text.size(); ++i)
    as_written &= text[i] == static_cast<char>('a' + i / 1000 % 4);
  CHECK(as_written);
}

TEST_CASE_TEMPLATE("io/file-system: a folder lists its entries by name, with kind and size", Place,
                   OnDisk, InMemory) {
  Place place;
  REQUIRE(place.files().make_folders(join(place.root, "b/inner")).has_value());
  make_file(place.files(), join(place.root, "c"), "123");
  make_file(place.files(), join(place.root, "a"), "");
  make_file(place.files(), join(place.root, "b/d"), "1");
  CHECK(names_in(place.files(), place.root) == "a:0 b/ c:3 ");
  CHECK(names_in(place.files(), join(place.root, "b")) == "d:1 inner/ ");
  CHECK(names_in(place.files(), join(place.root, "b/inner/")) == "");
}

TEST_CASE_TEMPLATE("io/file-system: stat tells files from folders", Place, OnDisk, InMemory) {
  Place place;
  make_file(place.files(), join(place.root, "a"), "123");
  const auto file = place.files().stat(join(place.root, "a"));
  REQUIRE(file.has_value());
  CHECK(file->name == "a");
  CHECK(file->kind == EntryKind::File);
  CHECK(file->nbytes == 3);
  const auto folder = place.files().stat(place.root + "/");
  REQUIRE(folder.has_value());
  CHECK(folder->kind == EntryKind::Folder);
  CHECK(folder->nbytes == 0);
  CHECK(place.files().stat(".").has_value());
  CHECK(place.files().stat("").has_value());
  CHECK(place.files().is_there(join(place.root, "a")).value());
  CHECK(!place.files().is_there(join(place.root, "b")).value());
}

TEST_CASE_TEMPLATE("io/file-system: each refusal has its code", Place, OnDisk, InMemory) {
  Place place;
  FileSystem& files = place.files();
  const std::string file = join(place.root, "file");
  make_file(files, file, "1");
  const std::string missing = join(place.root, "missing");
  CHECK(outcome(files.open(missing)) == "io.not-found");
  CHECK(outcome(files.open(join(file, "below"))) == "io.not-found");
  CHECK(outcome(files.open(place.root)) == "io.read-failed");
  CHECK(outcome(files.create(place.root)) == "io.write-failed");
  CHECK(outcome(files.create(join(missing, "a"))) == "io.write-failed");
  CHECK(outcome(files.stat(missing)) == "io.not-found");
  CHECK(outcome(files.list(missing)) == "io.not-found");
  CHECK(outcome(files.list(file)) == "io.not-found");
  CHECK(outcome(files.make_folders(join(file, "below"))) == "io.write-failed");
  CHECK(outcome(files.make_folders(file)) == "io.write-failed");
  CHECK(outcome(files.rename(missing, file)) == "io.write-failed");
  CHECK(outcome(files.rename(file, join(missing, "a"))) == "io.write-failed");
  CHECK(outcome(files.sync_folder(missing)) == "io.write-failed");
  for (const char* path : {"", ".", "/"})
    CHECK(outcome(files.remove_all(path)) == "io.write-failed");
}

TEST_CASE_TEMPLATE("io/file-system: every refusal names its path and an action", Place, OnDisk,
                   InMemory) {
  Place place;
  const std::string missing = join(place.root, "missing");
  const auto failed = place.files().open(missing);
  REQUIRE(!failed.has_value());
  CHECK(failed.error().place.file == missing);
  CHECK(failed.error().message == "cannot open the file: no such file or directory");
  CHECK(failed.error().hint.starts_with("check the "));
}

TEST_CASE_TEMPLATE("io/file-system: making folders makes those above and minds none that are there",
                   Place, OnDisk, InMemory) {
  Place place;
  const std::string deep = join(place.root, "a/b/c");
  CHECK(place.files().make_folders(deep).has_value());
  CHECK(place.files().make_folders(deep + "/").has_value());
  CHECK(place.files().make_folders(join(place.root, "a/d")).has_value());
  CHECK(place.files().make_folders(".").has_value());
  CHECK(names_in(place.files(), join(place.root, "a")) == "b/ d/ ");
  CHECK(place.files().sync_folder(deep).has_value());
}

TEST_CASE_TEMPLATE("io/file-system: a new folder is made once, and only where there is one for it",
                   Place, OnDisk, InMemory) {
  Place place;
  const std::string path = join(place.root, "a");
  CHECK(place.files().make_new_folder(path).value());
  CHECK_FALSE(place.files().make_new_folder(path).value());
  make_file(place.files(), join(place.root, "b"), "1");
  CHECK_FALSE(place.files().make_new_folder(join(place.root, "b")).value());
  CHECK(outcome(place.files().make_new_folder(join(place.root, "c/d"))) == "io.write-failed");
}

TEST_CASE_TEMPLATE("io/file-system: a lock is refused while another has it", Place, OnDisk,
                   InMemory) {
  Place place;
  const std::string path = join(place.root, "a");
  {
    const auto first = place.files().lock(path, "me");
    REQUIRE(first.has_value());
    CHECK((*first)->is_sure());
    CHECK(outcome(place.files().lock(path, "you")) == "io.output-busy");
    CHECK(outcome(place.files().lock(join(place.root, "b"), "you")) == "");
  }
  CHECK(outcome(place.files().lock(path, "you")) == "");
  CHECK(outcome(place.files().lock(join(place.root, "no/a"), "you")) == "io.write-failed");
}

TEST_CASE("io/run-name: each run has a name of its own, in three parts") {
  const std::string name = new_run_name();
  CHECK(std::count(name.begin(), name.end(), '-') == 2);
  CHECK(name.find(cat("-", ::getpid(), "-")) != std::string::npos);
  CHECK(name.find('/') == std::string::npos);
  CHECK(new_run_name() != name);
}

TEST_CASE_TEMPLATE("io/file-system: a file replaces a file", Place, OnDisk, InMemory) {
  Place place;
  const std::string a = join(place.root, "a");
  const std::string b = join(place.root, "b");
  make_file(place.files(), a, "new");
  make_file(place.files(), b, "old");
  CHECK(place.files().rename(a, b).has_value());
  CHECK(names_in(place.files(), place.root) == "b:3 ");
  CHECK(*read_text(place.files(), b) == "new");
}

TEST_CASE_TEMPLATE(
    "io/file-system: a folder moves with all in it and replaces an empty folder only", Place,
    OnDisk, InMemory) {
  Place place;
  FileSystem& files = place.files();
  const std::string from = join(place.root, "from");
  const std::string to = join(place.root, "to");
  REQUIRE(files.make_folders(join(from, "inner")).has_value());
  REQUIRE(files.make_folders(to).has_value());
  make_file(files, join(from, "inner/a"), "1");
  make_file(files, join(place.root, "from.txt"), "2");
  CHECK(files.rename(from, to).has_value());
  CHECK(names_in(files, place.root) == "from.txt:1 to/ ");
  CHECK(*read_text(files, join(to, "inner/a")) == "1");

  REQUIRE(files.make_folders(from).has_value());
  CHECK(outcome(files.rename(from, to)) == "io.write-failed");
  CHECK(outcome(files.rename(join(place.root, "from.txt"), to)) == "io.write-failed");
  CHECK(outcome(files.rename(to, join(to, "inner"))) == "io.write-failed");
  CHECK(names_in(files, place.root) == "from/ from.txt:1 to/ ");
}

TEST_CASE_TEMPLATE("io/file-system: an open file outlives its name", Place, OnDisk, InMemory) {
  Place place;
  const std::string path = join(place.root, "a");
  make_file(place.files(), path, "0123");
  const auto file = place.files().open(path);
  REQUIRE(file.has_value());
  REQUIRE(place.files().remove_all(path).has_value());
  std::string out(4, '?');
  CHECK((*file)->read(0, std::as_writable_bytes(std::span(out))).has_value());
  CHECK(out == "0123");
}

TEST_CASE_TEMPLATE(
    "io/file-system: removing takes everything below and minds nothing that is missing", Place,
    OnDisk, InMemory) {
  Place place;
  REQUIRE(place.files().make_folders(join(place.root, "a/b")).has_value());
  make_file(place.files(), join(place.root, "a/b/c"), "1");
  make_file(place.files(), join(place.root, "ab"), "1");
  CHECK(place.files().remove_all(join(place.root, "a")).has_value());
  CHECK(place.files().remove_all(join(place.root, "a")).has_value());
  CHECK(names_in(place.files(), place.root) == "ab:1 ");
}

TEST_CASE_TEMPLATE("io/file-system: free space is known where the folder is not made yet", Place,
                   OnDisk, InMemory) {
  Place place;
  const auto free = place.files().free_bytes(join(place.root, "not/yet/there"));
  REQUIRE(free.has_value());
  CHECK(*free > 0);
}

TEST_CASE("io/memory: it tells which folders a power cut could empty") {
  support::MemoryFileSystem files;
  files.put("dir/a", "1");
  CHECK(files.unsynced_folders().empty());
  REQUIRE(files.make_folders("x/y").has_value());
  CHECK(files.unsynced_folders() == std::vector<std::string>{"", "x"});
  REQUIRE(files.create("x/y/b").has_value());
  REQUIRE(files.sync_folder("x").has_value());
  REQUIRE(files.sync_folder(".").has_value());
  CHECK(files.unsynced_folders() == std::vector<std::string>{"x/y"});
  REQUIRE(files.rename("x", "dir/x").has_value());
  CHECK(files.unsynced_folders() == std::vector<std::string>{"dir", "dir/x/y"});
  REQUIRE(files.remove_all("dir/x").has_value());
  REQUIRE(files.sync_folder("dir").has_value());
  CHECK(files.unsynced_folders().empty());
}

TEST_CASE("io/memory: links and mount points are as on a disk") {
  support::MemoryFileSystem files;
  files.put("dir/a", "1");
  files.put_link("dir/link", "a");
  files.put_link("gone", "dir/b");
  CHECK(names_in(files, "dir") == "a:1 link:1 ");
  CHECK(*read_text(files, "dir/link") == "1");
  CHECK(*files.follow_links("dir/link/") == "dir/a");
  CHECK(*files.follow_links("./dir/") == "./dir");
  CHECK(outcome(files.is_there("gone")) == "io.read-failed");
  CHECK(outcome(files.open("gone")) == "io.read-failed");
  REQUIRE(files.make_folders("from").has_value());
  CHECK(outcome(files.rename("from", "gone")) == "io.write-failed");
  files.mount("disk");
  CHECK(*files.is_mount_point("disk"));
  CHECK_FALSE(*files.is_mount_point("dir"));
  CHECK(outcome(files.rename("from", "disk")) == "io.write-failed");
}

TEST_CASE("io/memory: it tells what a power cut could take") {
  support::MemoryFileSystem files;
  files.put("dir/a", "1");
  auto file = files.create("dir/b");
  REQUIRE(file.has_value());
  CHECK(files.unsynced_files() == std::vector<std::string>{"dir/b"});
  REQUIRE((*file)->write(0, bytes_of("x")).has_value());
  REQUIRE((*file)->sync().has_value());
  CHECK(files.unsynced_files().empty());
  CHECK(files.files() == std::vector<std::string>{"dir/a", "dir/b"});
  CHECK(files.get("./dir//b") == "x");
  CHECK_THROWS_AS((void)files.get("dir"), InternalError);
  files.set_free_bytes(7);
  CHECK(*files.free_bytes("x") == 7);
}

}  // namespace
}  // namespace recast::io
