#include "engine/checkpoint/target_notes.hpp"

#include <algorithm>

namespace recast::checkpoint {
namespace {

using tensor::Value;

void tell(const rules::Dialect& dialect, const rules::Sizes& sizes, Conversion& out,
          DiagnosticSink& sink) {
  for (const rules::RefuseRule& rule : dialect.tell) {
    const auto holds = lang::evaluate(rule.when, rules::config_environment(nullptr, &sizes));
    if (!holds)
      sink.add(holds.error());
    else if (lang::is_true(*holds))
      out.notes.push_back(rule.say);
  }
}

/// Whether the target writes the size down, as the source has it.
bool is_written(const Conversion& out, const std::string& size) {
  const auto origin = out.sizes.origins.find(size);
  if (out.sizes.find(size) == nullptr ||
      (origin != out.sizes.origins.end() && origin->second == rules::Origin::Set))
    return false;
  const auto& config = out.rules.dialect.config;
  return std::any_of(config.begin(), config.end(), [&](const rules::ConfigRule& rule) {
    return rule.size == size && !rule.write.empty();
  });
}

/// Values that no field of `config` says.
void note_lost(const Value& config, Conversion& out) {
  const std::string& framework = out.rules.dialect.framework;
  DiagnosticSink unheard;
  const rules::Sizes again =
      rules::settle_sizes(out.rules, {}, &config, nullptr, unheard, framework);
  for (const rules::ConfigRule& rule : out.rules.dialect.config) {
    const Value* known = out.sizes.find(rule.size);
    const Value* back = again.find(rule.size);
    if (rule.note.empty() || known == nullptr || back == nullptr) continue;
    if (known->is_null() || back->is_null() || *known == *back) continue;
    out.notes.push_back(cat(rule.size, " = ", tensor::print(*known), ": '", framework,
                            "' has no field for it and computes with ", tensor::print(*back)));
  }
}

}  // namespace

void add_notes(const Bound& source, bool same_framework, const Value& config, Conversion& out,
               DiagnosticSink& sink) {
  for (const rules::SizeNote& note : source.sizes.notes)
    if (is_written(out, note.size)) out.notes.push_back(note.text);
  note_lost(config, out);
  if (!same_framework) tell(source.rules.dialect, source.sizes, out, sink);
  tell(out.rules.dialect, out.sizes, out, sink);
}

}  // namespace recast::checkpoint
