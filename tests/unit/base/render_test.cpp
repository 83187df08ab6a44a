#include "engine/base/render.hpp"

#include <doctest/doctest.h>

#include <string>

#include "engine/base/utf8.hpp"

namespace recast {
namespace {

Diagnostic problem(SourceSpan span) {
  return make_diagnostic(Code::io_not_found, "axis 'heads' is not declared").at(std::move(span));
}

/// The last two lines of the text: the source line and the carets, without their gutters.
std::string excerpt(const SourceSpan& span) {
  const std::string text = render_text(problem(span));
  const std::size_t first = text.find('\n') + 1;
  const std::size_t second = text.find('\n', first) + 1;
  return text.substr(first + 8, second - first - 8) + text.substr(second + 8);
}

TEST_CASE("base/render: an error shows its place, line, caret, notes and hint") {
  std::string text(40, '\n');
  text += "    weight: \"attn.q: (heads dim) hidden\"\n";
  const SourceSpan all = make_source("rules/a.yaml", text);
  const SourceSpan model = make_source("rules/m.yaml", "a\n  axes\n");
  Diagnostic made = problem(all.sub(40 + 22, 40 + 27));
  made.note("axes are declared here: layer, hidden", model.sub(4, 8));
  made.note("a note without a place");
  made.suggest("the query heads are two axes here: '(group rep dim) hidden'");
  CHECK(render_text(made) ==
        "rules/a.yaml:41:23: error[io.not-found]: axis 'heads' is not declared\n"
        "   41 |     weight: \"attn.q: (heads dim) hidden\"\n"
        "      |                       ^^^^^\n"
        "rules/m.yaml:2:3: note: axes are declared here: layer, hidden\n"
        "note: a note without a place\n"
        "hint: the query heads are two axes here: '(group rep dim) hidden'\n");
}

TEST_CASE("base/render: a data error shows file and byte offset") {
  CHECK(render_text(make_diagnostic(Code::io_read_failed, "the file ends").in("h.json", 0x1F8)) ==
        "h.json:+0x1f8: error[io.read-failed]: the file ends\n");
  CHECK(render_text(make_diagnostic(Code::io_read_failed, "the file ends").in("h.json")) ==
        "h.json: error[io.read-failed]: the file ends\n");
  CHECK(render_text(make_diagnostic(Code::io_read_failed, "the file ends")) ==
        "error[io.read-failed]: the file ends\n");
}

TEST_CASE("base/render: a rule that meets a file names both") {
  const SourceSpan span = make_source("r.yaml", "abc");
  CHECK(render_text(problem(span).in("w.bin", 16)) ==
        "r.yaml:1:1: error[io.not-found]: axis 'heads' is not declared\n"
        "    1 | abc\n"
        "      | ^^^\n"
        "w.bin:+0x10: note: found in this file\n");
}

TEST_CASE("base/render: the caret stands under the span") {
  struct Row {
    const char* text;
    std::size_t begin, end;
    const char* excerpt;
  };
  static constexpr Row rows[] = {
      {"abc", 1, 2, "abc\n ^\n"},
      {"abc", 1, 1, "abc\n ^\n"},
      {"abc", 3, 3, "abc\n   ^\n"},
      {"abc", 3, 9, "abc\n   ^\n"},
      {"abc\ndef", 1, 6, "abc\n ^^\n"},
      {"ab\r\ncd", 1, 6, "ab\n ^\n"},
      {"ab\ncd", 2, 5, "ab\n  ^\n"},
      {"\tx y", 1, 2, "    x y\n    ^\n"},
      {"\xC3\xA9\xC3\xA9x", 4, 5, "\xC3\xA9\xC3\xA9x\n  ^\n"},
      {"a\xC3\xA9z", 1, 3, "a\xC3\xA9z\n ^\n"},
      {"\xE6\xBC\xA2x", 3, 4, "\xE6\xBC\xA2x\n  ^\n"},
      {"e\xCC\x81x", 3, 4, "e\xCC\x81x\n ^\n"},
      {"\xFFx", 1, 2, "\xEF\xBF\xBDx\n ^\n"},
      {"\x1B[2Jx", 4, 5, "\xEF\xBF\xBD[2Jx\n    ^\n"},
      {"", 0, 0, "\n^\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    SourceSpan span = make_source("f", row.text);
    span.begin = row.begin;
    span.end = row.end;
    CHECK(excerpt(span) == row.excerpt);
  }
}

TEST_CASE("base/render: a long line is cut around the span") {
  const std::string dots(300, '.');
  SUBCASE("in the middle") {
    const SourceSpan span = make_source("f", dots + "HERE" + dots).sub(300, 304);
    const std::string side(43, '.');
    CHECK(excerpt(span) == "…" + side + "HERE" + side + "…\n" + std::string(44, ' ') + "^^^^\n");
  }
  SUBCASE("at the left end") {
    const SourceSpan span = make_source("f", "HERE" + dots).sub(0, 4);
    CHECK(excerpt(span) == "HERE" + std::string(86, '.') + "…\n^^^^\n");
  }
  SUBCASE("at the right end") {
    const SourceSpan span = make_source("f", dots + "HERE").sub(300, 304);
    CHECK(excerpt(span) == "…" + std::string(86, '.') + "HERE\n" + std::string(87, ' ') + "^^^^\n");
  }
  SUBCASE("a span longer than the line") {
    const SourceSpan span = make_source("f", dots);
    CHECK(excerpt(span) == std::string(90, '.') + "…\n" + std::string(90, '^') + "\n");
  }
  SUBCASE("92 columns are not long") {
    const SourceSpan span = make_source("f", std::string(92, '.')).sub(91, 92);
    CHECK(excerpt(span) == std::string(92, '.') + "\n" + std::string(91, ' ') + "^\n");
  }
}

TEST_CASE("base/render: a line of megabytes is cut wherever the span is") {
  const std::string text(std::size_t{4} << 20, 'x');
  for (const std::size_t at : {std::size_t{0}, text.size() / 2, text.size()}) {
    CAPTURE(at);
    const std::string shown = render_text(problem(make_source("f", text).sub(at, at + 3)));
    CHECK(shown.size() < 400);
    CHECK(shown.find('^') != std::string::npos);
  }
}

TEST_CASE("base/render: names out of files stay on their line and command no terminal") {
  CHECK(render_text(make_diagnostic(Code::io_not_found, "no '\n\x1B[31m\xFF\t\xE2\x80\xAE'")
                        .in("a\nb")
                        .suggest("c\nd")) ==
        "a\\nb: error[io.not-found]: no '\\n\\u{1b}[31m\\xff\\t\\u{202e}'\nhint: c\\nd\n");
}

TEST_CASE("base/render: JSON holds everything that the text holds") {
  const SourceSpan span = make_source("r.yaml", "ab\ncd");
  Diagnostic made = problem(span.sub(3, 5)).in("w.bin", 16).suggest("do");
  made.note("n", span.sub(0, 1)).note("m");
  CHECK(render_json(made) ==
        R"({"severity":"error","code":"io.not-found","message":"axis 'heads' is not declared",)"
        R"("span":{"file":"r.yaml","line":2,"column":1,"end_line":2,"end_column":3},)"
        R"("place":{"file":"w.bin","byte_offset":16},)"
        R"("notes":[{"message":"n","span":{"file":"r.yaml","line":1,"column":1,"end_line":1,)"
        R"("end_column":2}},{"message":"m"}],"hint":"do"})");
}

TEST_CASE("base/render: JSON leaves out what is not known") {
  CHECK(render_json(make_diagnostic(Code::io_disk_full, "m")) ==
        R"({"severity":"error","code":"io.disk-full","message":"m","notes":[]})");
}

TEST_CASE("base/render: a JSON string escapes what JSON must and replaces what is not UTF-8") {
  CHECK(json_quote("") == R"("")");
  CHECK(json_quote("a\"b\\c/") == R"("a\"b\\c/")");
  CHECK(json_quote("\n\r\t\b\x01\x7F") == R"("\n\r\t\u0008\u0001\u007f")");
  CHECK(json_quote(std::string_view("\0", 1)) == R"("\u0000")");
  CHECK(json_quote("\xC3\xA9\xF0\x9F\x98\x80") == "\"\xC3\xA9\xF0\x9F\x98\x80\"");
  CHECK(json_quote("\xC3(\xFF") == "\"\xEF\xBF\xBD(\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace recast
