#include "tests/mutation/tally.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace recast::mutation {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

const RuleFiles& rule_files() {
  static const RuleFiles all = [] {
    RuleFiles out;
    const std::filesystem::path root(RECAST_RULES);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.path().extension() == ".yaml")
        out[std::filesystem::relative(entry.path(), root).generic_string()] = read(entry.path());
    return out;
  }();
  return all;
}

std::map<std::string, std::string> equivalents(const std::string& path) {
  std::map<std::string, std::string> out;
  std::ifstream in(path);
  REQUIRE(in.good());
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.rfind(" = ");
    REQUIRE_MESSAGE(equals != std::string::npos, line);
    CHECK_MESSAGE(out.emplace(line.substr(0, equals), line.substr(equals + 3)).second, line);
  }
  return out;
}

void Tally::add(const std::string& mutant, Verdict verdict) {
  names_.insert(mutant);
  ++counts_[verdict];
  if (verdict == Verdict::Survived) survivors_.insert(mutant);
}

void Tally::check(const std::string& what, const std::map<std::string, std::string>& known,
                  std::size_t at_least) const {
  const auto count = [&](Verdict verdict) {
    const auto found = counts_.find(verdict);
    return found == counts_.end() ? 0 : found->second;
  };
  for (const std::string& mutant : survivors_)
    CHECK_MESSAGE(known.contains(mutant), "survives and is not listed: " << mutant);
  for (const auto& one : known)
    CHECK_MESSAGE((!names_.contains(one.first) || survivors_.contains(one.first)),
                  "listed and does not survive: " << one.first);
  std::cout << "mutation/" << what << ": " << count(Verdict::Killed) << " killed, "
            << count(Verdict::Refused) << " refused, " << count(Verdict::Survived)
            << " proven equivalents\n";
  CHECK(count(Verdict::Killed) >= at_least);
}

void check_known(const std::map<std::string, std::string>& known,
                 const std::set<std::string>& mutants) {
  for (const auto& one : known) {
    CHECK_MESSAGE(mutants.contains(one.first), one.first);
    CHECK_MESSAGE(one.second.size() > 10, one.first);
  }
}

}  // namespace recast::mutation
