#include <ostream>

#include "cli/commands.hpp"
#include "cli/file_report.hpp"
#include "cli/folder_report.hpp"
#include "cli/inspect_options.hpp"
#include "cli/report.hpp"
#include "engine/formats/container.hpp"

namespace recast::cli {
namespace {

Exit inspect_file(const InspectOptions& options, Streams streams, Reporter& report) {
  const auto catalog = formats::read_catalog(streams.files, options.path);
  if (!catalog) return report.fail(catalog.error());
  const FileReport file = report_file(*catalog);
  if (options.output.json)
    print_json(*catalog, file, streams.out);
  else
    print_text(*catalog, file, {options.tensors, options.all}, streams.out);
  return Exit::Done;
}

/// A checkpoint: what the rules make of it, or, where they know no such model, what its files hold
/// and why.
Exit inspect_folder(const InspectOptions& options, Streams streams, Reporter& report) {
  Session session(streams, report);
  if (!session.load_rules(options.source.rules)) return report.exit();
  const auto set = session.settings(options.source.sets);
  if (!set) return report.exit();
  DiagnosticSink sink;
  const auto opened =
      checkpoint::open_checkpoint(streams.files, session.library(), options.path,
                                  {options.source.from.value_or(""), *set, true, false}, sink);
  report.print(sink);
  if (!opened) return report.exit();
  DiagnosticSink problems;
  const auto bound = session.bind(*opened, options.source, *set, problems);
  const FolderReport folder{*opened, bound ? &*bound : nullptr};
  if (options.output.json)
    print_json(folder, streams.out);
  else
    print_text(folder, {options.tensors, options.all}, streams.out);
  report.print(problems);
  return report.exit();
}

}  // namespace

Exit run_inspect(Args args, Streams streams) {
  Reporter report(streams.err, diagnostic_form(args));
  InspectOptions options;
  const OptionParser parser = inspect_parser(options);
  const auto parsed = parser.parse(args);
  if (!parsed) return report.fail(parsed.error());
  if (*parsed == Parsed::HelpWanted) {
    streams.out << parser.help();
    return Exit::Done;
  }
  const auto entry = streams.files.stat(options.path);
  if (!entry) return report.fail(entry.error());
  return entry->kind == io::EntryKind::Folder ? inspect_folder(options, streams, report)
                                              : inspect_file(options, streams, report);
}

}  // namespace recast::cli
