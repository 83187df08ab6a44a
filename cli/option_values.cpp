#include <charconv>
#include <cmath>

#include "cli/option_parser.hpp"
#include "engine/base/byte_size.hpp"

namespace recast::cli {
namespace {

Diagnostic bad_value(std::string_view option, std::string_view value, const std::string& expected) {
  return make_diagnostic(Code::usage_bad_value,
                         cat("option '", option, "' is '", value, "', expected ", expected));
}

/// The whole of `text` as a number, without white space or a plus.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Take take_text(std::string& into) {
  return [&into](std::string_view, const std::string& value) -> Result<void> {
    into = value;
    return {};
  };
}

Take take_text(std::optional<std::string>& into) {
  return [&into](std::string_view, const std::string& value) -> Result<void> {
    into = value;
    return {};
  };
}

Take take_texts(std::vector<std::string>& into) {
  return [&into](std::string_view, const std::string& value) -> Result<void> {
    into.push_back(value);
    return {};
  };
}

Take take_whole(std::optional<std::int64_t>& into, std::int64_t least, std::int64_t most) {
  return [&into, least, most](std::string_view option, const std::string& value) -> Result<void> {
    into = parse_number<std::int64_t>(value);
    if (!into || *into < least || *into > most)
      return bad_value(option, value, cat("a whole number from ", least, " to ", most));
    return {};
  };
}

Take take_number(std::optional<double>& into) {
  return [&into](std::string_view option, const std::string& value) -> Result<void> {
    into = parse_number<double>(value);
    if (!into || !std::isfinite(*into) || *into < 0)
      return bad_value(option, value, "a number of at least 0");
    return {};
  };
}

Take take_size(std::optional<std::uint64_t>& into) {
  return [&into](std::string_view option, const std::string& value) -> Result<void> {
    into = parse_byte_size(value);
    if (!into || *into == 0)
      return bad_value(option, value, "a size such as 5GB, 256MiB or 1000000");
    return {};
  };
}

Take take_word(std::string& into, std::initializer_list<std::string_view> words) {
  return [&into, known = std::vector<std::string_view>(words)](
             std::string_view option, const std::string& value) -> Result<void> {
    std::string list;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (value == known[i]) {
        into = value;
        return {};
      }
      list += cat(i == 0 ? "" : i + 1 == known.size() ? " or " : ", ", "'", known[i], "'");
    }
    return bad_value(option, value, list);
  };
}

Take take_wholes(std::vector<std::int64_t>& into) {
  return [&into](std::string_view option, const std::string& value) -> Result<void> {
    std::string_view rest = value;
    while (true) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const auto number = parse_number<std::int64_t>(rest.substr(0, comma));
      if (!number || *number < 0)
        return bad_value(option, value, "whole numbers with commas between them");
      into.push_back(*number);
      if (comma == rest.size()) return {};
      rest.remove_prefix(comma + 1);
    }
  };
}

}  // namespace recast::cli
