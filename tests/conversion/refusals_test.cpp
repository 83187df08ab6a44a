// No argument is ignored: each refusal of the rules fires for the arguments that it names, names
// them, and is on rules/ARGUMENTS.md; and what that page calls refused is.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/conversion/arguments_page.hpp"
#include "tests/conversion/model_config.hpp"
#include "tests/conversion/reference_checkpoint.hpp"
#include "tests/conversion/refusal_cases.hpp"
#include "tests/conversion/refusal_checks.hpp"

namespace recast::conversion {
namespace {

using tensor::Value;

const rules::RuleSet& rules_of(const std::string& family, const std::string& framework) {
  static std::map<std::string, rules::RuleSet> all;
  const std::string key = family + "/" + framework;
  const auto found = all.find(key);
  if (found != all.end()) return found->second;
  DiagnosticSink sink;
  auto rules = library().rule_set(family, framework, sink);
  if (!rules) throw std::runtime_error("no rules of " + key);
  return all.emplace(key, std::move(*rules)).first->second;
}

std::vector<std::string> said_of(const ReadingCase& one) {
  return said(rules_of(one.family, one.framework), fields_of(one));
}

std::vector<std::string> not_written_of(const WritingCase& one) {
  return not_written(rules_of(one.family, one.framework), one);
}

std::string another(const Value& constant) {
  if (const bool* flag = constant.get_if<bool>()) return *flag ? "false" : "true";
  return "something_else";
}

TEST_CASE("conversion/refusals: each argument that says of another model is refused by name") {
  for (const ReadingCase& one : reading_cases()) {
    CAPTURE(one.family);
    CAPTURE(one.argument);
    CAPTURE(one.value);
    const std::vector<std::string> messages = said_of(one);
    CHECK(is_named(one, messages));
    if (one.with.empty()) continue;
    CHECK(said(rules_of(one.family, one.framework), one.with) != messages);
  }
}

TEST_CASE("conversion/refusals: values that say 'as usual' are not refused") {
  for (const std::string& family : library().families())
    for (const std::string& framework : library().frameworks())
      if (family != "apertus" || framework != "huggingface")
        CHECK(said(rules_of(family, framework), {"whatever=1"}).empty());
  for (const ReadingCase& one : harmless_cases()) {
    CAPTURE(one.family);
    CAPTURE(one.argument);
    CAPTURE(one.value);
    CHECK(said_of(one) == std::vector<std::string>{});
  }
  // Nor are null and false, whatever the argument, unless that is what says of another model.
  for (const ReadingCase& one : reading_cases())
    for (const char* nothing : {"null", "false"}) {
      if (one.value == nothing || one.value == "null" || !one.with.empty()) continue;
      const rules::RuleSet& rules = rules_of(one.family, one.framework);
      if (one.family == "apertus") continue;
      const bool is_flag = one.value == "true";
      if (!is_flag && std::string(nothing) == "false") continue;
      CAPTURE(one.argument);
      CHECK(said(rules, {top_of(one.argument) + "=" + nothing}) == std::vector<std::string>{});
    }
}

TEST_CASE("conversion/refusals: what a framework or a grid cannot hold is not written") {
  for (const WritingCase& one : writing_cases()) {
    CAPTURE(one.family);
    CAPTURE(one.word);
    const std::vector<std::string> messages = not_written_of(one);
    CHECK(messages.size() == 1);
    CHECK(is_named(one, messages));
  }
  for (const std::string& family : library().families())
    for (const std::string& framework : library().frameworks())
      for (const std::vector<std::string>& mesh :
           {std::vector<std::string>{}, std::vector<std::string>{"tp=2"}}) {
        CAPTURE(family);
        CHECK(not_written_of({family, framework, "", {}, mesh}) == std::vector<std::string>{});
      }
  CHECK(not_written_of({"mixtral", "megatron", "", {}, {"tp=2", "etp=1", "ep=4"}}) ==
        std::vector<std::string>{});
}

TEST_CASE("conversion/refusals: a folder is refused for the files that are in it") {
  for (const FileCase& one : file_cases()) {
    CAPTURE(one.file);
    const reference::Sizes sizes = reference::tiny(reference::Family::Llama);
    support::MemoryFileSystem disk;
    if (one.framework == "megatron")
      put_megatron(disk, "in", sizes, {}, megatron_args(sizes, {}));
    else
      put_huggingface(disk, "in", sizes, config_json(sizes));
    const std::string other = one.framework == "megatron" ? "huggingface" : "megatron";
    checkpoint::TargetOptions options;
    options.framework = other;
    CHECK(convert(disk, "in", "before", options) == "");
    disk.put("in/" + one.file, "{}");
    const std::string message = convert(disk, "in", "after", options);
    CHECK(message.rfind("plan.refused: ", 0) == 0);
    CHECK(names(message, one.word));
  }
}

TEST_CASE("conversion/refusals: a constant that a configuration contradicts is named") {
  for (const std::string& family : library().families())
    for (const std::string& framework : library().frameworks()) {
      const rules::RuleSet& rules = rules_of(family, framework);
      std::set<std::string> checked;
      for (const auto& [name, constant] : rules.dialect.constants) {
        if (std::find(rules.dialect.check.begin(), rules.dialect.check.end(), name) ==
            rules.dialect.check.end())
          continue;
        CAPTURE(family);
        CAPTURE(name);
        std::vector<std::string> messages = said(rules, {name + "=" + another(constant)});
        CHECK(std::any_of(messages.begin(), messages.end(), [&, &n = name](const std::string& m) {
          return m.rfind("'" + n + "' is ", 0) == 0;
        }));
        checked.insert(name);
      }
      CHECK(!checked.empty());
    }
}

// ---- the rules, the cases and the page say the same

/// Names that a case gives a value.
std::set<std::string> given(const ReadingCase& one) {
  std::set<std::string> out = {one.argument};
  for (const std::string& field : one.with)
    out.insert(field.substr(0, field.find('=')));
  return out;
}
std::set<std::string> given(const WritingCase& one) {
  std::set<std::string> out;
  for (const std::string& size : one.sizes)
    out.insert(size.substr(0, size.find('=')));
  for (const std::string& dim : one.mesh)
    out.insert(dim.substr(0, dim.find('=')) + ".size");
  if (!one.stages.empty()) out.merge(std::set<std::string>{"stages.even"});
  return out;
}

bool has(const std::set<std::string>& given, const std::string& name) {
  return std::any_of(given.begin(), given.end(), [&](const std::string& each) {
    return each == name || each.rfind(name + ".", 0) == 0;
  });
}

/// Names in the conditions of refusals that no case which fires them gives a value: "say: name".
template <typename Case, typename Fired>
std::set<std::string> unexercised(const std::string& family, const std::string& framework,
                                  const std::vector<rules::RefuseRule>& refusals,
                                  const std::vector<Case>& cases, Fired fired) {
  std::set<std::string> out;
  for (const rules::RefuseRule& rule : refusals) {
    std::set<std::string> seen;
    bool fires = false;
    for (const Case& one : cases) {
      if (one.framework != framework) continue;
      const std::vector<std::string> messages = fired(one);
      if (std::find(messages.begin(), messages.end(), rule.say) == messages.end()) continue;
      fires = true;
      seen.merge(given(one));
    }
    if (!fires) out.insert(family + "/" + framework + ": nothing fires '" + rule.say + "'");
    for (const std::string& name : lang::names_in(rule.when))
      if (!has(seen, name))
        out.insert(family + "/" + framework + ": no case of '" + rule.say + "' gives " + name);
  }
  return out;
}

std::string listed(const std::set<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines)
    out += line + "\n";
  return out;
}

TEST_CASE("conversion/refusals: every condition of every refusal has a case that fires it") {
  for (const std::string& family : library().families())
    for (const std::string& framework : library().frameworks()) {
      const rules::Dialect& dialect = rules_of(family, framework).dialect;
      CHECK(listed(unexercised(family, framework, dialect.refuse, reading_cases(),
                               [](const ReadingCase& one) { return said_of(one); })) == "");
      CHECK(listed(unexercised(family, framework, dialect.refuse_writing, writing_cases(),
                               [](const WritingCase& one) { return not_written_of(one); })) == "");
      for (const rules::RefuseFile& rule : dialect.refuse_files)
        CHECK(std::any_of(file_cases().begin(), file_cases().end(), [&](const FileCase& one) {
          return one.framework == framework && names(rule.say, one.word);
        }));
    }
}

TEST_CASE("conversion/refusals: a refusal without a case is found") {
  const rules::RuleSet& rules = rules_of("llama", "huggingface");
  const std::vector<ReadingCase> one = {{"llama", "huggingface", "pruned_heads", "{0: [1]}"}};
  const std::set<std::string> found =
      unexercised("llama", "huggingface", rules.dialect.refuse, one,
                  [](const ReadingCase& each) { return said_of(each); });
  CHECK(found.count("llama/huggingface: nothing fires 'the tensors are quantised "
                    "(quantization_config, compression_config)'") == 1);
  CHECK(found.count("llama/huggingface: no case of 'the tensors are quantised "
                    "(quantization_config, compression_config)' gives compression_config") == 1);
  CHECK(listed(found).find("heads were taken") == std::string::npos);
}

std::set<std::string> refused_names(const std::string& framework) {
  std::set<std::string> out;
  for (const ReadingCase& one : reading_cases())
    if (one.framework == framework) out.insert(top_of(one.argument));
  for (const FileCase& one : file_cases())
    if (one.framework == framework) out.insert(one.file.substr(one.file.rfind('/') + 1));
  for (const std::string& family : library().families()) {
    const rules::Dialect& dialect = rules_of(family, framework).dialect;
    for (const auto& [name, constant] : dialect.constants)
      if (std::find(dialect.check.begin(), dialect.check.end(), name) != dialect.check.end())
        out.insert(name);
  }
  return out;
}

/// What the page says, and what is refused, in one form: "framework: argument".
std::set<std::string> differences(const std::vector<ArgumentLine>& page) {
  std::set<std::string> out;
  for (const std::string& framework : library().frameworks()) {
    const std::set<std::string> refused = refused_names(framework);
    std::set<std::string> on_page;
    for (const ArgumentLine& line : page)
      if (line.framework == framework && line.refused()) on_page.insert(line.argument);
    for (const std::string& name : on_page)
      if (refused.count(name) == 0) out.insert(framework + ": nothing refuses " + name);
    for (const std::string& name : refused)
      if (on_page.count(name) == 0) out.insert(framework + ": the page does not refuse " + name);
  }
  return out;
}

std::string arguments_page() {
  std::ifstream file(RECAST_RULES "/ARGUMENTS.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_CASE("conversion/refusals: rules/ARGUMENTS.md lists as refused what is refused") {
  const std::vector<ArgumentLine> lines = read_arguments_page(arguments_page());
  CHECK(lines.size() > 100);
  CHECK(listed(differences(lines)) == "");
}

TEST_CASE("conversion/refusals: a line too many on the page is found, and one too few") {
  std::vector<ArgumentLine> lines = read_arguments_page(arguments_page());
  lines.push_back({"megatron", "no_such_argument", "refused"});
  const auto gone = std::find_if(lines.begin(), lines.end(), [](const ArgumentLine& line) {
    return line.argument == "use_mup";
  });
  REQUIRE(gone != lines.end());
  gone->text = "kept";
  CHECK(listed(differences(lines)) ==
        "megatron: nothing refuses no_such_argument\nmegatron: the page does not refuse use_mup\n");
}

TEST_CASE("conversion/refusals: a page is read by its headings and the names in backticks") {
  const std::vector<ArgumentLine> lines = read_arguments_page(
      "# Title\n\n## One (`megatron`)\n\n| argument | what |\n|---|---|\n| `a`, `b` other than 1 | "
      "refused |\n## Two (`huggingface`)\n| `c` | kept |\n");
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].argument == "b");
  CHECK(lines[1].refused());
  CHECK(lines[2].framework == "huggingface");
  CHECK(!lines[2].refused());
  CHECK_THROWS_AS((void)read_arguments_page("# nothing"), std::invalid_argument);
  CHECK_THROWS_AS((void)read_arguments_page("| `a` | kept |\n"), std::invalid_argument);
}

