#pragma once
// recast rules list | show FAMILY FRAMEWORK | check DIR…

#include "cli/shared_options.hpp"

namespace recast::cli {

struct RulesOptions {
  enum class Action { List, Show, Check };
  Action action = Action::List;
  std::string family, framework;     // of show
  std::vector<std::string> folders;  // of check
  std::vector<std::string> rules;
  OutputOptions output;
};

/// Two steps, because what follows the action depends on it.
class RulesParser {
 public:
  explicit RulesParser(RulesOptions& options);
  /// Errors: usage.*.
  Result<Parsed> parse(Args args);
  std::string help() const { return parser_.help(); }

 private:
  RulesOptions& options_;
  std::string action_;
  std::vector<std::string> operands_;
  OptionParser parser_;
};

}  // namespace recast::cli
