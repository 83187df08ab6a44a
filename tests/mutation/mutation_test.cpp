// Rules are right if every small mistake in them is seen. Each mutant of the rules
// (rule_mutants.hpp) that still loads must be refused or give other bytes in at least one
// conversion of coordinate tensors; the few that cannot, because they say the same in other words,
// are listed in equivalents.txt with the reason.
//
// A mutant is tried with the family whose line it is first, and if that does not see it with all
// others: pages are shared, by `extends` and because a framework's page serves every family.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/mutation/family_trials.hpp"
#include "tests/mutation/layout_mutants.hpp"
#include "tests/mutation/tally.hpp"

namespace recast::mutation {
namespace {

/// The trials of all families; those of a family are made when a mutant first gets there.
class Bench {
 public:
  Bench() : disk_(rule_files()) {
    std::string said;
    auto library = disk_.library(said);
    REQUIRE_MESSAGE(library.has_value(), said);
    right_ = std::make_unique<rules::Library>(std::move(*library));
    words_ = vocabulary_of(*right_, families(), "megatron");
  }

  const rules::Library& right() const { return *right_; }

  Trials& trials(const std::string& family) {
    auto& found = trials_[family];
    if (found == nullptr) found = std::make_unique<Trials>(family, *right_, trials_of(family));
    return *found;
  }

  RuleDisk& disk_for(const std::string& family) {
    auto& found = disks_[family];
    if (found == nullptr) {
      RuleFiles files = files_for(family, rule_files(), words_);
      for (auto& [path, text] : files)
        text = without_refusals(text);
      found = std::make_unique<RuleDisk>(std::move(files));
    }
    return *found;
  }

  Verdict judge(const RuleMutant& mutant) {
    const std::string& first = mutant.families.front();
    RuleMutant shorter = mutant;
    shorter.text = without_refusals(mutant.text);
    const Verdict verdict = judge(shorter, disk_for(first), {first});
    if (verdict != Verdict::Survived) return verdict;
    return judge(mutant, disk_, {mutant.families.begin() + 1, mutant.families.end()});
  }

 private:
  Verdict judge(const RuleMutant& mutant, RuleDisk& disk, const std::vector<std::string>& order) {
    std::string said;
    const auto changed = disk.with(mutant, said);
    if (!changed) return Verdict::Refused;
    for (const std::string& family : order) {
      const Trials::Outcome outcome = trials(family).run(*changed);
      if (outcome.refused) return Verdict::Refused;
      if (!outcome.text.empty()) return Verdict::Killed;
    }
    return Verdict::Survived;
  }

  RuleDisk disk_;
  std::unique_ptr<rules::Library> right_;
  Vocabulary words_;
  std::map<std::string, std::unique_ptr<RuleDisk>> disks_;
  std::map<std::string, std::unique_ptr<Trials>> trials_;
};

/// All mutants that are this family's to judge: of its own pages, and of the lines of a framework's
/// page that no family before it uses.
std::vector<RuleMutant> mutants_for(const std::string& family, const rules::Library& rules) {
  std::vector<RuleMutant> out;
  const RuleFiles& files = rule_files();
  const auto add = [&](std::vector<RuleMutant> mutants) {
    for (RuleMutant& mutant : mutants)
      if (mutant.families.front() == family) out.push_back(std::move(mutant));
  };
  for (const char* framework : {"huggingface", "megatron"}) {
    const Vocabulary words = vocabulary_of(rules, families(), framework);
    for (const std::string& folder : {std::string("dialects"), family}) {
      const std::string path = folder + "/" + framework + ".yaml";
      add(mutants_of_rules(path, files.at(path), words));
    }
    const std::string model = family + "/model.yaml";
    if (std::string(framework) == "megatron")
      add(mutants_of_model(model, files.at(model), families()));
  }
  return out;
}

void check_family(const std::string& family, std::size_t at_least) {
  Bench bench;
  std::string said;
  const auto alone = bench.disk_for(family).library(said);
  REQUIRE_MESSAGE(alone.has_value(), said);
  const Trials::Outcome right = bench.trials(family).run(*alone);
  REQUIRE_MESSAGE(right.text.empty(), right.text);
  Tally tally;
  for (const RuleMutant& mutant : mutants_for(family, bench.right()))
    tally.add(mutant.name, bench.judge(mutant));
  tally.check(family, equivalents(RECAST_EQUIVALENTS), at_least);
}

TEST_CASE("mutation/llama: every mutant of the rules is refused or gives other bytes") {
  check_family("llama", 440);
}
TEST_CASE("mutation/mixtral: every mutant of the rules is refused or gives other bytes") {
  check_family("mixtral", 200);
}
TEST_CASE("mutation/gpt2: every mutant of the rules is refused or gives other bytes") {
  check_family("gpt2", 180);
}
TEST_CASE("mutation/apertus: every mutant of the rules is refused or gives other bytes") {
  check_family("apertus", 18);
}
TEST_CASE("mutation/qwen2: every mutant of the rules is refused or gives other bytes") {
  check_family("qwen2", 7);
}
TEST_CASE("mutation/qwen3: every mutant of the rules is refused or gives other bytes") {
  check_family("qwen3", 1);
}

TEST_CASE("mutation/equivalents: every mutant that is listed is one of those that are made") {
  const Bench bench;
  std::set<std::string> names;
  for (const std::string& family : families())
    for (const RuleMutant& mutant : mutants_for(family, bench.right()))
      CHECK_MESSAGE(names.insert(mutant.name).second, mutant.name);
  check_known(equivalents(RECAST_EQUIVALENTS), names);
}

TEST_CASE("mutation/families: every family of the tree has its trials") {
  const Bench bench;
  std::vector<std::string> ours = families(), theirs = bench.right().families();
  std::sort(ours.begin(), ours.end());
  std::sort(theirs.begin(), theirs.end());
  CHECK(ours == theirs);
}

TEST_CASE(
    "mutation/layout: mutants of an expression are all different and none is the expression") {
  std::vector<std::string> texts;
  for (const LayoutMutant& mutant : mutants_of_layout("[q: (a b) | k: b]"))
    texts.push_back(mutant.text);
  std::sort(texts.begin(), texts.end());
  CHECK(texts == std::vector<std::string>{"[k: b | q: (a b)]", "[k: b]", "[q: (a b)]",
                                          "[q: (a) b | k: b]", "[q: (b a) | k: b]",
                                          "[q: (b) a | k: b]", "[q: a (b) | k: b]",
                                          "[q: a b | k: b]", "[q: b (a) | k: b]"});
}

}  // namespace
}  // namespace recast::mutation
