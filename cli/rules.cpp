#include <ostream>

#include "cli/commands.hpp"
#include "cli/rules_folder.hpp"
#include "cli/rules_options.hpp"
#include "cli/session.hpp"
#include "cli/text.hpp"

#include "engine/base/join.hpp"

namespace recast::cli {
namespace {

Exit list(const rules::Library& library, std::ostream& out) {
  using Align = Table::Align;
  Table table({Align::Left, Align::Left, Align::Left});
  DiagnosticSink quiet;
  for (const std::string& family : library.families()) {
    std::string frameworks, about;
    for (const std::string& framework : library.frameworks()) {
      if (!library.has(family, framework)) continue;
      frameworks += (frameworks.empty() ? "" : ", ") + framework;
      if (const auto rules = library.rule_set(family, framework, quiet)) about = rules->about;
    }
    table.row({printable(family), frameworks, printable(about)});
  }
  table.print(out, 0);
  return Exit::Done;
}

Exit show(const rules::Library& library, const RulesOptions& options, std::ostream& out,
          Reporter& report) {
  DiagnosticSink sink;
  const auto rules = library.rule_set(options.family, options.framework, sink);
  report.print(sink);
  if (!rules) return report.exit();
  using Align = Table::Align;
  out << rules->family << " as " << rules->dialect.framework << "\n\nsizes (--set SIZE=VALUE)\n";
  Table sizes({Align::Left, Align::Left});
  for (const rules::SizeRule& size : rules->sizes)
    sizes.row({size.name, size.about});
  sizes.print(out, 2);
  out << "\ninventory\n";
  Table inventory({Align::Left, Align::Left});
  for (const rules::LogicalRule& tensor : rules->tensors) {
    inventory.row({tensor.name, joined(tensor.axes, " ", [&](layout::AxisId axis) {
                     return rules->axes[axis].name;
                   })});
  }
  inventory.print(out, 2);
  out << "\ntensors\n";
  Table tensors({Align::Left, Align::Left});
  for (const rules::TensorRule& tensor : rules->dialect.tensors)
    tensors.row({tensor.name_text, tensor.created ? "(made empty)" : tensor.layout_text});
  tensors.print(out, 2);
  return Exit::Done;
}

/// Reads every family in every framework and reports all that is wrong.
Exit check(const rules::Library& library, std::ostream& out, Reporter& report) {
  std::size_t pages = 0;
  DiagnosticSink sink;
  for (const std::string& family : library.families())
    for (const std::string& framework : library.frameworks())
      if (library.has(family, framework)) {
        (void)library.rule_set(family, framework, sink);
        ++pages;
      }
  report.print(sink);
  if (sink.has_errors()) return report.exit();
  out << "ok: " << library.families().size() << " families, " << library.frameworks().size()
      << " frameworks, " << pages << " pages\n";
  return Exit::Done;
}

}  // namespace

Exit run_rules(Args args, Streams streams) {
  Reporter report(streams.err, diagnostic_form(args));
  RulesOptions options;
  RulesParser parser(options);
  const auto parsed = parser.parse(args);
  if (!parsed) return report.fail(parsed.error());
  if (*parsed == Parsed::HelpWanted) {
    streams.out << parser.help();
    return Exit::Done;
  }
  Session session(streams, report);
  std::vector<std::string> folders = options.rules;
  folders.insert(folders.end(), options.folders.begin(), options.folders.end());
  if (!session.load_rules(folders)) return report.exit();
  switch (options.action) {
    case RulesOptions::Action::List:
      return list(session.library(), streams.out);
    case RulesOptions::Action::Show:
      return show(session.library(), options, streams.out, report);
    case RulesOptions::Action::Check:
      return check(session.library(), streams.out, report);
  }
  return Exit::Bug;
}

}  // namespace recast::cli
