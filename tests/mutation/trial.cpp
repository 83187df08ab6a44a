#include "tests/mutation/trial.hpp"

#include <algorithm>
#include <stdexcept>

#include "engine/checkpoint/write.hpp"
#include "tests/support/required.hpp"

namespace recast::mutation {
namespace {

using support::first_error;
using support::MemoryFileSystem;

/// "" if it was done, else the first error.
std::string convert(MemoryFileSystem& disk, const rules::Library& rules, const std::string& family,
                    const Form& form, const std::string& from, const std::string& to,
                    const checkpoint::TargetOptions& options) {
  DiagnosticSink sink;
  const std::string framework = form.megatron ? "megatron" : "huggingface";
  const auto opened =
      checkpoint::open_checkpoint(disk, rules, from, {framework, options.set}, sink);
  if (!opened) return first_error(sink);
  const auto bound = checkpoint::bind(*opened, rules, {family, options.set, nullptr}, sink);
  if (!bound || sink.has_errors()) return first_error(sink);
  const auto planned = checkpoint::plan_conversion(disk, rules, *opened, *bound, options, sink);
  if (!planned || sink.has_errors()) return first_error(sink);
  checkpoint::WriteOptions write;
  write.run.threads = 1;
  const auto written = checkpoint::write_checkpoint(disk, *opened, *planned, to, write, {});
  return written ? "" : cat(code_name(written.error().code), ": ", written.error().message);
}

checkpoint::TargetOptions options_of(const Form& form, const rules::ValueMap& set) {
  checkpoint::TargetOptions out = mutation::options_of(form);
  for (const auto& [name, value] : set)
    out.set[name] = value;
  return out;
}

}  // namespace

Trials::Trials(std::string family, const rules::Library& right, std::vector<Trial> trials)
    : family_(std::move(family)) {
  for (Trial& trial : trials)
    prepared_.push_back(prepare(right, std::move(trial)));
}

Trials::Prepared Trials::prepare(const rules::Library& right, Trial trial) const {
  Prepared out;
  out.disk = std::make_unique<MemoryFileSystem>();
  out.expected = files_of(trial.sizes, trial.to);
  // Arguments in the words of every age and family come of the rules; the tensors are the
  // reference's.
  const bool only_megatron =
      trial.sizes.shared_ffn > 0 || trial.sizes.router_bias || trial.from.grid.scalars_0d;
  if (!trial.from.megatron || only_megatron) {
    put_form(*out.disk, "in", trial.sizes, trial.from);
  } else {
    put_form(*out.disk, "first", trial.sizes, Form{});
    std::string said = convert(*out.disk, right, family_, Form{}, "first", "in",
                               options_of(trial.from, trial.set));
    if (said.empty()) said = difference(*out.disk, "in", files_of(trial.sizes, trial.from));
    if (!said.empty())
      throw std::runtime_error(cat(family_, ", source of trial ", prepared_.size(), ": ", said));
  }
  out.trial = std::move(trial);
  return out;
}

Trials::Outcome Trials::run(const Prepared& one, const rules::Library& rules) const {
  if (one.disk->stat("out") && !one.disk->remove_all("out"))
    throw std::runtime_error("the old output stays");
  const std::string said = convert(*one.disk, rules, family_, one.trial.from, "in", "out",
                                   options_of(one.trial.to, one.trial.set));
  if (!said.empty()) return {true, said};
  // A file that is made but cannot be read is as wrong as one with other bytes.
  try {
    return {false, difference(*one.disk, "out", one.expected)};
  } catch (const std::runtime_error& error) {
    return {false, error.what()};
  }
}

Trials::Outcome Trials::run(const rules::Library& rules) {
  for (std::size_t i = 0; i < prepared_.size(); ++i) {
    const std::size_t at = i == 0 ? last_ : i <= last_ ? i - 1 : i;
    Outcome outcome = run(prepared_[at], rules);
    if (outcome.text.empty()) continue;
    last_ = at;
    return outcome;
  }
  return {};
}

std::string without_refusals(const std::string& page) {
  std::string out;
  bool kept = true;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t end = std::min(page.find('\n', at), page.size() - 1) + 1;
    const std::string line = page.substr(at, end - at);
    if (line.front() >= 'a' && line.front() <= 'z') {
      kept = true;
      for (const char* section : {"refuse:", "refuse_writing:", "refuse_files:", "defaults:"})
        if (line.rfind(section, 0) == 0) kept = false;
    }
    if (kept && line.front() != '#') out += line;
    at = end;
  }
  return out;
}

RuleDisk::RuleDisk(RuleFiles files) : files_(std::move(files)) {
  for (const auto& [path, text] : files_)
    disk_.put(io::join("rules", path), text);
}

std::optional<rules::Library> RuleDisk::library(std::string& said) const {
  DiagnosticSink sink;
  auto library = rules::Library::open(disk_, {"rules"}, sink);
  if (!library) sink.add(library.error());
  if (!sink.has_errors()) return std::move(library).value();
  said = first_error(sink);
  return std::nullopt;
}

std::optional<rules::Library> RuleDisk::with(const RuleMutant& mutant, std::string& said) {
  const std::string path = io::join("rules", mutant.file);
  disk_.put(path, mutant.text);
  auto out = library(said);
  disk_.put(path, files_.at(mutant.file));
  return out;
}

RuleFiles files_for(const std::string& family, const RuleFiles& all, const Vocabulary& words) {
  RuleFiles out;
  for (const auto& [path, text] : all) {
    const std::string folder = io::parent(path);
    if (folder == "dialects" || folder == "llama" || folder == family) out[path] = text;
  }
  std::string model = "family: words\nabout: the words of all families\nsizes: {}\naxes:\n";
  for (const std::string& axis : words.axes)
    model += "  " + axis + ": 1\n";
  model += "tensors:\n";
  for (const std::string& tensor : words.tensors)
    model += "  " + tensor + ": layer\n";
  out["words/model.yaml"] = model;
  return out;
}

Vocabulary vocabulary_of(const rules::Library& rules, const std::vector<std::string>& families,
                         const std::string& framework) {
  Vocabulary words;
  words.families = families;
  const auto add = [](std::vector<std::string>& to, const std::string& word) {
    if (std::find(to.begin(), to.end(), word) == to.end()) to.push_back(word);
  };
  for (const std::string& family : families) {
    DiagnosticSink sink;
    const auto set = rules.rule_set(family, framework, sink);
    if (!set) throw std::runtime_error(first_error(sink));
    for (const rules::AxisRule& axis : set->axes)
      add(words.axes, axis.name);
    for (const rules::LogicalRule& tensor : set->tensors)
      add(words.tensors, tensor.name);
    for (const rules::TensorRule& line : set->dialect.tensors)
      words.lines[family].insert(line.name_text);
  }
  return words;
}

}  // namespace recast::mutation
