#include "cli/commands.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/console.hpp"

namespace recast::cli {
namespace {

TEST_CASE("cli/commands: the version is one line") {
  for (const char* asked : {"--version", "-V", "version"}) {
    Console console;
    CHECK(console.run({asked}) == Exit::Done);
    CHECK(console.out.str().starts_with("recast "));
    CHECK(console.out.str().find('\n') == console.out.str().size() - 1);
    CHECK(console.err.str().empty());
  }
}

TEST_CASE("cli/commands: help names every command; without a command it is an error") {
  Console asked, none;
  CHECK(asked.run({"--help"}) == Exit::Done);
  for (const Command& command : kCommands) {
    CAPTURE(command.name);
    CHECK(asked.out.str().find(cat("\n  ", command.name, " ")) != std::string::npos);
  }
  CHECK(none.run({}) == Exit::Usage);
  CHECK(none.err.str() == asked.out.str());
  CHECK(none.out.str().empty());
}

TEST_CASE("cli/commands: every command has help, in two spellings") {
  for (const Command& command : kCommands) {
    CAPTURE(command.name);
    Console option, word;
    CHECK(option.run({std::string(command.name), "--help"}) == Exit::Done);
    CHECK(option.out.str().starts_with(cat("Usage: recast ", command.name)));
    CHECK(word.run({"help", std::string(command.name)}) == Exit::Done);
    CHECK(word.out.str() == option.out.str());
  }
}

TEST_CASE("cli/commands: slips get the nearest name") {
  struct Row {
    const char* name;
    const char* message;
  };
  static constexpr Row rows[] = {
      {"cnvert",
       "error[usage.unknown-command]: there is no command 'cnvert'\nhint: did you mean "
       "'convert'?\n"},
      {"frobnicate",
       "error[usage.unknown-command]: there is no command 'frobnicate'\nhint: see 'recast "
       "--help'\n"},
      {"--vresion",
       "error[usage.unknown-option]: there is no option '--vresion'\nhint: did you mean "
       "'--version'?\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Console console;
    CHECK(console.run({row.name}) == Exit::Usage);
    CHECK(console.err.str() == row.message);
  }
}

TEST_CASE("cli/commands: usage errors are JSON too when asked for") {
  Console console;
  CHECK(console.run({"inspect", "--diagnostics=json"}) == Exit::Usage);
  CHECK(nlohmann::json::parse(console.err.str())["code"] == "usage.missing");
}

/// A safetensors file with one tensor `w`, fp16 [2].
std::string tiny_safetensors() {
  std::string header =
      R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  return file + header + std::string(4, '\0');
}

TEST_CASE("cli/inspect: a file of a known container, as text and as JSON") {
  Console text, json;
  text.files.put("a.safetensors", tiny_safetensors());
  CHECK(text.run({"inspect", "a.safetensors"}) == Exit::Done);
  CHECK(text.out.str() == R"(a.safetensors
  container  safetensors, 100 B
  tensors    1, 2 elements, 4 B
    fp16     1, 4 B

contents
  format  "pt"

tensors (name, dtype, shape, bytes)
  w  fp16  [2]  4
)");
  json.files.put("a.safetensors", tiny_safetensors());
  CHECK(json.run({"inspect", "a.safetensors", "--json"}) == Exit::Done);
  const auto report = nlohmann::json::parse(json.out.str());
  CHECK(report["tensors"][0]["name"] == "w");
  CHECK(report["document"].dump() == R"({"format":"pt"})");
}

TEST_CASE(
    "cli/inspect: what is not there is an i/o error, what is no checkpoint an error of the data") {
  Console missing, other;
  CHECK(missing.run({"inspect", "nowhere"}) == Exit::Io);
  CHECK(missing.err.str().find("error[io.not-found]") != std::string::npos);
  other.files.put("a.txt", "hello, this is text\n");
  CHECK(other.run({"inspect", "a.txt"}) == Exit::Data);
  CHECK(other.err.str().find("error[format.unknown-container]") != std::string::npos);
  CHECK(other.out.str().empty());
}

}  // namespace
}  // namespace recast::cli
