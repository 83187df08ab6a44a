// Rules are right if every small mistake in what they say of configurations is seen: each mutant
// (config_mutants.hpp) must be refused or give another configuration in at least one of the cases
// of configs/*.yaml.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "tests/conversion/refusal_cases.hpp"
#include "tests/conversion/refusal_checks.hpp"
#include "tests/mutation/config_mutants.hpp"
#include "tests/mutation/config_trials.hpp"
#include "tests/mutation/detection_trials.hpp"
#include "tests/mutation/family_trials.hpp"
#include "tests/mutation/name_trials.hpp"
#include "tests/mutation/tally.hpp"

namespace recast::mutation {
namespace {

class ConfigBench {
 public:
  ConfigBench() : disk_(rule_files()) {
    const Vocabulary words = vocabulary_of(right(), families(), "megatron");
    for (const std::string& family : families())
      disks_.emplace(family, files_for(family, rule_files(), words));
    for (const std::string& family : families())
      trials_.emplace(family, ConfigTrials(family, RECAST_CONFIGS));
  }

  /// Refused where the first of its families' rules do not load.
  Verdict judge(const RuleMutant& mutant) {
    for (const std::string& family : mutant.families) {
      RuleDisk& disk = disks_.at(family);
      if (!disk.has(mutant.file)) continue;
      std::string said;
      const auto changed = disk.with(mutant, said);
      if (!changed) return Verdict::Refused;
      if (!trials_.at(family).run(*changed).empty()) return Verdict::Killed;
    }
    return Verdict::Survived;
  }

  /// Refused where no rules load at all.
  template <typename IsWrong>
  Verdict judge_by(const RuleMutant& mutant, IsWrong is_wrong) {
    std::string said;
    const auto changed = disk_.with(mutant, said);
    if (!changed) return Verdict::Refused;
    return is_wrong(*changed) ? Verdict::Killed : Verdict::Survived;
  }

  bool fails(const std::string& family, const rules::Library& rules) {
    return !trials_.at(family).run(rules).empty();
  }

  bool takes_for_another(const rules::Library& rules) const {
    return !wrong_detection(detections_, rules).empty();
  }

  rules::Library right() const {
    std::string said;
    auto rules = disk_.library(said);
    REQUIRE_MESSAGE(rules.has_value(), said);
    return std::move(*rules);
  }

  /// The rules as they are pass every case, or a mutant's failing says nothing.
  void require_right() {
    const rules::Library rules = right();
    for (const std::string& family : families())
      REQUIRE(trials_.at(family).run_all(rules) == "");
    REQUIRE(wrong_detection(detections_, rules) == "");
  }