TEST_CASE("conversion/refusals: an Apertus that does not say its rotary positions is two models") {
  const rules::RuleSet& rules = rules_of("apertus", "huggingface");
  CHECK(said(rules, {"rope_theta=10000.0"}) ==
        std::vector<std::string>{"the configuration does not say the kind of rotary positions "
                                 "(rope_parameters, rope_scaling)"});
  CHECK(said(rules, {"rope_parameters.rope_type=default"}).empty());
}

TEST_CASE("conversion/refusals: a model without experts is not repeated on ranks of experts") {
  const reference::Sizes sizes = reference::tiny(reference::Family::Llama);
  support::MemoryFileSystem disk;
  put_huggingface(disk, "hf", sizes, config_json(sizes));
  reference::Grid grid;
  grid.tp = 2;
  grid.ep = 2;
  CHECK(convert(disk, "hf", "out", to_megatron(grid)) ==
        "plan.refused: a model without experts (num_experts) has no expert ranks (ep, etp)\n");
  // What a run without experts was given for them says nothing.
  grid.ep = 1;
  put_megatron(disk, "megatron", sizes, grid,
               megatron_args(sizes, grid, {{"expert_tensor_parallel_size", Value(1)}}));
  checkpoint::TargetOptions options = to_megatron(grid);
  options.mesh = {{"tp", 4}};
  CHECK(convert(disk, "megatron", "again", options) == "");
}

}  // namespace
}  // namespace recast::conversion
