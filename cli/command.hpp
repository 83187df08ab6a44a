#pragma once
// What a command is: a name, a summary, and a function from arguments and streams to an exit code.

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "engine/io/file_system.hpp"

namespace recast::cli {

/// Exit codes of the program; README.md lists them for scripts.
enum class Exit : int { Done = 0, Differs = 1, Usage = 2, Data = 3, Io = 4, Bug = 70, Stopped = 130 };

/// Where a command reads and writes; borrowed while it runs. Results go to `out`, everything else
/// to `err`.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;  // then progress may be drawn on it
  io::FileSystem& files;
};

/// What stands after the command's name.
using Args = std::span<const std::string>;

/// A row of the table that serves dispatch, help and spelling hints.
struct Command {
  std::string_view name;
  std::string_view summary;
  Exit (*run)(Args args, Streams streams);
};

}  // namespace recast::cli
