// Rules are right if every small mistake in them is seen. Each mutant of the rules
// (rule_mutants.hpp) that still loads must be refused or give other bytes in at least one
// conversion of coordinate tensors; the few that cannot, because they say the same in other words,
// are listed in equivalents.txt with the reason.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "tests/mutation/layout_mutants.hpp"
#include "tests/mutation/trial.hpp"

namespace recast::mutation {
namespace {

using reference::Family;
using reference::Grid;
using reference::Names;
using reference::Sizes;

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

RuleFiles rule_files(const std::string& family) {
  RuleFiles out;
  for (const std::string& path :
       {std::string("dialects/huggingface.yaml"), std::string("dialects/megatron.yaml"),
        family + "/model.yaml", family + "/huggingface.yaml", family + "/megatron.yaml"})
    out[path] = read(std::filesystem::path(RECAST_RULES) / path);
  return out;
}

/// "MUTANT = reason", one a line; '#' begins a comment.
std::map<std::string, std::string> equivalents() {
  std::map<std::string, std::string> out;
  std::ifstream in(RECAST_EQUIVALENTS);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find(" = ");
    REQUIRE_MESSAGE(equals != std::string::npos, line);
    out[line.substr(0, equals)] = line.substr(equals + 3);
  }
  return out;
}

Grid grid(std::int64_t tp, std::int64_t pp, std::int64_t vpp, Names names) {
  Grid out;
  out.tp = tp;
  out.pp = pp;
  out.vpp = vpp;
  out.names = names;
  out.vocab_divisor = 3;
  return out;
}

/// Extents that all differ: layer 4, group 2, rep 6, dim 5, hidden 7, ffn 8, vocab 13.
Sizes small(bool tied) {
  Sizes sizes = reference::tiny(Family::Llama);
  sizes.layers = 4;
  sizes.groups = 2;
  sizes.heads = 12;
  sizes.head_dim = 5;
  sizes.hidden = 7;
  sizes.ffn = 8;
  sizes.vocab = 13;
  sizes.tied = tied;
  return sizes;
}

std::vector<Trial> trials() {
  Sizes stored = small(true);
  stored.tied_head_stored = true;
  return {{small(false), grid(2, 2, 2, Names::TransformerEngine), true},
          {small(true), grid(4, 2, 1, Names::Local), true},  // fewer groups than ranks
          {small(true), grid(1, 1, 1, Names::Local), true},  // tied on one stage: no second copy
          {small(false), grid(4, 1, 1, Names::TransformerEngine), false},
          {small(true), grid(2, 2, 1, Names::Local), false},
          {stored, grid(2, 1, 1, Names::Local), true}};
}

TEST_CASE("mutation/llama: every mutant of the rules is refused or gives other bytes") {
  const RuleFiles rules = rule_files("llama");
  const Trials all("llama", trials());
  REQUIRE(all.difference(rules) == "");
  const std::map<std::string, std::string> known = equivalents();
  std::map<Verdict, std::size_t> counts;
  std::vector<std::string> survivors;
  for (const char* framework : {"huggingface", "megatron"}) {
    const Vocabulary words = vocabulary_of(rules, "llama", framework);
    for (const std::string& path : {std::string("dialects/"), std::string("llama/")}) {
      const std::string file = path + framework + ".yaml";
      for (const RuleMutant& mutant : mutants_of_rules(file, rules.at(file), words)) {
        RuleFiles changed = rules;
        changed[mutant.file] = mutant.text;
        const Verdict verdict = all.judge(changed);
        ++counts[verdict];
        if (verdict == Verdict::Survived) survivors.push_back(mutant.name);
      }
    }
  }
  std::cout << "mutation: " << counts[Verdict::Killed] << " killed, " << counts[Verdict::Refused]
            << " refused, " << counts[Verdict::Survived] << " proven equivalents\n";
  CHECK(counts[Verdict::Killed] > 150);
  for (const std::string& name : survivors)
    CHECK_MESSAGE(known.contains(name), "survives and is not listed: " << name);
  for (const auto& [name, reason] : known)
    CHECK_MESSAGE(std::find(survivors.begin(), survivors.end(), name) != survivors.end(),
                  "listed and does not survive: " << name);
}

TEST_CASE(
    "mutation/layout: mutants of an expression are all different and none is the expression") {
  std::vector<std::string> texts;
  for (const LayoutMutant& mutant : mutants_of_layout("[q: (a b) | k: b]"))
    texts.push_back(mutant.text);
  std::sort(texts.begin(), texts.end());
  CHECK(texts == std::vector<std::string>{"[k: (a b) | q: b]", "[k: b | q: (a b)]",
                                          "[q: (a b) b | k: ]", "[q: (a b b) | k: ]",
                                          "[q: (a) | k: b b]", "[q: (b a) | k: b]",
                                          "[q: (b b) | k: a]", "[q: a b | k: b]"});
}

}  // namespace
}  // namespace recast::mutation
