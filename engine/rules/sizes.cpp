#include "engine/rules/sizes.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/base/join.hpp"
#include "engine/base/spell.hpp"
#include "engine/rules/yaml_source.hpp"

namespace recast::rules {
namespace {

using tensor::Value;

const Value kNull;

std::string spell_values(const std::vector<Value>& values) {
  return joined(values, ", ", [](const Value& value) { return tensor::print(value); });
}

const char* type_words(SizeType type) {
  switch (type) {
    case SizeType::Integer:
      return "an integer";
    case SizeType::Number:
      return "a number";
    case SizeType::Flag:
      return "true or false";
    case SizeType::Text:
      return "a text";
    case SizeType::List:
      return "a list";
    case SizeType::Any:
      return "anything";
  }
  return "anything";
}

/// The value in the size's own type; nullopt if it is of another kind.
std::optional<Value> typed(SizeType type, const Value& value) {
  if (value.is_null()) return value;
  const auto* integer = value.get_if<std::int64_t>();
  const auto* number = value.get_if<double>();
  switch (type) {
    case SizeType::Integer:
      if (integer != nullptr) return value;
      if (number != nullptr && std::floor(*number) == *number && std::abs(*number) < 9e15)
        return Value(static_cast<std::int64_t>(*number));
      return std::nullopt;
    case SizeType::Number:
      if (integer != nullptr) return Value(static_cast<double>(*integer));
      return number != nullptr ? std::optional<Value>(value) : std::nullopt;
    case SizeType::Flag:
      return value.get_if<bool>() != nullptr ? std::optional<Value>(value) : std::nullopt;
    case SizeType::Text:
      return value.get_if<std::string>() != nullptr ? std::optional<Value>(value) : std::nullopt;
    case SizeType::List:
      return value.get_if<tensor::Sequence>() != nullptr ? std::optional<Value>(value)
                                                         : std::nullopt;
    case SizeType::Any:
      return value;
  }
  return value;
}

/// Settles sizes on demand, since defaults and readings refer to other sizes.
class Settler {
 public:
  Settler(const RuleSet& rules, const ValueMap& set, const Value* config, const Sizes* carried,
          DiagnosticSink& sink, const std::string& config_place)
      : rules_(rules),
        set_(set),
        config_(config),
        carried_(carried),
        sink_(sink),
        config_place_(config_place) {}

  Sizes run() {
    for (const SizeRule& rule : rules_.sizes)
      get(rule.name);
    return std::move(sizes_);
  }

 private:
  const Value* get(std::string_view name) {
    if (const auto found = sizes_.values.find(name); found != sizes_.values.end())
      return &found->second;
    const SizeRule* rule = rules_.size(name);
    if (rule == nullptr) return nullptr;
    // A field may have the size's own name: where the configuration lacks it there is nothing to
    // read.
    if (!open_.empty() && open_.back() == name) return &kNull;
    if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
      sink_.add(make_diagnostic(Code::rule_cycle, cat("size '", name, "' is defined by itself"))
                    .at(rule->span));
      return &kNull;
    }
    open_.emplace_back(name);
    Origin origin = Origin::Unknown;
    Value value = settle(*rule, origin);
    open_.pop_back();
    if (auto in_type = typed(rule->type, value)) {
      value = std::move(*in_type);
    } else {
      sink_.add(
          make_diagnostic(Code::rule_size_type, cat("size '", name, "' is ", tensor::print(value),
                                                    ", expected ", type_words(rule->type)))
              .in(place_of(origin))
              .note("the size is declared here", rule->span)
              .suggest(cat("give another value with --set ", name, "=VALUE")));
      value = kNull;
    }
    if (!rule->values.empty() && !value.is_null() &&
        std::find(rule->values.begin(), rule->values.end(), value) == rule->values.end())
      sink_.add(make_diagnostic(Code::rule_size_value,
                                cat("size '", name, "' is ", tensor::print(value),
                                    ", expected one of ", spell_values(rule->values)))
                    .in(place_of(origin))
                    .note("the size is declared here", rule->span)
                    .suggest(cat("give another value with --set ", name, "=VALUE")));
    sizes_.origins[std::string(name)] = origin;
    return &(sizes_.values[std::string(name)] = std::move(value));
  }

  /// What said it, for diagnostics.
  std::string place_of(Origin origin) const {
    return origin == Origin::Set ? "--set" : origin == Origin::Config ? config_place_ : "";
  }

