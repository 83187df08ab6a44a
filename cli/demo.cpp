#include <unistd.h>
#include <chrono>
#include <cstdlib>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/demo_options.hpp"
#include "cli/session.hpp"
#include "engine/base/byte_size.hpp"
#include "engine/checkpoint/compare.hpp"
#include "engine/checkpoint/synthesise.hpp"

namespace recast::cli {
namespace {

constexpr std::uint64_t kSeed = 20260822;

/// A folder that goes away unless it is to be kept.
class Workplace {
 public:
  Workplace(io::FileSystem& files, const std::optional<std::string>& keep)
      : files_(files), keep_(keep.has_value()) {
    const char* temporary = std::getenv("TMPDIR");
    path_ =
        keep ? *keep
             : io::join(temporary != nullptr ? temporary : "/tmp", cat("recast-demo-", getpid()));
  }
  ~Workplace() {
    if (!keep_) (void)files_.remove_all(path_);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  std::string at(const std::string& name) const { return io::join(path_, name); }

 private:
  io::FileSystem& files_;
  bool keep_;
  std::string path_;
};

class Demo {
 public:
  Demo(const DemoOptions& options, Streams streams, Reporter& report)
      : options_(options),
        streams_(streams),
        report_(report),
        session_(streams, report),
        place_(streams.files, options.keep),
        family_(options.family.value_or("llama")) {}

  Exit run() {
    if (!session_.load_rules({})) return report_.exit();
    const std::string made = place_.at("model"), ranks = place_.at("megatron"),
                      back = place_.at("back");
    if (!make(made)) return report_.exit();
    SourceOptions source;
    TargetOptions out;
    out.to = frameworks_[1];
    out.tp = 4;
    out.pp = 2;
    if (!convert(made, ranks, source, out, true)) return report_.exit();
    streams_.out << "\nwhat it looks like now\n";
    const std::vector<std::string> shown{ranks};
    if (const Exit exit = run_inspect(shown, streams_); exit != Exit::Done) return exit;
    TargetOptions home;
    home.to = frameworks_[0];
    if (!convert(ranks, back, source, home, false)) return report_.exit();
    if (!same(made, ranks) || !same(made, back))
      return report_.exit() == Exit::Done ? Exit::Differs : report_.exit();
    if (options_.keep) streams_.out << "\nkept in " << *options_.keep << "\n";
    return Exit::Done;
  }

 private:
  static double since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  void figures(std::uint64_t nbytes, double seconds) {
    const auto rate =
        static_cast<std::uint64_t>(static_cast<double>(nbytes) / std::max(seconds, 1e-3));
    streams_.out << "  " << print_byte_size(nbytes) << " in " << static_cast<long>(seconds * 1000)
                 << " ms, " << print_byte_size(rate) << "/s\n";
  }
  bool failed(const DiagnosticSink& sink) {
    report_.print(sink);
    return sink.has_errors();
  }

  /// The sizes that the family's rules give for a demonstration, and a framework of each kind.
  bool choose(rules::ValueMap& sizes) {
    DiagnosticSink sink;
    const rules::Library& library = session_.library();
    for (const std::string& framework : library.frameworks()) {
      if (!library.has(family_, framework)) continue;
      const auto rules = library.rule_set(family_, framework, sink);
      if (!rules || rules->demo.empty()) continue;
      for (const auto& [name, value] : rules->demo)
        sizes[name] = value;
      frameworks_[rules->dialect.weights.empty() ? 1 : 0] = framework;
    }
    if (failed(sink)) return false;
    if (!frameworks_[0].empty() && !frameworks_[1].empty()) return true;
    report_.fail(make_diagnostic(Code::rule_not_found, cat("the rules have no family '", family_,
                                                           "' with sizes for a demonstration"))
                     .suggest("add `demo:` to its model.yaml, or name another with --family"));
    return false;
  }

  std::optional<checkpoint::Conversion> plan(const rules::ValueMap& sizes) {
    DiagnosticSink sink;
    auto planned = checkpoint::plan_synthetic(session_.library(), family_, frameworks_[0], sizes,
                                              tensor::DType::BF16, sink);
    if (failed(sink)) return std::nullopt;
    return planned;
  }

