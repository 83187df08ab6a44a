#pragma once
// The rule language for tests: text in, one line of text out, so that tables compare strings.

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/diagnostic.hpp"
#include "engine/base/source.hpp"
#include "engine/lang/name_template.hpp"
#include "engine/lang/parser.hpp"
#include "engine/lang/print.hpp"
#include "engine/lang/scalar.hpp"

namespace recast::lang {

inline SourceSpan source(std::string_view text) {
  return make_source("rule", std::string(text));
}

/// `line:column code: message`, the place left out where none is known.
inline std::string outcome(const Diagnostic& diagnostic) {
  std::string out;
  if (diagnostic.span) {
    const LineColumn at = line_column(*diagnostic.span.source, diagnostic.span.begin);
    out = cat(at.line, ":", at.column, " ");
  }
  return cat(out, code_name(diagnostic.code), ": ", diagnostic.message);
}
inline std::string outcome(const std::string& text) {
  return text;
}
inline std::string outcome(const tensor::Value& value) {
  return tensor::print(value, 4096);
}
template <class Tree>
std::string outcome(const Tree& tree) {
  return print(tree);
}
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? outcome(*result) : outcome(result.error());
}

inline std::string layout_of(std::string_view text) {
  return outcome(parse_layout(source(text)));
}
inline std::string scalar_of(std::string_view text) {
  return outcome(parse_scalar(source(text)));
}
inline std::string template_of(std::string_view text, TemplateKind kind = TemplateKind::File) {
  return outcome(parse_template(source(text), kind));
}

/// Names with values, usable as an Environment for as long as it lives.
class Names {
 public:
  Names() = default;
  Names(std::initializer_list<std::pair<const std::string, tensor::Value>> values)
      : values_(values) {}
  void set(const std::string& name, tensor::Value value) { values_[name] = std::move(value); }
  Environment environment() const {
    return [this](std::string_view name) -> const tensor::Value* {
      const auto found = values_.find(std::string(name));
      return found == values_.end() ? nullptr : &found->second;
    };
  }

 private:
  std::map<std::string, tensor::Value> values_;
};

/// Parses and evaluates.
inline std::string value_of(std::string_view text, const Names& names = {}) {
  const auto expr = parse_scalar(source(text));
  if (!expr) return outcome(expr.error());
  return outcome(evaluate(*expr, names.environment()));
}

/// Parses and writes the name out.
inline std::string expansion_of(std::string_view text, const Names& names = {}) {
  const auto name = parse_template(source(text), TemplateKind::File);
  if (!name) return outcome(name.error());
  return outcome(expand(*name, names.environment()));
}

}  // namespace recast::lang
