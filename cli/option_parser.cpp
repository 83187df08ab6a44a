#include "cli/option_parser.hpp"

#include <algorithm>
#include <utility>

#include <CLI/CLI.hpp>

#include "engine/base/spell.hpp"

namespace recast::cli {
namespace {

Diagnostic usage(Code code, std::string message, std::string_view command) {
  return make_diagnostic(code, std::move(message))
      .suggest(cat("see 'recast ", command, " --help'"));
}

/// `--tp=4` -> `--tp`.
std::string_view option_name(std::string_view argument) {
  return argument.substr(0, argument.find('='));
}

bool looks_like_option(std::string_view argument) {
  return argument.size() > 1 && argument.front() == '-';
}

/// Puts `right` beside `left` in a column, with its lines broken at words.
void append_row(std::string& out, std::string_view left, std::string_view right) {
  constexpr std::size_t kLeft = 28, kWidth = 100;
  std::string line = cat("  ", left);
  if (line.size() + 2 > kLeft) {
    out += cat(line, '\n');
    line.clear();
  }
  line.resize(std::max(line.size(), kLeft), ' ');
  bool fresh = true;
  while (!right.empty()) {
    const std::size_t end = std::min(right.find(' '), right.size());
    if (!fresh && line.size() + 1 + end > kWidth) {
      out += cat(line, '\n');
      line.assign(kLeft, ' ');
      fresh = true;
    }
    if (!fresh) line += ' ';
    line += right.substr(0, end);
    fresh = false;
    right.remove_prefix(std::min(end + 1, right.size()));
  }
  out += cat(line, '\n');
}

}  // namespace

OptionParser::OptionParser(std::string_view name, std::string_view summary)
    : name_(name), summary_(summary) {}

void OptionParser::argument(std::string name, std::string help, std::string& into) {
  entries_.push_back(
      {Kind::Argument, std::move(name), "", std::move(help), "", take_text(into), true});
}

void OptionParser::arguments(std::string name, std::string help, std::vector<std::string>& into) {
  entries_.push_back({Kind::Arguments, std::move(name), "", std::move(help), "", take_texts(into)});
}

void OptionParser::title(std::string title) {
  title_ = std::move(title);
}

void OptionParser::flag(std::string name, std::string help, bool& into) {
  entries_.push_back(
      {Kind::Flag, std::move(name), "", std::move(help), title_, {}, false, true, &into});
}

void OptionParser::option(std::string name, std::string value_name, std::string help, Take take) {
  add_option(std::move(name), std::move(value_name), std::move(help), std::move(take), false,
             false);
}

void OptionParser::required_option(std::string name, std::string value_name, std::string help,
                                   Take take) {
  add_option(std::move(name), std::move(value_name), std::move(help), std::move(take), true, false);
}

void OptionParser::repeated_option(std::string name, std::string value_name, std::string help,
                                   Take take) {
  add_option(std::move(name), std::move(value_name), std::move(help), std::move(take), false, true);
}

void OptionParser::add_option(std::string name, std::string value_name, std::string help, Take take,
                              bool required, bool repeatable) {
  entries_.push_back({Kind::Option, std::move(name), std::move(value_name), std::move(help), title_,
                      std::move(take), required, repeatable});
}

void OptionParser::exclusive(std::string first, std::initializer_list<std::string> others) {
  exclusive_.push_back({std::move(first)});
  exclusive_.back().insert(exclusive_.back().end(), others);
}

Result<Parsed> OptionParser::parse(Args args) const {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<Found> found(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.kind == Kind::Flag) app.add_flag(entry.name, found[i].flag);
    if (entry.kind != Kind::Option) continue;
    // One value per occurrence: a list must not swallow the arguments that follow it.
    app.add_option(entry.name, found[i].values)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  // What follows `--` is arguments only; what the library leaves over is arguments or unknown
  // options.
  const auto end = std::find(args.begin(), args.end(), "--");
  const Args options = args.first(static_cast<std::size_t>(end - args.begin()));
  for (const std::string& option : options)
    if (option == "--help" || option == "-h") return Parsed::HelpWanted;
  RECAST_TRY(check_values(options));
  try {
    app.parse(std::vector<std::string>(options.rbegin(),
                                       options.rend()));  // reversed, as the library wants them
  } catch (const CLI::Error& error) {
    return usage(Code::usage_bad_value, error.what(), name_);
  }
  std::vector<std::string> arguments = app.remaining();
  for (const std::string& argument : arguments)
    if (looks_like_option(argument)) return unknown_option(argument);
  if (end != args.end()) arguments.insert(arguments.end(), end + 1, args.end());
  RECAST_TRY(distribute(arguments, found));
  RECAST_TRY(check(found));
  RECAST_TRY(take(found));
  return Parsed::Run;
}

Result<void> OptionParser::check_values(Args options) const {
  const auto declared = [&](std::string_view name) {
    return std::find_if(entries_.begin(), entries_.end(),
                        [&](const Entry& e) { return e.name == name; });
  };
  for (std::size_t i = 0; i < options.size(); ++i) {
    const auto entry = declared(option_name(options[i]));
    if (entry == entries_.end()) continue;
    const bool has_value = options[i].size() > entry->name.size();
    if (entry->kind == Kind::Flag && has_value)
      return usage(Code::usage_bad_value, cat("option '", entry->name, "' takes no value"), name_);
    if (entry->kind != Kind::Option) continue;
    const bool is_empty = options[i].size() == entry->name.size() + 1;  // --tp=
    if (has_value && !is_empty) continue;
    // The library would take the next option for the value.
    if (is_empty || i + 1 == options.size() ||
        (looks_like_option(options[i + 1]) && declared(options[i + 1]) != entries_.end()))
      return usage(Code::usage_missing_value, cat("option '", entry->name, "' needs a value"),
                   name_);
    ++i;
  }
  return {};
}

Diagnostic OptionParser::unknown_option(std::string_view argument) const {
  const std::string name(option_name(argument));
  std::vector<std::string> known{"--help"};
  for (const Entry& entry : entries_)
    if (entry.kind == Kind::Flag || entry.kind == Kind::Option) known.push_back(entry.name);
  Diagnostic error =
      usage(Code::usage_unknown_option, cat("'", name_, "' has no option '", name, "'"), name_);
  if (const auto near = nearest(name, known)) error.suggest(cat("did you mean '", *near, "'?"));
  return error;
}

Result<void> OptionParser::distribute(const std::vector<std::string>& arguments,
                                      std::vector<Found>& found) const {
  std::size_t next = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Kind kind = entries_[i].kind;
    while (next < arguments.size() &&
           (kind == Kind::Arguments || (kind == Kind::Argument && found[i].values.empty())))
      found[i].values.push_back(arguments[next++]);
  }
  if (next == arguments.size()) return {};
  return usage(Code::usage_unexpected_argument,
               cat("'", arguments[next], "' is one argument too many for '", name_, "'"), name_);
}

