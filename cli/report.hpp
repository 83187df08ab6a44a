#pragma once
// Prints diagnostics on the error stream and knows the exit code that they lead to.

#include <iosfwd>
#include <optional>

#include "cli/command.hpp"
#include "engine/base/diagnostic.hpp"

namespace recast::cli {

enum class DiagnosticForm { Text, JsonLines };

/// The form that `--diagnostics` asks for anywhere in the arguments. Found before they are parsed,
/// because what is wrong with them is a diagnostic too; a form that does not exist counts as text,
/// and the option's own check names it.
DiagnosticForm diagnostic_form(Args args) noexcept;

/// By the area of the code: usage 2, io 4, verify 1, everything else 3.
Exit exit_for(Code code) noexcept;

class Reporter {
 public:
  Reporter(std::ostream& err, DiagnosticForm form) : err_(err), form_(form) {}

  void print(const Diagnostic& diagnostic);
  void print(const DiagnosticSink& sink);
  /// Prints it and returns what the program exits with.
  Exit fail(const Diagnostic& error);
  /// That of the first error printed; Done if there was none.
  Exit exit() const noexcept { return exit_.value_or(Exit::Done); }

 private:
  std::ostream& err_;
  DiagnosticForm form_;
  std::optional<Exit> exit_;
};

}  // namespace recast::cli