  Value settle(const SizeRule& rule, Origin& origin) {
    if (const auto given = set_.find(rule.name); given != set_.end()) {
      origin = Origin::Set;
      // `--set NAME=` is an empty text where that is one of the values.
      const Value empty(std::string{});
      if (given->second.is_null() &&
          std::find(rule.values.begin(), rule.values.end(), empty) != rule.values.end())
        return empty;
      return given->second;
    }
    const Value* carried = carried_ == nullptr ? nullptr : carried_->find(rule.name);
    if (carried != nullptr && carried_->origins.find(rule.name)->second == Origin::Unknown)
      carried = nullptr;
    const bool carried_known = carried != nullptr && !carried->is_null() &&
                               carried_->origins.find(rule.name)->second != Origin::Default;
    if (config_ != nullptr)
      for (const ConfigRule& config : rules_.dialect.config) {
        if (config.size != rule.name || !config.read) continue;
        if (config.prefer_carried && carried_known) break;
        Value value = evaluate(*config.read, rule.name);
        if (value.is_null() && config.fallback) value = evaluate(*config.fallback, rule.name);
        if (value.is_null()) break;
        if (!config.note.empty())
          sizes_.notes.push_back(
              {rule.name, cat(rule.name, " = ", tensor::print(value), ": ", config.note)});
        origin = Origin::Config;
        return value;
      }
    if (carried != nullptr && !carried->is_null()) {
      origin = Origin::Carried;
      return *carried;
    }
    if (!rule.fallback) return kNull;
    auto value = look_up(*rule.fallback, {});
    // A default that cannot do without what is unknown is as unknown.
    if (!value && !is_known(*rule.fallback)) return kNull;
    if (!value) sink_.add(value.error());
    origin = Origin::Default;
    return value ? std::move(value).value() : kNull;
  }

  /// Whether all sizes that an expression names have a value; those that are being settled have
  /// none.
  bool is_known(const lang::ScalarExpr& expr) const {
    const std::vector<std::string> names = lang::names_in(expr);
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      const auto settled = sizes_.values.find(name);
      return settled == sizes_.values.end() ? rules_.size(name) == nullptr
                                            : !settled->second.is_null();
    });
  }

  /// `own`: a size that is read from a field of the same name; where there is no such field the
  /// name is null.
  Value evaluate(const lang::ScalarExpr& expr, std::string_view own) {
    auto value = look_up(expr, own);
    if (value) return std::move(value).value();
    sink_.add(std::move(value).error());
    return kNull;
  }

  Result<Value> look_up(const lang::ScalarExpr& expr, std::string_view own) {
    return lang::evaluate(expr, [&](std::string_view name) -> const Value* {
      if (config_ != nullptr)
        if (const Value* field = tensor::field_at(*config_, name, '.')) return field;
      if (!own.empty() && name == own) return &kNull;
      const Value* size = get(name);
      return size == nullptr ? &kNull : size;
    });
  }

  const RuleSet& rules_;
  const ValueMap& set_;
  const Value* config_;
  const Sizes* carried_;
  DiagnosticSink& sink_;
  const std::string& config_place_;
  Sizes sizes_;
  std::vector<std::string> open_;  // sizes being settled, the last one at the back
};

/// Removes `name` from the top of a mapping or of an object's attributes.
void remove_field(Value& value, std::string_view name) {
  if (auto* fields = tensor::fields_of(value))
    std::erase_if(*fields, [&](const auto& entry) {
      const auto* key = entry.first.template get_if<std::string>();
      return key != nullptr && *key == name;
    });
}

std::string top_of(const std::string& path) {
  return path.substr(0, path.find('.'));
}

}  // namespace

const Value* Sizes::find(std::string_view name) const noexcept {
  const auto found = values.find(name);
  return found == values.end() ? nullptr : &found->second;
}

std::int64_t Sizes::integer(std::string_view name, std::int64_t otherwise) const noexcept {
  const Value* value = find(name);
  const auto* integer = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  return integer == nullptr ? otherwise : *integer;
}

std::string Sizes::text(std::string_view name) const {
  const Value* value = find(name);
  const auto* text = value == nullptr ? nullptr : value->get_if<std::string>();
  return text == nullptr ? std::string() : *text;
}

Sizes settle_sizes(const RuleSet& rules, const ValueMap& set, const Value* config,
                   const Sizes* carried, DiagnosticSink& sink, const std::string& config_place) {
  return Settler(rules, set, config, carried, sink, config_place).run();
}

lang::Environment config_environment(const Value* config, const Sizes* sizes) {
  return [config, sizes](std::string_view name) -> const Value* {
    if (config != nullptr)
      if (const Value* field = tensor::field_at(*config, name, '.')) return field;
    if (sizes != nullptr)
      if (const Value* size = sizes->find(name)) return size;
    return &kNull;
  };
}

