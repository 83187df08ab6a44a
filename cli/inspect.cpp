#include <ostream>

#include "cli/commands.hpp"
#include "cli/file_report.hpp"
#include "cli/inspect_options.hpp"
#include "cli/report.hpp"
#include "engine/formats/container.hpp"

namespace recast::cli {
namespace {

Result<void> inspect(const InspectOptions& options, Streams streams) {
  RECAST_ASSIGN(const io::Entry entry, streams.files.stat(options.path));
  if (entry.kind == io::EntryKind::Folder) {
    return make_diagnostic(Code::usage_not_built_yet,
                           "'inspect' of a checkpoint's folder is not built yet")
        .in(options.path)
        .suggest("give one of its files");
  }
  RECAST_ASSIGN(const tensor::FileCatalog catalog,
                formats::read_catalog(streams.files, options.path));
  const FileReport report = report_file(catalog);
  if (options.output.json) {
    print_json(catalog, report, streams.out);
  } else {
    print_text(catalog, report, {options.tensors, options.all}, streams.out);
  }
  return {};
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
  const auto done = inspect(options, streams);
  return done ? Exit::Done : report.fail(done.error());
}

}  // namespace recast::cli
