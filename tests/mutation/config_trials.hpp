#pragma once
// Configurations that are converted under rules that may be wrong, held against what each framework
// says of the same model. No tensor is involved: sources are made from configurations alone.

#include <optional>
#include <string>
#include <vector>

#include "engine/checkpoint/target.hpp"
#include "engine/rules/loader.hpp"

namespace recast::mutation {

/// One conversion of a configuration: a row of configs/<family>.yaml (configs/README.md).
struct ConfigCase {
  std::string name;  // "FROM -> TO number"
  std::string from, to;
  tensor::Value source;
  checkpoint::TargetOptions options;
  std::string args;      // JSON of a file of further arguments; or empty
  std::string carried;   // a config.json that travels along; or empty
  tensor::Value target;  // every field that is expected …
  std::string refused;   // … or a part of what is said instead
  std::optional<std::vector<std::string>>
      notes;  // all that is to be noted, where that is looked at
};

/// The cases of one family.
class ConfigTrials {
 public:
  /// Reads <folder>/<family>.yaml. Throws std::runtime_error if it is not understood.
  ConfigTrials(std::string family, const std::string& folder);

  const std::string& family() const { return family_; }
  const std::vector<ConfigCase>& cases() const { return cases_; }

  /// What the first case gives that is not expected; "" if all are as expected. The case that saw a
  /// mutant before is the first, because neighbours are seen alike.
  std::string run(const rules::Library& rules);

  /// The same of all cases.
  std::string run_all(const rules::Library& rules) const;

 private:
  std::string run(const ConfigCase& one, const rules::Library& rules) const;

  std::string family_;
  std::vector<ConfigCase> cases_;
  std::size_t last_ = 0;
};

}  // namespace recast::mutation
