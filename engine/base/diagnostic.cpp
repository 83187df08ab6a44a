#include "engine/base/diagnostic.hpp"

#include <array>
#include <utility>

namespace recast {

namespace {

struct CodeRow {
  std::string_view name;
  Severity severity;
  std::string_view summary;
};

constexpr auto kCodes = std::to_array<CodeRow>({
#define RECAST_CODE(id, name, severity, summary) {name, Severity::severity, summary},
#include "engine/base/codes.def"
#undef RECAST_CODE
});

const CodeRow& row_of(Code code) noexcept {
  return kCodes[static_cast<std::size_t>(code)];
}

}  // namespace

std::string_view code_name(Code code) noexcept {
  return row_of(code).name;
}
std::string_view code_summary(Code code) noexcept {
  return row_of(code).summary;
}
Severity code_severity(Code code) noexcept {
  return row_of(code).severity;
}

Diagnostic& Diagnostic::at(SourceSpan where) & {
  span = std::move(where);
  return *this;
}
Diagnostic&& Diagnostic::at(SourceSpan where) && {
  return std::move(at(std::move(where)));
}

Diagnostic& Diagnostic::in(std::string file, std::optional<std::uint64_t> byte_offset) & {
  place = {std::move(file), byte_offset};
  return *this;
}
Diagnostic&& Diagnostic::in(std::string file, std::optional<std::uint64_t> byte_offset) && {
  return std::move(in(std::move(file), byte_offset));
}

Diagnostic& Diagnostic::note(std::string text, SourceSpan where) & {
  notes.push_back({std::move(text), std::move(where)});
  return *this;
}
Diagnostic&& Diagnostic::note(std::string text, SourceSpan where) && {
  return std::move(note(std::move(text), std::move(where)));
}

Diagnostic& Diagnostic::suggest(std::string action) & {
  hint = std::move(action);
  return *this;
}
Diagnostic&& Diagnostic::suggest(std::string action) && {
  return std::move(suggest(std::move(action)));
}

Diagnostic make_diagnostic(Code code, std::string message) {
  return {code, std::move(message), {}, {}, {}, {}};
}

void DiagnosticSink::add(Diagnostic diagnostic) {
  if (code_severity(diagnostic.code) == Severity::Error) ++errors_;
  all_.push_back(std::move(diagnostic));
}

void internal_error(const char* file, int line, const std::string& what) {
  throw InternalError{cat(file, ":", line, ": ", what)};
}

}  // namespace recast
