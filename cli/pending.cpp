// Commands whose engine is not there yet: they check their options and say so.

#include <ostream>

#include "cli/commands.hpp"
#include "cli/demo_options.hpp"
#include "cli/report.hpp"
#include "cli/rules_options.hpp"

namespace recast::cli {
namespace {

template <class Parser>
Exit pending(Parser&& parser, std::string_view name, Args args, Streams streams) {
  Reporter report(streams.err, diagnostic_form(args));
  const auto parsed = parser.parse(args);
  if (!parsed) return report.fail(parsed.error());
  if (*parsed == Parsed::HelpWanted) {
    streams.out << parser.help();
    return Exit::Done;
  }
  return report.fail(
      make_diagnostic(Code::usage_not_built_yet, cat("'", name, "' is not built yet")));
}

}  // namespace

Exit run_rules(Args args, Streams streams) {
  RulesOptions options;
  return pending(RulesParser(options), "rules", args, streams);
}

Exit run_demo(Args args, Streams streams) {
  DemoOptions options;
  return pending(demo_parser(options), "demo", args, streams);
}

}  // namespace recast::cli
