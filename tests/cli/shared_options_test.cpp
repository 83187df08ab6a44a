#include "cli/shared_options.hpp"

#include <doctest/doctest.h>

#include "cli/convert_options.hpp"
#include "cli/demo_options.hpp"
#include "cli/inspect_options.hpp"
#include "cli/plan_options.hpp"
#include "cli/rules_options.hpp"
#include "cli/verify_options.hpp"

namespace recast::cli {
namespace {

using Arguments = std::vector<std::string>;

TEST_CASE("cli/options: convert takes every option to its place") {
  ConvertOptions o;
  const Arguments args{"in",
                       "out",
                       "--to",
                       "there",
                       "--from",
                       "here",
                       "--family",
                       "kin",
                       "--tp",
                       "2",
                       "--pp",
                       "3",
                       "--vpp",
                       "4",
                       "--ep",
                       "5",
                       "--etp",
                       "6",
                       "--stages",
                       "1,2,3",
                       "--dtype",
                       "bf16",
                       "--max-shard-size",
                       "5GB",
                       "--set",
                       "vocab=7",
                       "--set",
                       "name=a=b",
                       "--rules",
                       "r1",
                       "--rules",
                       "r2",
                       "--tokenizer",
                       "tok",
                       "--args",
                       "a.json",
                       "--threads",
                       "8",
                       "--memory",
                       "1MiB",
                       "--allow-overflow",
                       "--check-replicas",
                       "--dry-run",
                       "--quiet",
                       "--json",
                       "--diagnostics",
                       "json"};
  const auto parsed = convert_parser(o).parse(args);
  REQUIRE(parsed);
  CHECK(o.source_path == "in");
  CHECK(o.output_folder == "out");
  CHECK(o.target.to == "there");
  CHECK(o.source.from == "here");
  CHECK(o.source.family == "kin");
  CHECK(o.target.tp == 2);
  CHECK(o.target.pp == 3);
  CHECK(o.target.vpp == 4);
  CHECK(o.target.ep == 5);
  CHECK(o.target.etp == 6);
  CHECK(o.target.stages == std::vector<std::int64_t>{1, 2, 3});
  CHECK(o.target.dtype == tensor::DType::BF16);
  CHECK(o.target.max_shard_nbytes == 5'000'000'000U);
  CHECK(o.source.sets == std::vector<Assignment>{{"vocab", "7"}, {"name", "a=b"}});
  CHECK(o.source.rules == Arguments{"r1", "r2"});
  CHECK(o.target.tokenizer == "tok");
  CHECK(o.target.args_file == "a.json");
  CHECK(o.machine.threads == 8);
  CHECK(o.machine.memory_nbytes == 1U << 20);
  CHECK(o.allow_overflow);
  CHECK(o.check_replicas);
  CHECK(o.dry_run);
  CHECK(o.output.quiet);
  CHECK(o.output.json);
  CHECK(o.output.diagnostics == "json");
}

TEST_CASE("cli/options: without options everything is left to the source") {
  ConvertOptions o;
  const Arguments args{"in", "out", "--to", "there"};
  REQUIRE(convert_parser(o).parse(args));
  CHECK(!o.source.from);
  CHECK(!o.target.tp);
  CHECK(o.target.stages.empty());
  CHECK(!o.target.dtype);
  CHECK(!o.machine.threads);
  CHECK(!o.machine.memory_nbytes);
  CHECK(!o.output.json);
}

TEST_CASE("cli/options: first and last stage have options of their own") {
  ConvertOptions o;
  const Arguments args{"in", "out", "--to", "t", "--first-stage-layers", "3", "--last-stage-layers",
                       "0"};
  REQUIRE(convert_parser(o).parse(args));
  CHECK(o.target.first_stage_layers == 3);
  CHECK(o.target.last_stage_layers == 0);
  for (const char* option : {"--first-stage-layers", "--last-stage-layers"}) {
    ConvertOptions other;
    const Arguments both{"in", "out", "--to", "t", option, "3", "--stages", "1,2"};
    const auto parsed = convert_parser(other).parse(both);
    REQUIRE(!parsed);
    CHECK(parsed.error().message ==
          cat("options '--stages' and '", option, "' exclude each other"));
  }
}

TEST_CASE("cli/options: assignments and element types are checked") {
  std::vector<Assignment> sets;
  for (const char* bad : {"", "vocab", "=3"}) {
    CAPTURE(bad);
    const auto done = take_assignments(sets)("--set", bad);
    REQUIRE(!done);
    CHECK(done.error().message == cat("option '--set' is '", bad, "', expected SIZE=VALUE"));
  }
  CHECK(take_assignments(sets)("--set", "empty="));
  CHECK(sets == std::vector<Assignment>{{"empty", ""}});
  std::optional<tensor::DType> dtype;
  for (const char* bad : {"float32", "u8", "f8e4m3", ""}) {
    CAPTURE(bad);
    const auto done = take_dtype(dtype)("--dtype", bad);
    REQUIRE(!done);
    CHECK(done.error().message ==
          cat("option '--dtype' is '", bad, "', expected fp16, bf16, fp32 or fp64"));
  }
}

TEST_CASE("cli/options: the other commands take theirs") {
  PlanOptions plan;
  const Arguments plan_args{"in", "--to", "t", "--all", "--tp", "2", "--json"};
  REQUIRE(plan_parser(plan).parse(plan_args));
  CHECK(plan.source_path == "in");
  CHECK(plan.target.tp == 2);
  CHECK((plan.all && plan.output.json));

  VerifyOptions verify;
  const Arguments verify_args{"a",     "b",  "--atol", "0.5", "--rtol", "0.25", "--check-replicas",
                              "--set", "k=v"};
  REQUIRE(verify_parser(verify).parse(verify_args));
  CHECK(verify.left_path == "a");
  CHECK(verify.right_path == "b");
  CHECK(verify.absolute == 0.5);
  CHECK(verify.relative == 0.25);
  CHECK(verify.check_replicas);
  CHECK(verify.source.sets == std::vector<Assignment>{{"k", "v"}});

  InspectOptions inspect;
  const Arguments inspect_args{"f", "--tensors", "--all", "--json"};
  REQUIRE(inspect_parser(inspect).parse(inspect_args));
  CHECK(inspect.path == "f");
  CHECK((inspect.tensors && inspect.all && inspect.output.json));

  DemoOptions demo;
  const Arguments demo_args{"--family", "f", "--size", "1GB", "--keep", "d", "--threads", "2"};
  REQUIRE(demo_parser(demo).parse(demo_args));
  CHECK(demo.family == "f");
  CHECK(demo.size_nbytes == 1'000'000'000U);
  CHECK(demo.keep == "d");
  CHECK(demo.machine.threads == 2);
}

/// The action with its operands, or the error's message.
std::string rules_outcome(const Arguments& args) {
  RulesOptions o;
  const auto parsed = RulesParser(o).parse(args);
  if (!parsed)
    return parsed.error().message +
           (parsed.error().hint.empty() ? "" : " | " + parsed.error().hint);
  switch (o.action) {
    case RulesOptions::Action::List:
      return "list";
    case RulesOptions::Action::Show:
      return cat("show ", o.family, " ", o.framework);
    case RulesOptions::Action::Check:
      return cat("check ", o.folders.size());
  }
  return "";
}

TEST_CASE("cli/options: rules has three actions with their operands") {
  CHECK(rules_outcome({"list"}) == "list");
  CHECK(rules_outcome({"show", "a", "b", "--rules", "c"}) == "show a b");
  CHECK(rules_outcome({"check", "a", "b"}) == "check 2");
  CHECK(rules_outcome({"list", "a"}) == "'rules list' needs nothing more");
  CHECK(rules_outcome({"show", "a"}) == "'rules show' needs a family and a framework");
  CHECK(rules_outcome({"check"}) == "'rules check' needs at least one folder");
  CHECK(rules_outcome({"lst"}) ==
        "'rules' has no action 'lst', expected 'list', 'show' or 'check' | did you mean 'rules "
        "list'?");
}

}  // namespace
}  // namespace recast::cli
