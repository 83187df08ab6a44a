// The program: the real streams and the real disk around cli::dispatch, and the last word on what
// went wrong.

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "engine/base/diagnostic.hpp"
#include "engine/io/open_files.hpp"

namespace {

using recast::cli::Exit;

Exit run(const std::vector<std::string>& args, recast::cli::Streams streams) {
  try {
    return recast::cli::dispatch(args, streams);
  } catch (const recast::InternalError& bug) {
    std::cerr << "recast: internal error: " << bug.what
              << "\nThis is a bug in recast; please report it.\n";
  } catch (const std::bad_alloc&) {
    std::cerr << "recast: out of memory\n";
  } catch (const std::exception& escaped) {
    std::cerr << "recast: internal error: " << escaped.what()
              << "\nThis is a bug in recast; please report it.\n";
  }
  return Exit::Bug;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  recast::io::raise_open_files();
  std::signal(SIGXFSZ, SIG_IGN);  // a file over the limit is an error of writing, with a message
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  const auto files = recast::io::local_file_system();
  Exit exit = run(args, {std::cout, std::cerr, isatty(STDERR_FILENO) != 0, *files});
  errno = 0;
  std::cout.flush();
  if (!std::cout && exit == Exit::Done) {
    std::cerr << "recast: error[io.write-failed]: standard output: "
              << (errno != 0 ? std::strerror(errno) : "cannot be written") << '\n';
    exit = Exit::Io;
  }
  return static_cast<int>(exit);
}
