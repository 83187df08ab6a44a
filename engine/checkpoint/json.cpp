#include "engine/checkpoint/json.hpp"

#include <nlohmann/json.hpp>

namespace recast::checkpoint {
namespace {

using Json = nlohmann::ordered_json;
using tensor::Value;

/// Configurations nest a few levels; what nests deeper than this would exhaust the stack.
constexpr int kDeepest = 256;

Value to_value(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
      return json.get<std::int64_t>();
    case Json::value_t::number_unsigned: {
      const auto number = json.get<std::uint64_t>();
      if (number > static_cast<std::uint64_t>(INT64_MAX)) return static_cast<double>(number);
      return static_cast<std::int64_t>(number);
    }
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return json.get<std::string>();
    case Json::value_t::array: {
      tensor::Sequence list;
      for (const Json& item : json)
        list.items.push_back(to_value(item));
      return list;
    }
    case Json::value_t::object: {
      tensor::Mapping mapping;
      for (const auto& [key, item] : json.items())
        mapping.entries.emplace_back(Value(key), to_value(item));
      return mapping;
    }
    default:
      return {};
  }
}

nlohmann::json to_json(const Value& value) {
  if (value.is_null()) return nullptr;
  if (const auto* flag = value.get_if<bool>()) return *flag;
  if (const auto* integer = value.get_if<std::int64_t>()) return *integer;
  if (const auto* number = value.get_if<double>()) return *number;
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* symbol = value.get_if<tensor::Symbol>())
    return symbol->module + "." + symbol->name;
  if (const auto* list = value.get_if<tensor::Sequence>()) {
    nlohmann::json out = nlohmann::json::array();
    for (const Value& item : list->items)
      out.push_back(to_json(item));
    return out;
  }
  if (const auto* fields = tensor::fields_of(value)) {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [key, item] : *fields) {
      const auto* text = key.get_if<std::string>();
      out[text != nullptr ? *text : tensor::print(key)] = to_json(item);
    }
    return out;
  }
  return tensor::print(value, 100'000);
}

}  // namespace

Result<Value> parse_json(const std::string& text, const std::string& file) {
  try {
    bool too_deep = false;
    const auto keep = [&](int depth, Json::parse_event_t, Json&) {
      too_deep = too_deep || depth > kDeepest;
      return !too_deep;
    };
    const Json json = Json::parse(text, keep);
    if (too_deep)
      return make_diagnostic(Code::format_json,
                             cat("this nests more than ", kDeepest, " levels deep"))
          .in(file)
          .suggest("compare the file with its original; it may be damaged");
    return to_value(json);
  } catch (const Json::parse_error& error) {
    return make_diagnostic(Code::format_json, "this is no JSON from here on")
        .in(file, error.byte)
        .suggest("compare the file with its original; it may be truncated");
  } catch (const Json::exception&) {
    return make_diagnostic(Code::format_json, "this is no JSON").in(file);
  }
}

std::string print_json(const Value& value) {
  return to_json(value).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace recast::checkpoint
