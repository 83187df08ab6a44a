#include "tests/mutation/trial.hpp"

#include <stdexcept>

#include "engine/checkpoint/write.hpp"
#include "engine/rules/loader.hpp"
#include "tests/conversion/model_config.hpp"
#include "tests/conversion/reference_checkpoint.hpp"

namespace recast::mutation {
namespace {

void put_rules(support::MemoryFileSystem& disk, const RuleFiles& rules) {
  for (const auto& [path, text] : rules)
    disk.put(io::join("rules", path), text);
}

std::string first_error(const DiagnosticSink& sink) {
  for (const Diagnostic& diagnostic : sink.all())
    if (code_severity(diagnostic.code) == Severity::Error)
      return cat(code_name(diagnostic.code), ": ", diagnostic.message);
  return "refused without a word";
}

std::optional<rules::Library> open_rules(const support::MemoryFileSystem& disk,
                                         DiagnosticSink& sink) {
  auto library = rules::Library::open(disk, {"rules"}, sink);
  if (!library) sink.add(library.error());
  if (sink.has_errors()) return std::nullopt;
  return std::move(library).value();
}

}  // namespace

Trials::Trials(std::string family, std::vector<Trial> trials)
    : family_(std::move(family)), trials_(std::move(trials)) {}

Trials::Outcome Trials::run(std::size_t index, const RuleFiles& rules) const {
  const Trial& trial = trials_[index];
  support::MemoryFileSystem disk;
  put_rules(disk, rules);
  DiagnosticSink sink;
  const auto library = open_rules(disk, sink);
  if (!library) return {true, first_error(sink)};
  if (trial.to_megatron)
    conversion::put_huggingface(disk, "in", trial.sizes, conversion::config_json(trial.sizes));
  else
    conversion::put_megatron(disk, "in", trial.sizes, trial.grid,
                             conversion::megatron_args(trial.sizes, trial.grid));
  const checkpoint::TargetOptions options =
      trial.to_megatron ? conversion::to_megatron(trial.grid) : conversion::to_huggingface();
  const auto opened = checkpoint::open_checkpoint(disk, *library, "in", {"", options.set}, sink);
  if (!opened) return {true, first_error(sink)};
  const auto bound = checkpoint::bind(*opened, *library, {family_, options.set, nullptr}, sink);
  if (!bound || sink.has_errors()) return {true, first_error(sink)};
  const auto planned = checkpoint::plan_conversion(disk, *library, *opened, *bound, options, sink);
  if (!planned || sink.has_errors()) return {true, first_error(sink)};
  checkpoint::WriteOptions write;
  write.run.threads = 1;
  const auto written = checkpoint::write_checkpoint(disk, *opened, *planned, "out", write, {});
  if (!written) return {true, written.error().message};
  return {false, trial.to_megatron
                     ? conversion::difference_to_megatron(disk, "out", trial.sizes, trial.grid)
                     : conversion::difference_to_huggingface(disk, "out", trial.sizes)};
}

Trials::Outcome Trials::run(const RuleFiles& rules) const {
  for (std::size_t i = 0; i < trials_.size(); ++i)
    if (Outcome outcome = run(i, rules); outcome.refused || !outcome.text.empty()) return outcome;
  return {};
}

std::string Trials::difference(const RuleFiles& rules) const {
  return run(rules).text;
}

Verdict Trials::judge(const RuleFiles& rules) const {
  // A file that is made but cannot be read is as dead as one with other bytes.
  try {
    const Outcome outcome = run(rules);
    return outcome.refused        ? Verdict::Refused
           : outcome.text.empty() ? Verdict::Survived
                                  : Verdict::Killed;
  } catch (const std::runtime_error&) {
    return Verdict::Killed;
  }
}

Vocabulary vocabulary_of(const RuleFiles& rules, const std::string& family,
                         const std::string& framework) {
  support::MemoryFileSystem disk;
  put_rules(disk, rules);
  DiagnosticSink sink;
  const auto library = open_rules(disk, sink);
  const auto set = library ? library->rule_set(family, framework, sink) : std::nullopt;
  if (!set) throw std::runtime_error(first_error(sink));
  Vocabulary words;
  for (const rules::AxisRule& axis : set->axes)
    words.axes.push_back(axis.name);
  for (const rules::LogicalRule& tensor : set->tensors)
    words.tensors.push_back(tensor.name);
  for (const rules::TensorRule& line : set->dialect.tensors)
    words.lines.insert(line.name_text);
  return words;
}

}  // namespace recast::mutation
