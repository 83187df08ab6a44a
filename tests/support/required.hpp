#pragma once
// Results in tests: the value, or an end.

#include <stdexcept>
#include <string>
#include <utility>

#include "engine/base/diagnostic.hpp"
#include "engine/base/render.hpp"
#include "engine/base/result.hpp"

namespace recast::support {

/// Throws std::runtime_error with the diagnostic's text.
template <class T>
T required(Result<T> result) {
  if (!result) throw std::runtime_error(render_text(result.error()));
  return std::move(result).value();
}
inline void required(const Result<void>& result) {
  if (!result) throw std::runtime_error(render_text(result.error()));
}

/// "CODE: MESSAGE" of the first error of a sink that has one.
inline std::string first_error(const DiagnosticSink& sink) {
  for (const Diagnostic& diagnostic : sink.all())
    if (code_severity(diagnostic.code) == Severity::Error)
      return cat(code_name(diagnostic.code), ": ", diagnostic.message);
  return "refused without a word";
}

}  // namespace recast::support
