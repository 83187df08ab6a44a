#pragma once
// Rules from the text of their files.

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "engine/base/render.hpp"
#include "engine/rules/loader.hpp"
#include "tests/support/memory_file_system.hpp"

namespace recast::rules {

/// A family `any` in a framework `one`: model.yaml, the framework's page and the family's own page
/// for it.
inline RuleSet rule_set_of(const std::string& model, const std::string& dialect,
                           const std::string& page = "about: here\n") {
  support::MemoryFileSystem disk;
  disk.put("rules/any/model.yaml", "family: any\n" + model);
  disk.put("rules/any/one.yaml", page);
  disk.put("rules/dialects/one.yaml", "framework: one\n" + dialect);
  DiagnosticSink sink;
  const auto library = Library::open(disk, {"rules"}, sink);
  auto rules = library ? library->rule_set("any", "one", sink) : std::nullopt;
  std::string said;
  for (const Diagnostic& diagnostic : sink.all())
    said += render_text(diagnostic);
  REQUIRE_MESSAGE(rules.has_value(), said);
  return std::move(*rules);
}

/// Every diagnostic as "code: message", one a line.
inline std::string text_of(const DiagnosticSink& sink) {
  std::string out;
  for (const Diagnostic& diagnostic : sink.all())
    out += std::string(code_name(diagnostic.code)) + ": " + diagnostic.message + "\n";
  return out;
}

}  // namespace recast::rules
