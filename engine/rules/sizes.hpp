#pragma once
// Sizes: what `--set`, a checkpoint's own configuration, a configuration that was carried along,
// and defaults say.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/lang/scalar.hpp"
#include "engine/rules/rule_set.hpp"
#include "engine/tensor/value.hpp"

namespace recast::rules {

using ValueMap = std::map<std::string, tensor::Value, std::less<>>;

/// Where a size's value comes from, strongest first. Told: by names, trackers and entries of the
/// files.
enum class Origin { Set, Told, Config, Carried, Default, Unknown };

/// A value that no file holds, and why it is what it is.
struct SizeNote {
  std::string size, text;
};

struct Sizes {
  ValueMap values;  // every declared size; null where nothing tells
  std::map<std::string, Origin, std::less<>> origins;
  std::vector<SizeNote> notes;

  const tensor::Value* find(std::string_view name) const noexcept;
  /// 0 and nullopt-like behaviour is the caller's: the integer, or `otherwise`.
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const noexcept;
  std::string text(std::string_view name) const;
};

/// Settles every size of the rules. `config` (of the file `config_place`) and `carried` may be
/// null. Names in `set` that are no size are reported. Codes: rule.unknown-size, rule.size-type,
/// rule.size-value, expr.*.
Sizes settle_sizes(const RuleSet& rules, const ValueMap& set, const tensor::Value* config,
                   const Sizes* carried, DiagnosticSink& sink,
                   const std::string& config_place = {});

/// Names looked up in a checkpoint's configuration first, then among `sizes` (may be null);
/// whatever else is null, because configurations are open-ended.
lang::Environment config_environment(const tensor::Value* config, const Sizes* sizes);

/// Reports what the framework's rules refuse of this configuration and constants that disagree.
/// Codes: plan.refused, plan.constant-differs.
void check_config(const RuleSet& rules, const tensor::Value& config, const std::string& where,
                  DiagnosticSink& sink);

/// What the rules for a framework (`refuse_writing`) say of a model with these sizes that it cannot
/// hold. Conditions over a grid hold nothing here.
std::vector<std::string> not_held(const RuleSet& rules, const Sizes& sizes);

/// A configuration in the framework's words. `base`: the configuration to start from (null: none);
/// `environment` knows sizes, mesh and extents. Sizes that must be known and are not are added to
/// `missing`. Codes: expr.*.
tensor::Value write_config(const RuleSet& rules, const lang::Environment& environment,
                           const tensor::Value* base, std::vector<std::string>& missing,
                           DiagnosticSink& sink);

/// All sizes that nothing tells, in one diagnostic that says how to give them. `message`: who needs
/// them. Code: plan.size-unknown.
Diagnostic unknown_sizes(const RuleSet& rules, const std::vector<std::string>& names,
                         std::string message);

/// Parses `NAME=VALUE` of the command line; the value as YAML writes it. Codes: usage.set.
Result<std::pair<std::string, tensor::Value>> parse_setting(const std::string& text);

}  // namespace recast::rules