void check_config(const RuleSet& rules, const Value& config, const std::string& where,
                  DiagnosticSink& sink) {
  const lang::Environment environment = config_environment(&config, nullptr);
  for (const RefuseRule& rule : rules.dialect.refuse) {
    const auto holds = lang::evaluate(rule.when, environment);
    if (!holds) {
      sink.add(holds.error());
      continue;
    }
    if (!lang::is_true(*holds)) continue;
    sink.add(
        make_diagnostic(Code::plan_refused, rule.say)
            .in(where)
            .note("this rule refuses it", rule.when.span)
            .suggest(rule.hint.empty()
                         ? "no rule says what this means for the weights, so it is not converted"
                         : rule.hint));
  }
  for (const auto& [name, value] : rules.dialect.constants) {
    if (std::find(rules.dialect.check.begin(), rules.dialect.check.end(), name) ==
        rules.dialect.check.end())
      continue;
    const Value* have = tensor::field_at(config, name, '.');
    if (have == nullptr || have->is_null() || *have == value) continue;
    sink.add(make_diagnostic(Code::plan_constant_differs,
                             cat("'", name, "' is ", tensor::print(*have), "; family '",
                                 rules.family, "' has ", tensor::print(value)))
                 .in(where)
                 .suggest("this is another kind of model: give its family with --family, or add "
                          "rules for it"));
  }
}

std::vector<std::string> not_held(const RuleSet& rules, const Sizes& sizes) {
  std::vector<std::string> out;
  for (const RefuseRule& rule : rules.dialect.refuse_writing) {
    const auto holds = lang::evaluate(rule.when, config_environment(nullptr, &sizes));
    if (holds && lang::is_true(*holds)) out.push_back(rule.say);
  }
  return out;
}

Value write_config(const RuleSet& rules, const lang::Environment& environment, const Value* base,
                   std::vector<std::string>& missing, DiagnosticSink& sink) {
  Value config = base == nullptr ? Value(tensor::Mapping{}) : *base;
  const Dialect& dialect = rules.dialect;
  for (const std::string& name : dialect.replaces)
    remove_field(config, name);
  std::vector<std::pair<std::string, const lang::ScalarExpr*>> writes;
  for (const ConfigRule& rule : dialect.config) {
    const SizeRule* size = rules.size(rule.size);
    if (size == nullptr) continue;
    const Value* known = environment(rule.size);
    bool needed = !size->optional;
    if (rule.needed) {
      const auto holds = lang::evaluate(*rule.needed, environment);
      if (!holds)
        sink.add(holds.error());
      else
        needed = lang::is_true(*holds);
    }
    if (needed && !rule.write.empty() && (known == nullptr || known->is_null())) {
      missing.push_back(rule.size);
      continue;
    }
    for (const auto& [field, expr] : rule.write)
      writes.emplace_back(field, &expr);
  }
  for (const auto& [field, expr] : dialect.fields)
    writes.emplace_back(field, &expr);
  if (!missing.empty()) return config;

  // An object that is written field by field is made afresh: what a base says there is stale.
  for (const auto& [field, expr] : writes)
    if (field.find('.') != std::string::npos) remove_field(config, top_of(field));
  for (const auto& [field, value] : dialect.constants)
    tensor::set_field(config, field, value, '.');
  for (const auto& [field, expr] : writes) {
    auto value = lang::evaluate(*expr, environment);
    if (!value) {
      sink.add(std::move(value).error());
      continue;
    }
    if (field.find('.') == std::string::npos || !value->is_null())
      tensor::set_field(config, field, std::move(value).value(), '.');
  }
  // An object of which no field has a value stays null where the base has it. Elsewhere it is left
  // out: not every reader knows it, and `defaults` says it for those that want it as null.
  for (const auto& [field, expr] : writes)
    if (base != nullptr && tensor::field(*base, top_of(field)) != nullptr &&
        tensor::field(config, top_of(field)) == nullptr)
      tensor::set_field(config, top_of(field), Value(), '.');
  for (const auto& [field, value] : dialect.defaults)
    if (tensor::field_at(config, field, '.') == nullptr)
      tensor::set_field(config, field, value, '.');
  return config;
}

Diagnostic unknown_sizes(const RuleSet& rules, const std::vector<std::string>& names,
                         std::string message) {
  Diagnostic out = make_diagnostic(Code::plan_size_unknown, std::move(message));
  for (const std::string& name : names) {
    const SizeRule* rule = rules.size(name);
    const bool described = rule != nullptr && !rule->about.empty();
    out.note(cat("'", name, "'", described ? ": " + rule->about : ""),
             rule == nullptr ? SourceSpan{} : rule->span);
  }
  return std::move(out).suggest("give " + joined(names, " ", [](const std::string& name) {
                                  return cat("--set ", name, "=VALUE");
                                }));
}

Result<std::pair<std::string, Value>> parse_setting(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    return make_diagnostic(Code::usage_set, cat("'", text, "' is not SIZE=VALUE"))
        .suggest("write --set vocab=32000");
  const SourceSpan value = make_source("--set", text.substr(equals + 1));
  const auto node = parse_yaml(value.source);
  if (!node)
    return make_diagnostic(Code::usage_set,
                           cat("'", text.substr(equals + 1), "' is no value that YAML can say"))
        .in("--set")
        .suggest("write a number, a word, true, false or a list in brackets");
  return std::pair(text.substr(0, equals), to_value(*node));
}

}  // namespace recast::rules
