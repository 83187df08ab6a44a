#include "engine/checkpoint/bind.hpp"

#include <set>
#include <unordered_set>

#include "engine/checkpoint/family.hpp"
#include "engine/checkpoint/match.hpp"
#include "engine/checkpoint/names.hpp"
#include "engine/checkpoint/same_run.hpp"
#include "engine/checkpoint/stored_padding.hpp"
#include "engine/checkpoint/stored_stages.hpp"
#include "engine/checkpoint/told_words.hpp"
#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

using tensor::Value;

class Binder {
 public:
  Binder(const Opened& opened, const BindOptions& options, rules::RuleSet rules,
         DiagnosticSink& sink)
      : opened_(opened), options_(options), names_(opened), sink_(sink) {
    bound_.rules = std::move(rules);
    bound_.grid = opened.grid;
  }

  std::optional<Bound> run() {
    for (const OpenedFile& file : opened_.files)
      bound_.file_paths.push_back(io::join(opened_.folder, file.path));
    const Value* config = opened_.config ? &*opened_.config : nullptr;
    if (config != nullptr) rules::check_config(bound_.rules, *config, opened_.config_place, sink_);
    check_same_run(opened_, bound_.rules, sink_);
    if (sink_.has_errors()) return std::nullopt;
    rules::ValueMap set = options_.set;
    leave_options_to(config, set);
    for (const auto& [name, value] : opened_.told)
      if (bound_.rules.size(name) != nullptr && set.emplace(name, value).second) told_.insert(name);
    // What files say of themselves holds whatever is asked for: `--set` then means the target.
    for (const auto& [name, value] : opened_.stated)
      if (bound_.rules.size(name) != nullptr) {
        set.insert_or_assign(name, value);
        told_.insert(name);
      }
    for (const auto& [name, value] : told_words(opened_, names_, bound_.rules)) {
      set.insert_or_assign(name, value);
      told_.insert(name);
      note_told(name, value);
    }
    if (!settle(set, sink_) || !settle_options(set)) return std::nullopt;
    match_tensors(opened_, names_, ignore(), bound_, sink_);
    if (sink_.has_errors()) return std::nullopt;
    return std::move(bound_);
  }

 private:
  /// How the framework keeps this checkpoint is what the checkpoint says, if it says it: `--set`
  /// then means the target.
  void leave_options_to(const Value* config, rules::ValueMap& set) {
    DiagnosticSink quiet;
    const rules::Sizes own = rules::settle_sizes(bound_.rules, {}, config, options_.carried, quiet);
    for (const rules::SizeRule& rule : bound_.rules.sizes)
      if (rule.option && own.origins.at(rule.name) == rules::Origin::Config) set.erase(rule.name);
  }

  /// Sizes, stages, extents and placement under one choice of house options, in place of what an
  /// earlier choice left. With `most_files`, only so many files are placed.
  bool settle(const rules::ValueMap& set, DiagnosticSink& sink, std::size_t most_files = SIZE_MAX) {
    bound_.notes = told_notes_;
    const Value* config = opened_.config ? &*opened_.config : nullptr;
    bound_.sizes = rules::settle_sizes(bound_.rules, set, config, options_.carried, sink,
                                       opened_.config_place);
    for (const std::string& name : told_)
      bound_.sizes.origins[name] = rules::Origin::Told;
    if (sink.has_errors()) return false;
    if (!find_stages(sink)) return false;
    std::vector<std::string> unknown;
    std::vector<std::int64_t> extents =
        rules::axis_extents(bound_.rules, bound_.sizes, unknown, sink);
    if (!take_padding(opened_, names_, bound_, extents, unknown, sink)) return false;
    if (!unknown.empty())
      sink.add(
          rules::unknown_sizes(bound_.rules, unknown,
                               "the configuration does not tell every size that the tensors need")
              .in(opened_.config_place));
    if (sink.has_errors()) return false;
    const rules::ValueMap values =
        rules::grid_values(bound_.rules, bound_.sizes, bound_.grid, bound_.stages, extents);
    bound_.live = rules::live_tensors(bound_.rules, rules::environment_of(values), sink);
    bound_.placement = rules::place(bound_.rules, bound_.sizes, bound_.grid, bound_.stages, extents,
                                    sink, most_files);
    return !sink.has_errors();
  }

  /// House options that the names contradict take the value under which the names fit.
  bool settle_options(const rules::ValueMap& set) {
    if (opened_.files.empty()) return true;
    std::size_t best = misfits();
    if (best == 0) return true;
    std::vector<const rules::SizeRule*> free;
    for (const rules::SizeRule& rule : bound_.rules.sizes)
      if (rule.option) free.push_back(&rule);
    rules::ValueMap best_set = set, trial = set;
    try_options(free, 0, trial, best, best_set);
    if (best_set != set)
      for (const rules::SizeRule* rule : free) {
        told_.insert(rule->name);
        note_told(rule->name, best_set[rule->name]);
      }
    return settle(best_set, sink_);
  }

