#pragma once
// Reads typed things out of YAML nodes and reports what is not as it should be.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/lang/parser.hpp"
#include "engine/rules/yaml_source.hpp"

namespace recast::rules {

/// Borrowed by the readers of model and dialect; every failure is one diagnostic in the sink.
class NodeReader {
 public:
  explicit NodeReader(DiagnosticSink& sink) : sink_(sink) {}

  DiagnosticSink& sink() { return sink_; }
  void report(Code code, const YamlNode& at, std::string message, std::string hint = {});

  /// "" and false if the node is null.
  std::string text(const YamlNode* node);
  bool flag(const YamlNode* node);
  std::vector<std::string> texts(const YamlNode* node);

  std::optional<lang::ScalarExpr> scalar(const YamlNode* node);
  std::optional<lang::NameTemplate> name(const YamlNode& node, lang::TemplateKind kind);
  std::optional<lang::NameTemplate> name(SourceSpan text, lang::TemplateKind kind);
  std::optional<lang::LayoutExpr> layout(const YamlNode& node);
  /// A mapping from keys to expressions, in order.
  std::vector<std::pair<std::string, lang::ScalarExpr>> scalars(const YamlNode* node);

 private:
  DiagnosticSink& sink_;
};

}  // namespace recast::rules
