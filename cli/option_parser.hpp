#pragma once
// A command's arguments, options and help text, declared once. Hides the option library; all
// wording is ours.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "engine/base/result.hpp"

namespace recast::cli {

/// Takes one value of an option; `option` is its name with dashes, for messages. Errors:
/// usage.bad-value.
using Take = std::function<Result<void>(std::string_view option, const std::string& value)>;

enum class Parsed { Run, HelpWanted };

/// References given to it must live until `parse` returns. Names carry their dashes (`--tp`), or
/// none for arguments.
class OptionParser {
 public:
  /// `name` and `summary` as in the table of commands.
  OptionParser(std::string_view name, std::string_view summary);

  /// Arguments by position, in the order of the calls. A list takes all that remain and must be the
  /// last.
  void argument(std::string name, std::string help, std::string& into);
  void arguments(std::string name, std::string help, std::vector<std::string>& into);

  /// Options declared from here on stand under this title in the help.
  void title(std::string title);
  void flag(std::string name, std::string help, bool& into);
  /// At most once.
  void option(std::string name, std::string value_name, std::string help, Take take);
  /// Must be given.
  void required_option(std::string name, std::string value_name, std::string help, Take take);
  /// Any number of times; `take` sees the values in order.
  void repeated_option(std::string name, std::string value_name, std::string help, Take take);
  /// One of `first` and any of `others` cannot stand together.
  void exclusive(std::string first, std::initializer_list<std::string> others);

  /// Fills what the options are bound to. `--help` (or `-h`) wins over everything.
  /// Errors: usage.*, the first that is met: unknown options, then arguments, then values.
  Result<Parsed> parse(Args args) const;

  std::string help() const;

 private:
  enum class Kind { Argument, Arguments, Flag, Option };
  struct Entry {
    Kind kind;
    std::string name;
    std::string value_name;
    std::string help;
    std::string title;
    Take take;
    bool required = false;
    bool repeatable = false;
    bool* flag = nullptr;
  };
  struct Found {  // parallel to entries_
    std::vector<std::string> values;
    bool flag = false;
  };
  void add_option(std::string name, std::string value_name, std::string help, Take take,
                  bool required, bool repeatable);
  Result<void> check_values(Args options) const;
  Diagnostic unknown_option(std::string_view argument) const;
  Result<void> distribute(const std::vector<std::string>& arguments,
                          std::vector<Found>& found) const;
  Result<void> check(const std::vector<Found>& found) const;
  Result<void> take(const std::vector<Found>& found) const;

  std::string name_, summary_, title_;
  std::vector<Entry> entries_;
  std::vector<std::vector<std::string>> exclusive_;
};

// ---- values

Take take_text(std::string& into);
Take take_text(std::optional<std::string>& into);
Take take_texts(std::vector<std::string>& into);
/// A whole number from `least` to `most`.
Take take_whole(std::optional<std::int64_t>& into, std::int64_t least, std::int64_t most);
/// A finite number of at least 0.
Take take_number(std::optional<double>& into);
/// Bytes: 5GB, 256MiB, 1000000; at least 1.
Take take_size(std::optional<std::uint64_t>& into);
/// One of a few words.
Take take_word(std::string& into, std::initializer_list<std::string_view> words);
/// Whole numbers with commas between them, each at least 0.
Take take_wholes(std::vector<std::int64_t>& into);

}  // namespace recast::cli