 private:
  RuleDisk disk_;                          // all rules
  std::map<std::string, RuleDisk> disks_;  // what a family takes
  std::map<std::string, ConfigTrials> trials_;
  const std::vector<Detection> detections_ = detections();
};

using MutantsOf = std::vector<RuleMutant> (*)(const std::string&, const std::string&,
                                              const std::vector<std::string>&);

std::vector<RuleMutant> mutants_in(const std::string& folder, MutantsOf mutants_of) {
  std::vector<RuleMutant> out;
  for (const auto& [path, text] : rule_files())
    if (path.starts_with(folder + "/"))
      for (RuleMutant& mutant : mutants_of(path, text, families()))
        out.push_back(std::move(mutant));
  return out;
}

void check_folder(const std::string& folder, std::size_t at_least) {
  ConfigBench bench;
  bench.require_right();
  Tally tally;
  for (const RuleMutant& mutant : mutants_in(folder, mutants_of_config))
    tally.add(mutant.name, bench.judge(mutant));
  tally.check("config/" + folder, equivalents(RECAST_CONFIG_EQUIVALENTS), at_least);
}

TEST_CASE("mutation/config: every case gives what its framework says of the model") {
  ConfigBench bench;
  bench.require_right();
}

TEST_CASE("mutation/config/megatron: every mutant is refused or gives another configuration") {
  check_folder("dialects", 640);
}
TEST_CASE("mutation/config/llama: every mutant is refused or gives another configuration") {
  check_folder("llama", 190);
}
TEST_CASE("mutation/config/mixtral: every mutant is refused or gives another configuration") {
  check_folder("mixtral", 80);
}
TEST_CASE("mutation/config/gpt2: every mutant is refused or gives another configuration") {
  check_folder("gpt2", 190);
}
TEST_CASE("mutation/config/apertus: every mutant is refused or gives another configuration") {
  check_folder("apertus", 165);
}
TEST_CASE("mutation/config/qwen2: every mutant is refused or gives another configuration") {
  check_folder("qwen2", 12);
}
TEST_CASE("mutation/config/qwen3: every mutant is refused or gives another configuration") {
  check_folder("qwen3", 12);
}

TEST_CASE(
    "mutation/config/equivalents: every mutant that is listed is one of those that are made") {
  std::set<std::string> names;
  for (const MutantsOf mutants_of :
       {mutants_of_config, mutants_of_detection, mutants_of_refusals, mutants_of_names})
    for (const auto& [path, text] : rule_files())
      for (const RuleMutant& mutant : mutants_of(path, text, families()))
        CHECK_MESSAGE(names.insert(mutant.name).second, mutant.name);
  check_known(equivalents(RECAST_CONFIG_EQUIVALENTS), names);
}

TEST_CASE("mutation/config/detection: every mutant takes some model for another") {
  ConfigBench bench;
  bench.require_right();
  Tally tally;
  for (const std::string& family : families())
    for (const RuleMutant& mutant : mutants_in(family, mutants_of_detection))
      tally.add(mutant.name, bench.judge_by(mutant, [&](const rules::Library& rules) {
        return bench.takes_for_another(rules);
      }));
  tally.check("config/detection", equivalents(RECAST_CONFIG_EQUIVALENTS), 170);
}

/// Whether the cases of tests/conversion/refusal_cases.hpp see something wrong in a family's rules
/// for a framework.
bool is_wrong(const rules::Library& library, const std::string& family,
              const std::string& framework) {
  DiagnosticSink sink;
  const auto rules = library.rule_set(family, framework, sink);
  if (!rules) return true;
  const auto is_here = [&](const auto& one) {
    return one.family == family && one.framework == framework;
  };
  using namespace conversion;
  for (const ReadingCase& one : reading_cases())
    if (is_here(one) && !is_named(one, said(*rules, fields_of(one)))) return true;
  for (const ReadingCase& one : harmless_cases())
    if (is_here(one) && !said(*rules, fields_of(one)).empty()) return true;
  try {
    for (const WritingCase& one : writing_cases()) {
      if (!is_here(one)) continue;
      const std::vector<std::string> messages = not_written(*rules, one);
      if (messages.size() != 1 || !is_named(one, messages)) return true;
    }
    for (const char* mesh : {"tp=1", "tp=2"})
      if (!not_written(*rules, {family, framework, "", {}, {mesh}}).empty()) return true;
  } catch (const std::runtime_error&) {
    return true;
  }
  return false;
}

TEST_CASE("mutation/config/refusals: every mutant refuses too much or too little") {
  ConfigBench bench;
  bench.require_right();
  Tally tally;
  for (const auto& [path, text] : rule_files())
    for (const RuleMutant& mutant : mutants_of_refusals(path, text, families()))
      tally.add(mutant.name, bench.judge_by(mutant, [&](const rules::Library& rules) {
        return std::any_of(mutant.families.begin(), mutant.families.end(), [&](const auto& family) {
          return is_wrong(rules, family, "huggingface") || is_wrong(rules, family, "megatron") ||
                 bench.fails(family, rules);
        });
      }));
  tally.check("config/refusals", equivalents(RECAST_CONFIG_EQUIVALENTS), 600);
}

TEST_CASE("mutation/config/names: every mutant takes or writes another file, or tensor") {
  const auto wrong = [](const rules::Library& rules, const std::vector<std::string>& of) {
    std::string out;
    for (const std::string& family : of)
      for (const char* framework : {"huggingface", "megatron"})
        if (out.empty()) out = wrong_name(rules, family, framework);
    return out;
  };
  ConfigBench bench;
  REQUIRE(wrong(bench.right(), families()) == "");
  Tally tally;
  for (const auto& [path, text] : rule_files())
    for (const RuleMutant& mutant : mutants_of_names(path, text, families()))
      tally.add(mutant.name, bench.judge_by(mutant, [&](const rules::Library& rules) {
        return !wrong(rules, mutant.families).empty();
      }));
  tally.check("config/names", equivalents(RECAST_CONFIG_EQUIVALENTS), 150);
}

}  // namespace
}  // namespace recast::mutation
