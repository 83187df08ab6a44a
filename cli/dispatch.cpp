#include <algorithm>
#include <ostream>
#include <vector>

#include "cli/commands.hpp"
#include "cli/report.hpp"
#include "engine/base/spell.hpp"

namespace recast::cli {
namespace {

void print_help(std::ostream& out) {
  out << "Usage: recast COMMAND …\n\n"
         "  Maps LLM checkpoints between frameworks and parallel layouts, from declarative "
         "rules.\n\n";
  for (const Command& command : kCommands) {
    std::string name(command.name);
    name.resize(13, ' ');
    out << "  " << name << command.summary << '\n';
  }
  out << "\n"
         "  --version    the version\n"
         "  --help       this; 'recast COMMAND --help' for a command's options\n";
}

Diagnostic unknown_command(const std::string& name) {
  const bool is_option = name.starts_with('-');
  std::vector<std::string> known;
  for (const Command& command : kCommands)
    known.emplace_back(command.name);
  if (is_option) known = {"--version", "--help"};
  Diagnostic error =
      make_diagnostic(is_option ? Code::usage_unknown_option : Code::usage_unknown_command,
                      cat("there is no ", is_option ? "option" : "command", " '", name, "'"));
  const auto near = nearest(name, known);
  error.suggest(near ? cat("did you mean '", *near, "'?") : "see 'recast --help'");
  return error;
}

}  // namespace

Exit dispatch(Args args, Streams streams) {
  if (!args.empty() && (args[0] == "--version" || args[0] == "-V" || args[0] == "version")) {
    streams.out << "recast " RECAST_VERSION "\n";
    return Exit::Done;
  }
  const bool wants_help =
      !args.empty() && (args[0] == "--help" || args[0] == "-h" || args[0] == "help");
  if (wants_help && args.size() == 1) {
    print_help(streams.out);
    return Exit::Done;
  }
  Reporter report(streams.err, diagnostic_form(args));
  if (args.empty()) {
    print_help(streams.err);
    return Exit::Usage;
  }
  // `help COMMAND` is `COMMAND --help`.
  const std::string& name = wants_help ? args[1] : args[0];
  const auto command = std::find_if(kCommands.begin(), kCommands.end(),
                                    [&](const Command& c) { return c.name == name; });
  if (command == kCommands.end()) return report.fail(unknown_command(name));
  if (wants_help) {
    const std::vector<std::string> help{"--help"};
    return command->run(help, streams);
  }
  return command->run(args.subspan(1), streams);
}

}  // namespace recast::cli
