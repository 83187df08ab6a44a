#pragma once
// One problem as a value. Stages that can go on report into a DiagnosticSink; everything else
// returns Result<T>.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/source.hpp"

namespace recast {

enum class Severity { Error, Warning, Note };

/// Every diagnostic's identity; `codes.def` is the only list (enumerator, "area.kebab-case",
/// severity, what it means).
enum class Code : std::uint16_t {
#define RECAST_CODE(id, name, severity, summary) id,
#include "engine/base/codes.def"
#undef RECAST_CODE
};

std::string_view code_name(Code code) noexcept;
std::string_view code_summary(Code code) noexcept;
Severity code_severity(Code code) noexcept;

/// Where in a data file: path as the user knows it and, where it helps, a byte offset.
struct DataPlace {
  std::string file;
  std::optional<std::uint64_t> byte_offset;
};

struct DiagnosticNote {
  std::string message;
  SourceSpan span;
};

/// Message: lower case, one clause, says what is and what was expected, names in quotes. The hint
/// is an action.
struct Diagnostic {
  Code code;
  std::string message;
  SourceSpan span;
  DataPlace place;
  std::vector<DiagnosticNote> notes;
  std::string hint;

  Diagnostic& at(SourceSpan where) &;
  Diagnostic&& at(SourceSpan where) &&;
  Diagnostic& in(std::string file, std::optional<std::uint64_t> byte_offset = {}) &;
  Diagnostic&& in(std::string file, std::optional<std::uint64_t> byte_offset = {}) &&;
  Diagnostic& note(std::string message, SourceSpan span = {}) &;
  Diagnostic&& note(std::string message, SourceSpan span = {}) &&;
  Diagnostic& suggest(std::string hint) &;
  Diagnostic&& suggest(std::string hint) &&;
};

Diagnostic make_diagnostic(Code code, std::string message);

/// Joins its arguments as text: strings, characters, numbers.
template <class... Parts>
std::string cat(const Parts&... parts);

/// Collects what a stage reports, in order.
class DiagnosticSink {
 public:
  void add(Diagnostic diagnostic);
  const std::vector<Diagnostic>& all() const noexcept { return all_; }
  bool has_errors() const noexcept { return errors_ > 0; }
  std::size_t error_count() const noexcept { return errors_; }

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

/// Thrown by RECAST_CHECK only: a bug in recast. Caught once, in main.
struct InternalError {
  std::string what;
};
[[noreturn]] void internal_error(const char* file, int line, const std::string& what);

#define RECAST_CHECK(condition, what) \
  ((condition) ? void() : ::recast::internal_error(__FILE__, __LINE__, (what)))

// ---- implementation of cat

namespace detail {
inline void append_part(std::string& out, std::string_view part) {
  out += part;
}
inline void append_part(std::string& out, const std::string& part) {
  out += part;
}
inline void append_part(std::string& out, const char* part) {
  out += part;
}
inline void append_part(std::string& out, char part) {
  out += part;
}
template <class Number>
void append_part(std::string& out, const Number& part) {
  out += std::to_string(part);
}
}  // namespace detail

template <class... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (detail::append_part(out, parts), ...);
  return out;
}

}  // namespace recast
