#pragma once
// Conversions of coordinate tensors under rules that may be wrong, held against the reference.

#include <memory>
#include <string>
#include <vector>

#include "engine/rules/loader.hpp"
#include "tests/mutation/form.hpp"
#include "tests/mutation/rule_mutants.hpp"

namespace recast::mutation {

enum class Verdict { Refused, Killed, Survived };

/// A conversion, from where to where.
struct Trial {
  reference::Sizes sizes;
  Form from, to;
  rules::ValueMap set;  // in place of what is known of either side
};

/// The trials of one family.
class Trials {
 public:
  /// Makes the sources once, with the rules as they are: a source that the reference's writer
  /// cannot make comes of a conversion, which is held against the reference. Throws
  /// std::runtime_error if that fails.
  Trials(std::string family, const rules::Library& right, std::vector<Trial> trials);

  struct Outcome {
    bool refused = false;
    std::string text;  // what differs, or what was said
  };
  /// What the first trial gives that does not give what the reference says; an empty text if all
  /// do. The trial that saw the mutant before is the first, because neighbours are seen alike.
  Outcome run(const rules::Library& rules);

 private:
  struct Prepared {
    Trial trial;
    std::vector<reference::ReferenceFile> expected;
    std::unique_ptr<support::MemoryFileSystem> disk;  // the source in the folder "in"
  };
  Prepared prepare(const rules::Library& right, Trial trial) const;
  Outcome run(const Prepared& one, const rules::Library& rules) const;

  std::string family_;
  std::vector<Prepared> prepared_;
  std::size_t last_ = 0;
};

/// Rule files in memory.
class RuleDisk {
 public:
  explicit RuleDisk(RuleFiles files);
  bool has(const std::string& path) const { return files_.contains(path); }
  /// Without a value if they do not load; `said` gets the first error.
  std::optional<rules::Library> library(std::string& said) const;
  /// With one file's text in the place of its own.
  std::optional<rules::Library> with(const RuleMutant& mutant, std::string& said);

 private:
  RuleFiles files_;
  support::MemoryFileSystem disk_;
};

/// A page without what it refuses and without fields that no trial looks at: half of the time of a
/// trial goes into reading rules.
std::string without_refusals(const std::string& page);

/// What loading one family takes, which is much less to read than all: its pages, those that they
/// extend, the frameworks', and one more model that has the words of all the others.
RuleFiles files_for(const std::string& family, const RuleFiles& all, const Vocabulary& words);

/// The words of all families' rules for a framework.
Vocabulary vocabulary_of(const rules::Library& rules, const std::vector<std::string>& families,
                         const std::string& framework);

}  // namespace recast::mutation
