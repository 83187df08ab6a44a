#pragma once
// Conversions of coordinate tensors under rules that may be wrong, held against the reference.

#include <memory>
#include <string>
#include <vector>

#include "tests/mutation/rule_mutants.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/reference/megatron_reference.hpp"
#include "tests/support/reference/model_sizes.hpp"

namespace recast::mutation {

enum class Verdict { Refused, Killed, Survived };

/// A conversion and what must come out.
struct Trial {
  reference::Sizes sizes;
  reference::Grid grid;
  bool to_megatron = true;  // else from it
};

class Trials {
 public:
  /// Makes the sources once. `family` is the folder of its rules.
  Trials(std::string family, std::vector<Trial> trials);

  /// Under the rules as they are: "" if every trial gives what the reference says, else the first
  /// difference.
  std::string difference(const RuleFiles& rules) const;
  /// Refused: the rules do not load, or a trial is refused with a diagnostic. Killed: something
  /// else came out.
  Verdict judge(const RuleFiles& rules) const;

 private:
  struct Outcome {
    bool refused = false;
    std::string text;  // what differs, or what was said
  };
  Outcome run(const RuleFiles& rules) const;
  Outcome run(std::size_t trial, const RuleFiles& rules) const;

  std::string family_;
  std::vector<Trial> trials_;
};

/// The words of a family's rules, from loading them.
Vocabulary vocabulary_of(const RuleFiles& rules, const std::string& family,
                         const std::string& framework);

}  // namespace recast::mutation
