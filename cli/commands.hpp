#pragma once
// The commands, and the one way in: tests call what main calls.

#include <array>

#include "cli/command.hpp"

namespace recast::cli {

Exit run_convert(Args args, Streams streams);
Exit run_plan(Args args, Streams streams);
Exit run_verify(Args args, Streams streams);
Exit run_inspect(Args args, Streams streams);
Exit run_rules(Args args, Streams streams);
Exit run_demo(Args args, Streams streams);

inline constexpr std::array kCommands{
    Command{"convert", "write a checkpoint in another framework's form or another parallel layout",
            run_convert},
    Command{"plan", "say what convert would do; read headers only", run_plan},
    Command{"verify", "compare two checkpoints, of whatever frameworks and layouts", run_verify},
    Command{"inspect", "say what a file or a checkpoint holds", run_inspect},
    Command{"rules", "list, show or check the rules", run_rules},
    Command{"demo", "make a checkpoint, plan, convert, verify and show it", run_demo},
};

/// Runs the command that `args` begins with, or answers `--version`, `--help` and slips of the
/// keyboard.
Exit dispatch(Args args, Streams streams);

}  // namespace recast::cli
