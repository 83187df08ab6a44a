#include <ostream>

#include "cli/commands.hpp"
#include "cli/plan_options.hpp"
#include "cli/session.hpp"
#include "engine/checkpoint/explain.hpp"

namespace recast::cli {

Exit run_plan(Args args, Streams streams) {
  Reporter report(streams.err, diagnostic_form(args));
  PlanOptions options;
  const OptionParser parser = plan_parser(options);
  const auto parsed = parser.parse(args);
  if (!parsed) return report.fail(parsed.error());
  if (*parsed == Parsed::HelpWanted) {
    streams.out << parser.help();
    return Exit::Done;
  }
  Session session(streams, report);
  if (!session.load_rules(options.source.rules)) return report.exit();
  const auto source = session.open(options.source_path, options.source, true);
  if (source == nullptr) return report.exit();
  const auto conversion = session.plan(*source, options.target, options.source);
  if (!conversion) return report.exit();
  streams.out << (options.output.json ? checkpoint::explain_json(source->opened, source->bound,
                                                                 *conversion, options.all)
                                      : checkpoint::explain_text(source->opened, source->bound,
                                                                 *conversion, options.all));
  return Exit::Done;
}

}  // namespace recast::cli
