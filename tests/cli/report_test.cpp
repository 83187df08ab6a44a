#include "cli/report.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace recast::cli {
namespace {

TEST_CASE("cli/report: the exit code follows from the area of a code") {
  CHECK(exit_for(Code::usage_bad_value) == Exit::Usage);
  CHECK(exit_for(Code::io_not_found) == Exit::Io);
  CHECK(exit_for(Code::format_truncated) == Exit::Data);
  CHECK(exit_for(Code::yaml_syntax) == Exit::Data);
  CHECK(exit_for(Code::expr_syntax) == Exit::Data);
  CHECK(exit_for(Code::plan_cancelled) == Exit::Stopped);
}

TEST_CASE("cli/report: every code has an exit other than done") {
  static constexpr Code kAll[] = {
#define RECAST_CODE(id, name, severity, summary) Code::id,
#include "engine/base/codes.def"
#undef RECAST_CODE
  };
  for (const Code code : kAll) {
    CAPTURE(code_name(code));
    CHECK(exit_for(code) != Exit::Done);
    CHECK(exit_for(code) != Exit::Bug);
  }
}

TEST_CASE("cli/report: the first error decides, warnings do not") {
  std::ostringstream err;
  Reporter report(err, DiagnosticForm::Text);
  CHECK(report.exit() == Exit::Done);
  DiagnosticSink sink;
  sink.add(make_diagnostic(Code::io_not_found, "first"));
  sink.add(make_diagnostic(Code::format_truncated, "second"));
  report.print(sink);
  CHECK(report.exit() == Exit::Io);
  CHECK(err.str() == "error[io.not-found]: first\nerror[format.truncated]: second\n");
}

TEST_CASE("cli/report: JSON is one object per line") {
  std::ostringstream err;
  Reporter report(err, DiagnosticForm::JsonLines);
  CHECK(report.fail(make_diagnostic(Code::io_not_found, "a\nb")) == Exit::Io);
  CHECK(err.str() == R"({"severity":"error","code":"io.not-found","message":"a\nb","notes":[]})"
                     "\n");
}

TEST_CASE("cli/report: the form is found before the arguments are parsed") {
  struct Row {
    std::vector<std::string> args;
    DiagnosticForm form;
  };
  const Row rows[] = {
      {{}, DiagnosticForm::Text},
      {{"--diagnostics", "json"}, DiagnosticForm::JsonLines},
      {{"convert", "--nonsense", "--diagnostics=json"}, DiagnosticForm::JsonLines},
      {{"--diagnostics=json", "--diagnostics", "text"}, DiagnosticForm::Text},
      {{"--diagnostics=xml"}, DiagnosticForm::Text},
      {{"--diagnostics"}, DiagnosticForm::Text},
      {{"--diagnosticsjson"}, DiagnosticForm::Text},
      {{"--", "--diagnostics=json"}, DiagnosticForm::Text},
  };
  for (const Row& row : rows) {
    CAPTURE(row.args);
    CHECK((diagnostic_form(row.args) == row.form));
  }
}

}  // namespace
}  // namespace recast::cli
