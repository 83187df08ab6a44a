#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/convert_options.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/stop_signal.hpp"
#include "engine/base/byte_size.hpp"
#include "engine/checkpoint/explain.hpp"
#include "engine/checkpoint/write.hpp"

namespace recast::cli {
namespace {

/// What `--json` prints of a finished run.
std::string result_json(const ConvertOptions& options, const checkpoint::Conversion& conversion,
                        const checkpoint::Written& written, double seconds) {
  nlohmann::ordered_json out;
  out["output"] = options.output_folder;
  out["framework"] = conversion.rules.dialect.framework;
  out["family"] = conversion.rules.family;
  out["files"] = written.files;
  out["nbytes"] = written.nbytes;
  out["bytes_read"] = written.outcome.bytes_read;
  out["bytes_written"] = written.outcome.bytes_written;
  out["peak_buffer_nbytes"] = written.outcome.peak_buffer_nbytes;
  out["overflows"] = written.outcome.overflows;
  out["seconds"] = seconds;
  out["notes"] = conversion.notes;
  return out.dump(2) + "\n";
}

Exit convert(const ConvertOptions& options, Streams streams, Reporter& report) {
  const auto started = std::chrono::steady_clock::now();
  Session session(streams, report);
  if (!options.dry_run)
    if (const auto free = checkpoint::check_output(streams.files, options.output_folder); !free)
      return report.fail(free.error());
  if (!session.load_rules(options.source.rules)) return report.exit();
  const auto source = session.open(options.source_path, options.source, options.dry_run);
  if (source == nullptr) return report.exit();
  const auto conversion = session.plan(*source, options.target, options.source);
  if (!conversion) return report.exit();
  if (options.dry_run) {
    streams.out << (options.output.json ? checkpoint::explain_json(source->opened, source->bound,
                                                                   *conversion, false)
                                        : checkpoint::explain_text(source->opened, source->bound,
                                                                   *conversion, false));
    return Exit::Done;
  }
  const StopSignal stop;
  ProgressLine progress(streams.err, streams.err_is_terminal && !options.output.quiet);
  checkpoint::WriteOptions write;
  write.run = exec_options(options.machine, options.allow_overflow);
  write.check_replicas = options.check_replicas;
  write.cancel = &stop.requested();
  const auto written = checkpoint::write_checkpoint(streams.files, source->opened, *conversion,
                                                    options.output_folder, write, progress.sink());
  progress.finish();
  if (!written) return report.fail(written.error());
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (!options.output.quiet) {
    print_notes(*source, streams.err);
    for (const auto* notes : {&conversion->notes, &written->notes})
      for (const std::string& note : *notes)
        streams.err << "note: " << note << "\n";
    for (const auto& dropped : conversion->dropped)
      streams.err << "not converted: " << dropped.what << ": " << dropped.why << "\n";
    if (written->outcome.overflows > 0)
      streams.err << "note: " << written->outcome.overflows << " values became infinite\n";
  }
  if (options.output.json) {
    streams.out << result_json(options, *conversion, *written, seconds);
  } else if (!options.output.quiet) {
    const auto rate =
        static_cast<std::uint64_t>(static_cast<double>(written->nbytes) / std::max(seconds, 1e-3));
    streams.out << options.output_folder << ": " << written->files << " files, "
                << print_byte_size(written->nbytes) << ", " << print_byte_size(rate) << "/s\n";
  }
  return Exit::Done;
}

}  // namespace

Exit run_convert(Args args, Streams streams) {
  Reporter report(streams.err, diagnostic_form(args));
  ConvertOptions options;
  const OptionParser parser = convert_parser(options);
  const auto parsed = parser.parse(args);
  if (!parsed) return report.fail(parsed.error());
  if (*parsed == Parsed::HelpWanted) {
    streams.out << parser.help();
    return Exit::Done;
  }
  return convert(options, streams, report);
}

}  // namespace recast::cli
