#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/text.hpp"
#include "cli/verify_options.hpp"
#include "engine/base/byte_size.hpp"
#include "engine/checkpoint/compare.hpp"

namespace recast::cli {
namespace {

using checkpoint::ModelComparison;

/// `attn.q layer 3 group 1 rep 0 dim 5 hidden 17`.
std::string place_of(const ModelComparison& result, const verify::Difference& difference) {
  const plan::LogicalTensor& tensor = result.plan.logical[difference.logical];
  std::string out = tensor.name;
  for (std::size_t i = 0; i < tensor.axes.size(); ++i)
    out += " " + tensor.axes[i] + " " + std::to_string(difference.index[i]);
  return out;
}

void print_text(const ModelComparison& result, const verify::Tolerance& tolerance,
                std::ostream& out) {
  std::uint64_t elements = 0, tensors = 0;
  for (const verify::TensorVerdict& verdict : result.tensors.verdicts) {
    elements += verdict.elements;
    tensors += verdict.elements > 0 ? 1 : 0;
    if (!verdict.first) continue;
    const verify::Difference& first = *verdict.first;
    out << result.plan.logical[verdict.logical].name << ": " << with_commas(verdict.differing)
        << " of " << with_commas(verdict.elements) << " elements differ, first at "
        << place_of(result, first) << ": " << first.left << " against " << first.right
        << "\n  left  " << result.plan.sources[first.from].name << "\n  right "
        << result.plan.targets[first.into].name << "\n";
  }
  for (const checkpoint::SizeDifference& size : result.sizes)
    out << size.size << ": " << size.left << " against " << size.right << "\n";
  for (const std::string& other : result.not_held)
    out << "only one side can be so: " << other << "\n";
  for (const plan::Dropped& dropped : result.not_compared)
    out << "not compared: " << dropped.what << ": " << dropped.why << "\n";
  if (result.replica_nbytes > 0)
    out << "replicas: " << print_byte_size(result.replica_nbytes) << " compared, all equal\n";
  out << (result.equal() ? "equal" : "different") << ": " << with_commas(elements)
      << " elements of " << tensors << " logical tensors compared "
      << (tolerance.bitwise ? "bit for bit" : "within the tolerance") << "\n";
}

void print_json(const ModelComparison& result, std::ostream& out) {
  nlohmann::ordered_json json;
  json["equal"] = result.equal();
  json["bytes_read"] = result.tensors.bytes_read;
  nlohmann::ordered_json tensors = nlohmann::ordered_json::array(),
                         sizes = nlohmann::ordered_json::array();
  for (const verify::TensorVerdict& verdict : result.tensors.verdicts) {
    if (verdict.elements == 0) continue;
    nlohmann::ordered_json entry{{"tensor", result.plan.logical[verdict.logical].name},
                                 {"elements", verdict.elements},
                                 {"differing", verdict.differing},
                                 {"max_absolute", verdict.max_absolute}};
    if (verdict.first)
      entry["first"] = {{"place", place_of(result, *verdict.first)},
                        {"left", verdict.first->left},
                        {"right", verdict.first->right}};
    tensors.push_back(std::move(entry));
  }
  for (const checkpoint::SizeDifference& size : result.sizes)
    sizes.push_back({{"size", size.size}, {"left", size.left}, {"right", size.right}});
  json["tensors"] = std::move(tensors);
  json["sizes"] = std::move(sizes);
  json["not_held"] = result.not_held;
  out << json.dump(2) << "\n";
}

Exit verify_two(const VerifyOptions& options, Streams streams, Reporter& report) {
  Session session(streams, report);
  if (!session.load_rules(options.source.rules)) return report.exit();
  const auto left = session.open(options.left_path, options.source, false);
  if (left == nullptr) return report.exit();
  SourceOptions right_options = options.source;
  right_options.from.reset();
  const auto right = session.open(options.right_path, right_options, false);
  if (right == nullptr) return report.exit();
  const verify::Tolerance tolerance{options.absolute.value_or(0), options.relative.value_or(0),
                                    !options.absolute && !options.relative};
  ProgressLine progress(streams.err, streams.err_is_terminal && !options.output.quiet);
  DiagnosticSink sink;
  const auto result = checkpoint::compare_models(
      streams.files, {left->opened, left->bound}, {right->opened, right->bound}, tolerance,
      options.check_replicas, exec_options(options.machine, false), progress.sink(), sink);
  progress.finish();
  report.print(sink);
  if (!result) return report.exit();
  if (!options.output.quiet) {
    print_notes(*left, streams.err);
    print_notes(*right, streams.err);
  }
  if (options.output.json)
    print_json(*result, streams.out);
  else
    print_text(*result, tolerance, streams.out);
  return result->equal() ? Exit::Done : Exit::Differs;
}

}  // namespace

Exit run_verify(Args args, Streams streams) {
  Reporter report(streams.err, diagnostic_form(args));
  VerifyOptions options;
  const OptionParser parser = verify_parser(options);
  const auto parsed = parser.parse(args);
  if (!parsed) return report.fail(parsed.error());
  if (*parsed == Parsed::HelpWanted) {
    streams.out << parser.help();
    return Exit::Done;
  }
  return verify_two(options, streams, report);
}

}  // namespace recast::cli
