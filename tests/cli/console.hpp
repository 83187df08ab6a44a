#pragma once
// A program's surroundings in memory: commands are called as main calls them.

#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "tests/support/memory_file_system.hpp"

namespace recast::cli {

struct Console {
  std::ostringstream out, err;
  support::MemoryFileSystem files;

  Exit run(std::initializer_list<std::string> args) {
    const std::vector<std::string> held(args);
    return dispatch(held, {out, err, false, files});
  }
};

}  // namespace recast::cli
