// What the scalars of a YAML file mean.

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "engine/rules/yaml_source.hpp"

namespace recast::rules {
namespace {

/// A number of the core schema: digits with an optional sign, 0o17, 0x1f.
std::optional<std::int64_t> core_integer(std::string_view text) {
  int base = 10;
  if (text.starts_with("0o") || text.starts_with("0x")) {
    base = text[1] == 'o' ? 8 : 16;
    text.remove_prefix(2);
    if (text.starts_with('-')) return std::nullopt;
  } else if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value, base);
  if (fault != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<double> core_float(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view bare = negative || text.starts_with('+') ? text.substr(1) : text;
  if (bare == ".inf" || bare == ".Inf" || bare == ".INF")
    return negative ? -std::numeric_limits<double>::infinity()
                    : std::numeric_limits<double>::infinity();
  if (text == ".nan" || text == ".NaN" || text == ".NAN")
    return std::numeric_limits<double>::quiet_NaN();
  if (bare.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  // Without a point or an exponent it is an integer, if only one that does not fit.
  if (bare.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
  if (bare.empty() || bare.front() == '-' || bare.front() == '+') return std::nullopt;
  double value = 0;
  const char* end = bare.data() + bare.size();
  const auto [stop, fault] = std::from_chars(bare.data(), end, value);
  if (fault != std::errc{} || stop != end) return std::nullopt;
  return negative ? -value : value;
}

tensor::Value scalar_value(const YamlNode& node) {
  const std::string_view text = node.scalar;
  if (!node.plain) return text;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (const auto integer = core_integer(text)) return *integer;
  if (const auto number = core_float(text)) return *number;
  return text;
}

}  // namespace

tensor::Value to_value(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::Null:
      return tensor::Null{};
    case YamlNode::Kind::Scalar:
      return scalar_value(node);
    case YamlNode::Kind::Sequence: {
      tensor::Sequence sequence;
      for (const YamlNode& item : node.items)
        sequence.items.push_back(to_value(item));
      return sequence;
    }
    case YamlNode::Kind::Mapping:
      break;
  }
  tensor::Mapping mapping;
  for (const YamlNode::Entry& entry : node.entries)
    mapping.entries.emplace_back(tensor::Value(entry.key.scalar), to_value(entry.value));
  return mapping;
}

}  // namespace recast::rules