  bool make(const std::string& folder) {
    rules::ValueMap sizes;
    if (!choose(sizes)) return false;
    auto planned = plan(sizes);
    if (planned && options_.size_nbytes) {
      // Layers are what a larger model has more of.
      const auto& layers = sizes["layers"];
      const auto* count = layers.get_if<std::int64_t>();
      rules::ValueMap more = sizes;
      more["layers"] = tensor::Value(*count + 1);
      const auto larger = plan(more);
      if (!larger) return false;
      const std::uint64_t have = planned->payload_nbytes(),
                          per_layer = larger->payload_nbytes() - have;
      const std::int64_t missing =
          *options_.size_nbytes > have
              ? static_cast<std::int64_t>((*options_.size_nbytes - have) / per_layer)
              : -static_cast<std::int64_t>((have - *options_.size_nbytes) / per_layer);
      sizes["layers"] = tensor::Value(std::max<std::int64_t>(2, (*count + missing) / 2 * 2));
      planned = plan(sizes);
    }
    if (!planned) return false;
    streams_.out << "making a " << family_ << " checkpoint with random weights as "
                 << frameworks_[0] << "\n";
    const auto start = std::chrono::steady_clock::now();
    const auto written = checkpoint::write_synthetic(streams_.files, *planned, folder, kSeed);
    if (!written) {
      report_.fail(written.error());
      return false;
    }
    figures(written->nbytes, since(start));
    return true;
  }

  bool convert(const std::string& from, const std::string& into, const SourceOptions& source,
               const TargetOptions& target, bool show_plan) {
    const auto start = std::chrono::steady_clock::now();
    const auto opened = session_.open(from, source, false);
    if (opened == nullptr) return false;
    const auto conversion = session_.plan(*opened, target, source);
    if (!conversion) return false;
    streams_.out << "\n";
    if (show_plan) {
      streams_.out << "planning it for " << target.to << " with tp " << *target.tp << " and pp "
                   << *target.pp << " took " << static_cast<long>(since(start) * 1000)
                   << " ms: " << conversion->solution.plan.target_files.size() << " files, "
                   << conversion->solution.plan.copies.size()
                   << " copies, every element proven to be written once\n";
    }
    streams_.out << "converting " << opened->opened.framework.dialect.framework << " to "
                 << target.to << "\n";
    checkpoint::WriteOptions write;
    write.run = exec_options(options_.machine, false);
    const auto written = checkpoint::write_checkpoint(streams_.files, opened->opened, *conversion,
                                                      into, write, [](const exec::Progress&) {});
    if (!written) {
      report_.fail(written.error());
      return false;
    }
    figures(written->nbytes, since(start));
    return true;
  }

  bool same(const std::string& left, const std::string& right) {
    const auto start = std::chrono::steady_clock::now();
    const SourceOptions source;
    const auto a = session_.open(left, source, false), b = session_.open(right, source, false);
    if (a == nullptr || b == nullptr) return false;
    DiagnosticSink sink;
    const auto result = checkpoint::compare_models(
        streams_.files, {a->opened, a->bound}, {b->opened, b->bound}, {}, true,
        exec_options(options_.machine, false), [](const exec::Progress&) {}, sink);
    if (failed(sink) || !result) return false;
    std::uint64_t elements = 0;
    for (const verify::TensorVerdict& verdict : result->tensors.verdicts)
      elements += verdict.elements;
    streams_.out << "\nverifying " << a->opened.framework.dialect.framework << " against "
                 << b->opened.framework.dialect.framework << ": " << elements
                 << " elements compared bit for bit, "
                 << (result->equal() ? "all equal" : "DIFFERENT") << "\n";
    figures(result->tensors.bytes_read, since(start));
    return result->equal();
  }

  const DemoOptions& options_;
  Streams streams_;
  Reporter& report_;
  Session session_;
  Workplace place_;
  std::string family_;
  std::string frameworks_[2];
};

}  // namespace

Exit run_demo(Args args, Streams streams) {
  Reporter report(streams.err, diagnostic_form(args));
  DemoOptions options;
  const OptionParser parser = demo_parser(options);
  const auto parsed = parser.parse(args);
  if (!parsed) return report.fail(parsed.error());
  if (*parsed == Parsed::HelpWanted) {
    streams.out << parser.help();
    return Exit::Done;
  }
  return Demo(options, streams, report).run();
}

}  // namespace recast::cli
