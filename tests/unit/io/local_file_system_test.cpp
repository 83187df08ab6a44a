// What only the real disk can show. It works in a folder of its own below the system's temporary
// one.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "engine/base/render.hpp"
#include "engine/io/file_system.hpp"

namespace recast::io {
namespace {

struct Folder {
  Folder() {
    std::string made = (std::filesystem::temp_directory_path() / "recast-io-XXXXXX").string();
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    path = made;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path;
  std::unique_ptr<FileSystem> files = local_file_system();
};

TEST_CASE("io/local: a full disk has a code of its own") {
  if (!std::filesystem::exists("/dev/full")) {
    MESSAGE("skipped: there is no /dev/full here");
    return;
  }
  Folder folder;
  auto file = folder.files->create("/dev/full");
  REQUIRE(file.has_value());
  const std::byte one{};
  const auto failed = (*file)->write(0, std::span(&one, 1));
  REQUIRE(!failed.has_value());
  CHECK(render_text(failed.error()) ==
        "/dev/full:+0x0: error[io.disk-full]: cannot write the file: no space left on device\n"
        "hint: free some space or choose a folder on another disk\n");
}

TEST_CASE("io/local: a pipe is refused at once instead of waited for") {
  Folder folder;
  const std::string pipe = join(folder.path, "pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto failed = folder.files->open(pipe);
  REQUIRE(!failed.has_value());
  CHECK(failed.error().message == "not a regular file, and only those are read");
  CHECK(folder.files->stat(pipe)->kind == EntryKind::Other);
}

TEST_CASE("io/local: links are followed for looking and reading, never for removing") {
  Folder folder;
  const std::string inner = join(folder.path, "inner");
  REQUIRE(folder.files->make_folders(inner).has_value());
  REQUIRE(folder.files->create(join(inner, "a")).has_value());
  std::filesystem::create_symlink(inner, join(folder.path, "link"));
  std::filesystem::create_symlink("nowhere", join(folder.path, "dangling"));

  const auto entries = folder.files->list(folder.path);
  REQUIRE(entries.has_value());
  REQUIRE(entries->size() == 3);
  CHECK((*entries)[0].name == "dangling");
  CHECK((*entries)[0].kind == EntryKind::Other);
  CHECK((*entries)[2].kind == EntryKind::Folder);

  CHECK(folder.files->remove_all(join(folder.path, "link")).has_value());
  CHECK(folder.files->exists(join(inner, "a")));
}

TEST_CASE("io/local: lengths and positions that no disk has are refused") {
  Folder folder;
  auto file = folder.files->create(join(folder.path, "a"));
  REQUIRE(file.has_value());
  const std::byte one{};
  CHECK((*file)->write(UINT64_MAX, std::span(&one, 1)).error().code == Code::io_write_failed);
  CHECK((*file)->write(INT64_MAX, std::span(&one, 1)).error().code == Code::io_write_failed);
  CHECK((*file)->resize(UINT64_MAX).error().code == Code::io_write_failed);
  CHECK(folder.files->stat(join(folder.path, "a"))->nbytes == 0);
}

TEST_CASE("io/local: files are not inherited by programs that are started") {
  // Every descriptor of this process that leads into the folder must be marked close-on-exec.
  Folder folder;
  auto file = folder.files->create(join(folder.path, "a"));
  REQUIRE(file.has_value());
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (gone || !target.string().starts_with(folder.path)) continue;
    ++found;
    const int descriptor = std::stoi(entry.path().filename().string());
    CHECK((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
  }
  CHECK(found == 1);
}

}  // namespace
}  // namespace recast::io