  void note_told(const std::string& name, const Value& value) {
    const rules::SizeRule* rule = bound_.rules.size(name);
    if (rule != nullptr && rule->fallback && lang::names_in(*rule->fallback).empty())
      if (const auto usual = lang::evaluate(*rule->fallback, lang::Environment{});
          usual && *usual == value)
        return;
    told_notes_.push_back(cat(name, " = ", tensor::print(value), ": told by the tensors' names"));
  }

  /// Leaves `bound_` under the last choice that was tried.
  void try_options(const std::vector<const rules::SizeRule*>& free, std::size_t index,
                   rules::ValueMap& trial, std::size_t& best, rules::ValueMap& best_set) {
    if (best == 0) return;
    if (index == free.size()) {
      DiagnosticSink quiet;
      if (!settle(trial, quiet, 1)) return;
      if (const std::size_t count = misfits(); count < best) {
        best = count;
        best_set = trial;
      }
      return;
    }
    for (const Value& value : free[index]->values) {
      trial[free[index]->name] = value;
      try_options(free, index + 1, trial, best, best_set);
    }
    trial.erase(free[index]->name);
  }

  /// Names that are expected and not there, or there with another shape, or there and not expected,
  /// in the first placed file.
  std::size_t misfits() {
    const rules::PlacedFile& file = bound_.placement.files.front();
    const auto names = names_.of(file.path);
    if (names == nullptr) return 0;
    std::size_t missing = 0;
    for (std::uint32_t i = 0; i < file.tensor_count; ++i) {
      const rules::PlacedTensor& placed = bound_.placement.tensors[file.first_tensor + i];
      const auto stored = names->find(placed.name);
      if (stored == names->end())
        missing += placed.required && !placed.rule->created ? 1 : 0;
      else if (!placed.rule->created && !placed.rule->any_unit_dims &&
               names_.tensor(stored->second).shape != placed.shape)
        ++missing;
    }
    std::size_t unknown = 0;
    std::unordered_set<std::string_view> expected;
    for (std::uint32_t i = 0; i < file.tensor_count; ++i)
      expected.insert(bound_.placement.tensors[file.first_tensor + i].name);
    for (const auto& [name, where] : *names)
      if (!expected.contains(name) && ignore().match(std::string(name)) == nullptr) ++unknown;
    return missing + unknown;
  }

  const IgnoreSet& ignore() {
    if (!ignore_) ignore_.emplace(bound_.rules, bound_.grid, sink_);
    return *ignore_;
  }

  /// Where there are tensors their names tell how many layers each chunk has, and the configuration
  /// must agree in the sum.
  bool find_stages(DiagnosticSink& sink) {
    const rules::Dialect& dialect = bound_.rules.dialect;
    bound_.stages.counts.clear();
    if (!dialect.stages) return true;
    std::vector<std::string> unknown;
    const auto extents = rules::axis_extents(bound_.rules, bound_.sizes, unknown, sink);
    const std::int64_t told = extents[dialect.stages->axis];
    if (opened_.files.empty()) {
      bound_.stages = rules::even_stages(bound_.rules, bound_.grid, told, sink);
      return !sink.has_errors();
    }
    if (!stored_stages_) stored_stages_ = stored_stages(names_, bound_.rules, bound_.grid, sink);
    bound_.stages.counts = *stored_stages_;
    std::int64_t sum = 0;
    for (const std::int64_t count : bound_.stages.counts)
      sum += count;
    if (sum == told || told == 0) return true;
    for (const rules::ChunkFile& rank : rules::list_chunks(dialect, bound_.grid, sink))
      if (names_.of(rank.path) == nullptr) report_missing_file(opened_, bound_, rank.path, sink);
    if (sink.has_errors()) return false;
    sink.add(
        make_diagnostic(Code::plan_layers_differ, cat("layers by the names of the tensors: ", sum,
                                                      ", by the configuration: ", told))
            .in(opened_.config_place)
            .suggest("a stage may be missing, or the configuration belongs to another checkpoint"));
    return false;
  }

  const Opened& opened_;
  const BindOptions& options_;
  NameTable names_;
  DiagnosticSink& sink_;
  Bound bound_;
  std::set<std::string> told_;  // sizes that the files tell, not the configuration
  std::vector<std::string> told_notes_;
  // The same under every choice of house options.
  std::optional<std::vector<std::int64_t>> stored_stages_;
  std::optional<IgnoreSet> ignore_;
};

}  // namespace

std::optional<Bound> bind(const Opened& opened, const rules::Library& library,
                          const BindOptions& options, DiagnosticSink& sink) {
  const std::string& framework = opened.framework.dialect.framework;
  std::string family = options.family;
  if (family.empty()) {
    const auto found = detect_family(library, framework, opened.config ? &*opened.config : nullptr,
                                     opened.config_place, sink);
    if (!found) return std::nullopt;
    family = *found;
  }
  auto rules = library.rule_set(family, framework, sink);
  if (!rules) return std::nullopt;
  rules->dialect.file = opened.framework.dialect.file;
  return Binder(opened, options, std::move(*rules), sink).run();
}

plan::Source source_of(const Bound& bound) {
  return {{bound.rules, bound.placement, bound.live},
          bound.dtypes,
          bound.present,
          bound.file_paths,
          bound.stored_file,
          bound.stored_index};
}

}  // namespace recast::checkpoint
