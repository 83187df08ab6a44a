#include "cli/report.hpp"

#include <ostream>

#include "engine/base/render.hpp"

namespace recast::cli {

DiagnosticForm diagnostic_form(Args args) noexcept {
  constexpr std::string_view kOption = "--diagnostics";
  auto form = DiagnosticForm::Text;
  for (std::size_t i = 0; i < args.size() && args[i] != "--"; ++i) {
    std::string_view value;
    if (args[i] == kOption && i + 1 < args.size()) {
      value = args[i + 1];
    } else if (args[i].starts_with(kOption) && args[i].substr(kOption.size(), 1) == "=") {
      value = std::string_view(args[i]).substr(kOption.size() + 1);
    } else {
      continue;
    }
    form = value == "json" ? DiagnosticForm::JsonLines : DiagnosticForm::Text;
  }
  return form;
}

Exit exit_for(Code code) noexcept {
  const std::string_view name = code_name(code);
  const std::string_view area = name.substr(0, name.find('.'));
  if (area == "usage") return Exit::Usage;
  if (code == Code::plan_cancelled) return Exit::Stopped;
  if (area == "io") return Exit::Io;
  if (area == "verify") return Exit::Differs;
  return Exit::Data;
}

void Reporter::print(const Diagnostic& diagnostic) {
  if (code_severity(diagnostic.code) == Severity::Error && !exit_)
    exit_ = exit_for(diagnostic.code);
  if (form_ == DiagnosticForm::JsonLines) {
    err_ << render_json(diagnostic) << '\n';
  } else {
    err_ << render_text(diagnostic);
  }
}

void Reporter::print(const DiagnosticSink& sink) {
  for (const Diagnostic& diagnostic : sink.all())
    print(diagnostic);
}

Exit Reporter::fail(const Diagnostic& error) {
  print(error);
  return exit_for(error.code);
}

}  // namespace recast::cli
