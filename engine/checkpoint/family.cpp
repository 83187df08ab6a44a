#include "engine/checkpoint/family.hpp"

#include <vector>

#include "engine/base/join.hpp"
#include "engine/base/spell.hpp"
#include "engine/lang/scalar.hpp"
#include "engine/rules/sizes.hpp"

namespace recast::checkpoint {

using tensor::Value;

std::optional<std::string> detect_family(const rules::Library& library,
                                         const std::string& framework, const Value* config,
                                         const std::string& place, DiagnosticSink& sink) {
  std::vector<std::string> found, known;
  std::string asked;
  for (const std::string& family : library.families()) {
    if (!library.has(family, framework)) continue;
    const auto rules = library.rule_set(family, framework, sink);
    if (!rules) continue;
    for (const auto& [name, value] : rules->dialect.constants)
      if (!rules->dialect.identify.empty() && name == rules->dialect.identify.front())
        known.push_back(tensor::print(value));
    if (asked.empty() && config != nullptr)
      for (const std::string& name : rules->dialect.identify)
        if (const Value* value = tensor::field_at(*config, name, '.'))
          asked += (asked.empty() ? "" : ", ") + name + " " + tensor::print(*value);
    if (!rules->dialect.detect) continue;
    const auto holds =
        lang::evaluate(*rules->dialect.detect, rules::config_environment(config, nullptr));
    if (!holds)
      sink.add(holds.error());
    else if (lang::is_true(*holds))
      found.push_back(family);
  }
  if (found.size() == 1) return found.front();
  if (sink.has_errors()) return std::nullopt;
  const std::string list = joined(found.empty() ? library.families() : found);
  const std::vector<std::string> near = nearest_names(asked, known, 3);
  Diagnostic diagnostic =
      make_diagnostic(Code::plan_unknown_family,
                      !found.empty()  ? cat("several families fit: ", list)
                      : asked.empty() ? std::string("nothing says of which family the model is")
                                      : cat("no family of the rules is a model with ", asked))
          .in(place);
  if (found.empty() && !asked.empty() && !near.empty())
    diagnostic.note(cat("the nearest known are ", joined(near)));
  sink.add(
      std::move(diagnostic)
          .suggest(cat("give --family with one of ", list, ", or add rules with --rules DIR")));
  return std::nullopt;
}

}  // namespace recast::checkpoint
