#include "engine/base/diagnostic.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

namespace recast {
namespace {

struct Row {
  Code code;
  std::string_view name;
};
constexpr Row kRows[] = {
#define RECAST_CODE(id, name, severity, summary) {Code::id, name},
#include "engine/base/codes.def"
#undef RECAST_CODE
};

bool is_kebab(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

TEST_CASE("base/codes: a code is an area of the list, a dot and a name in kebab case") {
  static const std::set<std::string_view> areas = {"yaml",   "rule", "expr",  "layout", "plan",
                                                   "format", "io",   "usage", "verify"};
  for (const Row& row : kRows) {
    CAPTURE(std::string(row.name));
    CHECK(code_name(row.code) == row.name);
    const std::size_t dot = row.name.find('.');
    REQUIRE(dot != std::string_view::npos);
    CHECK(areas.count(row.name.substr(0, dot)) == 1);
    CHECK(is_kebab(row.name.substr(dot + 1)));
  }
}

TEST_CASE("base/codes: no name twice, and each says what it means") {
  std::set<std::string_view> names;
  for (const Row& row : kRows) {
    CAPTURE(std::string(row.name));
    CHECK(names.insert(row.name).second);
    CHECK(code_summary(row.code).size() > 10);
  }
}

TEST_CASE("base/diagnostic: it is built in one expression") {
  const SourceSpan span = make_source("f", "abc");
  const Diagnostic made = make_diagnostic(Code::io_not_found, "there is no file")
                              .at(span)
                              .in("x.bin", 504)
                              .note("it is named here", span.sub(1, 2))
                              .suggest("name another file");
  CHECK(made.code == Code::io_not_found);
  CHECK(made.message == "there is no file");
  CHECK(made.span.text() == "abc");
  CHECK(made.place.file == "x.bin");
  CHECK(made.place.byte_offset == 504);
  REQUIRE(made.notes.size() == 1);
  CHECK(made.notes[0].message == "it is named here");
  CHECK(made.notes[0].span.text() == "b");
  CHECK(made.hint == "name another file");
}

TEST_CASE("base/diagnostic: a named one can be completed in place") {
  Diagnostic made = make_diagnostic(Code::io_read_failed, "m");
  made.in("a").note("n").suggest("h").at(make_source("s", ""));
  CHECK(made.place.file == "a");
  CHECK(!made.place.byte_offset);
  CHECK(made.notes.size() == 1);
  CHECK(made.hint == "h");
  CHECK(made.span);
}

TEST_CASE("base/diagnostic: a sink keeps the order and counts errors") {
  DiagnosticSink sink;
  CHECK(!sink.has_errors());
  sink.add(make_diagnostic(Code::io_not_found, "first"));
  sink.add(make_diagnostic(Code::io_disk_full, "second"));
  CHECK(sink.has_errors());
  CHECK(sink.error_count() == 2);
  REQUIRE(sink.all().size() == 2);
  CHECK(sink.all()[0].message == "first");
  CHECK(sink.all()[1].message == "second");
}

TEST_CASE("base/diagnostic: cat joins strings, characters and numbers") {
  const std::string text = "t";
  CHECK(cat("a", 'b', text, std::string_view("v"), 7, std::size_t{8}, -9) == "abtv78-9");
  CHECK(cat() == "");
}

TEST_CASE("base/diagnostic: a broken invariant throws what and where, a kept one does not") {
  CHECK_NOTHROW(RECAST_CHECK(true, "unused"));
  try {
    RECAST_CHECK(1 == 2, "one is not two");
    FAIL("nothing was thrown");
  } catch (const InternalError& bug) {
    CHECK(bug.what.find("diagnostic_test.cpp:") != std::string::npos);
    CHECK(bug.what.ends_with(": one is not two"));
  }
}

}  // namespace
}  // namespace recast
