// What only the real disk can show. It works in a folder of its own below the system's temporary
// one.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
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
  CHECK(folder.files->is_there(join(inner, "a")).value());
}

TEST_CASE("io/local: a link that leads nowhere is there, and is named where it is looked at") {
  Folder folder;
  const std::string link = join(folder.path, "link");
  std::filesystem::create_symlink("blobs/gone", link);
  CHECK(render_text(folder.files->stat(link).error()) ==
        cat(link,
            ": error[io.read-failed]: cannot look at the path: it is a link to 'blobs/gone', which "
            "is not there\nhint: fetch what the link leads to, or remove the link\n"));
  CHECK(folder.files->open(link).error().message ==
        "cannot open the file: it is a link to 'blobs/gone', which is not there");
  CHECK(folder.files->is_there(link).error().code == Code::io_read_failed);
}

TEST_CASE("io/local: what cannot be looked at is not taken for what is not there") {
  Folder folder;
  const std::string loop = join(folder.path, "loop");
  std::filesystem::create_symlink("loop", loop);
  const auto there = folder.files->is_there(loop);
  REQUIRE(!there.has_value());
  CHECK(there.error().code == Code::io_read_failed);
}

TEST_CASE("io/local: links are followed to their end, whether it is there or not") {
  Folder folder;
  const std::string inner = join(folder.path, "inner");
  REQUIRE(folder.files->make_folders(inner).has_value());
  std::filesystem::create_symlink("inner", join(folder.path, "one"));
  std::filesystem::create_symlink("one/", join(folder.path, "two"));
  std::filesystem::create_symlink("/nowhere/else", join(folder.path, "far"));
  CHECK(*folder.files->follow_links(inner + "//") == inner);
  CHECK(*folder.files->follow_links(join(folder.path, "two")) == inner);
  CHECK(*folder.files->follow_links(join(folder.path, "two/")) == inner);
  CHECK(*folder.files->follow_links(join(folder.path, "far")) == "/nowhere/else");
  CHECK(*folder.files->follow_links(join(folder.path, "none")) == join(folder.path, "none"));
  std::filesystem::create_symlink("loop", join(folder.path, "loop"));
  CHECK(folder.files->follow_links(join(folder.path, "loop")).error().code == Code::io_read_failed);
}

TEST_CASE("io/local: where another disk begins is known") {
  Folder folder;
  CHECK_FALSE(*folder.files->is_mount_point(folder.path));
  CHECK(*folder.files->is_mount_point("/"));
  CHECK(*folder.files->is_mount_point("/proc"));
}

TEST_CASE("io/local: a lock is one run's, and is gone with it") {
  Folder folder;
  const std::string path = join(folder.path, ".out.lock");
  {
    const auto first = folder.files->lock(path, "first");
    REQUIRE(first.has_value());
    CHECK((*first)->is_sure());
    const auto second = local_file_system()->lock(path, "second");
    REQUIRE(!second.has_value());
    CHECK(render_text(second.error()) ==
          cat(path,
              ": error[io.output-busy]: another run writes this output: first\n"
              "hint: wait until it ends, or give another output folder\n"));
  }
  CHECK_FALSE(folder.files->is_there(path).value());
  CHECK(folder.files->lock(path, "third").has_value());
}

TEST_CASE("io/local: the file of a lock whose run was killed locks nothing") {
  Folder folder;
  const std::string path = join(folder.path, ".out.lock");
  const pid_t killed = ::fork();
  if (killed == 0) {
    const auto held = local_file_system()->lock(path, "killed");
    ::_exit(held ? 0 : 1);  // without the destructor, as by a signal
  }
  int status = -1;
  REQUIRE(::waitpid(killed, &status, 0) == killed);
  REQUIRE(status == 0);
  REQUIRE(*read_text(*folder.files, path) == "killed");
  const auto next = folder.files->lock(path, "next");
  REQUIRE(next.has_value());
  CHECK(*read_text(*folder.files, path) == "next");
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