Result<void> OptionParser::check(const std::vector<Found>& found) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const std::size_t count = found[i].values.size();
    if (entry.required && count == 0) {
      const std::string_view what = entry.kind == Kind::Option ? "option" : "argument";
      const std::string value = entry.value_name.empty() ? "" : cat(' ', entry.value_name);
      return usage(Code::usage_missing,
                   cat("'", name_, "' needs the ", what, " '", entry.name, value, "'"), name_);
    }
    if (entry.kind == Kind::Option && !entry.repeatable && count > 1)
      return usage(Code::usage_repeated,
                   cat("option '", entry.name, "' stands ", count, " times, expected once"), name_);
  }
  const auto is_given = [&](const std::string& name) {
    const auto at = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const Entry& e) { return e.name == name; });
    RECAST_CHECK(at != entries_.end(), cat("no option ", name));
    const Found& value = found[static_cast<std::size_t>(at - entries_.begin())];
    return value.flag || !value.values.empty();
  };
  for (const std::vector<std::string>& group : exclusive_) {
    if (!is_given(group.front())) continue;
    for (std::size_t i = 1; i < group.size(); ++i)
      if (is_given(group[i]))
        return usage(Code::usage_conflict,
                     cat("options '", group.front(), "' and '", group[i], "' exclude each other"),
                     name_);
  }
  return {};
}

Result<void> OptionParser::take(const std::vector<Found>& found) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].flag) *entries_[i].flag = found[i].flag;
    for (const std::string& value : found[i].values)
      RECAST_TRY(entries_[i].take(entries_[i].name, value));
  }
  return {};
}

std::string OptionParser::help() const {
  std::string out = cat("Usage: recast ", name_);
  bool has_options = false;
  for (const Entry& entry : entries_) {
    if (entry.kind == Kind::Argument) out += cat(' ', entry.name);
    if (entry.kind == Kind::Arguments) out += cat(" [", entry.name, "]…");
    if (entry.kind == Kind::Option && entry.required)
      out += cat(' ', entry.name, ' ', entry.value_name);
    has_options |= !entry.title.empty() && !entry.required;
  }
  out += cat(has_options ? " [options]\n\n" : "\n\n", "  ", summary_, "\n");
  std::string title;
  bool first_argument = true;
  for (const Entry& entry : entries_) {
    if (entry.kind == Kind::Argument || entry.kind == Kind::Arguments) {
      if (std::exchange(first_argument, false)) out += '\n';
      append_row(out, entry.name, entry.help);
      continue;
    }
    if (entry.title != title) {
      title = entry.title;
      out += cat('\n', title, "\n");
    }
    append_row(out, entry.value_name.empty() ? entry.name : cat(entry.name, ' ', entry.value_name),
               entry.help);
  }
  return out;
}

}  // namespace recast::cli
