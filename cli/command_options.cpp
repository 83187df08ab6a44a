// What each command takes.

#include "cli/convert_options.hpp"
#include "cli/demo_options.hpp"
#include "cli/inspect_options.hpp"
#include "cli/plan_options.hpp"
#include "cli/rules_options.hpp"
#include "cli/verify_options.hpp"
#include "engine/base/spell.hpp"

namespace recast::cli {

OptionParser convert_parser(ConvertOptions& options) {
  OptionParser parser("convert",
                      "Write a checkpoint in another framework's form or another parallel layout.");
  parser.argument("SOURCE", "a checkpoint: a folder or a file", options.source_path);
  parser.argument("OUT", "a folder that is empty or not there", options.output_folder);
  declare(parser, options.target);
  parser.flag("--allow-overflow",
              "values beyond the range of --dtype become infinite (default: refused)",
              options.allow_overflow);
  declare(parser, options.source);
  parser.flag("--check-replicas", "read and compare every copy of what is stored more than once",
              options.check_replicas);
  declare(parser, options.machine);
  declare(parser, options.output);
  parser.flag("--dry-run", "plan and prove, but write nothing", options.dry_run);
  return parser;
}

OptionParser plan_parser(PlanOptions& options) {
  OptionParser parser("plan", "Say what convert would do. Reads headers only.");
  parser.argument("SOURCE", "a checkpoint, or its configuration alone", options.source_path);
  declare(parser, options.target);
  declare(parser, options.source);
  declare(parser, options.output);
  parser.flag("--all", "every tensor of every file", options.all);
  return parser;
}

OptionParser verify_parser(VerifyOptions& options) {
  OptionParser parser(
      "verify",
      "Compare two checkpoints of whatever frameworks and parallel layouts, bit for bit.");
  parser.argument("A", "a checkpoint", options.left_path);
  parser.argument("B", "another", options.right_path);
  parser.title("Comparison");
  parser.option("--atol", "NUMBER", "allow |a - b| up to this, plus",
                take_number(options.absolute));
  parser.option("--rtol", "NUMBER", "this times |b|", take_number(options.relative));
  parser.flag("--check-replicas", "read and compare every copy of what is stored more than once",
              options.check_replicas);
  declare(parser, options.source);
  declare(parser, options.machine);
  declare(parser, options.output);
  return parser;
}

OptionParser inspect_parser(InspectOptions& options) {
  OptionParser parser(
      "inspect", "Say what a file or a checkpoint holds. Reads headers only and runs nothing.");
  parser.argument("PATH", "any file of a known container, or a checkpoint's folder", options.path);
  declare(parser, options.source);
  declare(parser, options.output);
  parser.flag("--tensors", "list every tensor", options.tensors);
  parser.flag("--all", "list everything", options.all);
  return parser;
}

OptionParser demo_parser(DemoOptions& options) {
  OptionParser parser("demo",
                      "Make a checkpoint of random weights, plan, convert, verify and show it.");
  parser.title("Demo");
  parser.option("--family", "FAMILY", "the model's family (default: llama)",
                take_text(options.family));
  parser.option("--size", "SIZE", "bytes of the model, roughly (default: about 300MB)",
                take_size(options.size_nbytes));
  parser.option("--keep", "DIR", "leave everything in this folder", take_text(options.keep));
  declare(parser, options.machine);
  declare(parser, options.output);
  return parser;
}

RulesParser::RulesParser(RulesOptions& options)
    : options_(options), parser_("rules", "List, show or check the rules.") {
  parser_.argument("ACTION", "'list', 'show' or 'check'", action_);
  parser_.arguments("OPERAND", "of show: FAMILY FRAMEWORK; of check: folders with rules",
                    operands_);
  parser_.title("Rules");
  parser_.repeated_option("--rules", "DIR", "add rules, or override those that are there",
                          take_texts(options_.rules));
  declare(parser_, options_.output);
}

Result<Parsed> RulesParser::parse(Args args) {
  RECAST_ASSIGN(const Parsed parsed, parser_.parse(args));
  if (parsed == Parsed::HelpWanted) return parsed;
  const auto wrong_count = [&](std::size_t least, std::string_view expected) {
    return make_diagnostic(
        operands_.size() < least ? Code::usage_missing : Code::usage_unexpected_argument,
        cat("'rules ", action_, "' needs ", expected));
  };
  if (action_ == "list") {
    options_.action = RulesOptions::Action::List;
    if (!operands_.empty()) return wrong_count(0, "nothing more");
  } else if (action_ == "show") {
    options_.action = RulesOptions::Action::Show;
    if (operands_.size() != 2) return wrong_count(2, "a family and a framework");
    options_.family = operands_[0];
    options_.framework = operands_[1];
  } else if (action_ == "check") {
    options_.action = RulesOptions::Action::Check;
    if (operands_.empty()) return wrong_count(1, "at least one folder");
    options_.folders = operands_;
  } else {
    Diagnostic error = make_diagnostic(
        Code::usage_bad_value,
        cat("'rules' has no action '", action_, "', expected 'list', 'show' or 'check'"));
    const std::vector<std::string> known{"list", "show", "check"};
    if (const auto near = nearest(action_, known))
      error.suggest(cat("did you mean 'rules ", *near, "'?"));
    return error;
  }
  return parsed;
}

}  // namespace recast::cli
