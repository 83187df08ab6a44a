#include "engine/checkpoint/args_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/checkpoint/json.hpp"

namespace recast::checkpoint {
namespace {

using Json = nlohmann::ordered_json;
using tensor::Value;

std::string dotted(const tensor::Symbol& symbol) {
  return symbol.module + "." + symbol.name;
}

tensor::Symbol symbol_of(const std::string& text) {
  const std::size_t dot = text.rfind('.');
  return {text.substr(0, dot == std::string::npos ? 0 : dot),
          text.substr(dot == std::string::npos ? 0 : dot + 1)};
}

/// An object that is its class called with integers: an enumerator, a torch.Size.
struct Made {
  tensor::Symbol symbol;
  std::vector<std::int64_t> args;
};

std::optional<Made> made_of(const Value& value) {
  const auto* object = value.get_if<tensor::Object>();
  if (object == nullptr || object->how != tensor::Object::How::Reduce || !object->state.empty() ||
      !object->items.empty() || !object->pairs.empty() || object->callee.empty() ||
      object->args.empty())
    return std::nullopt;
  const auto* symbol = object->callee.front().get_if<tensor::Symbol>();
  const auto* args = object->args.front().get_if<tensor::Sequence>();
  if (symbol == nullptr || args == nullptr) return std::nullopt;
  Made made{*symbol, {}};
  for (const Value& arg : args->items) {
    const auto* integer = arg.get_if<std::int64_t>();
    if (integer == nullptr) return std::nullopt;
    made.args.push_back(*integer);
  }
  return made;
}

Value object_of(const Made& made) {
  tensor::Object object;
  object.callee.emplace_back(made.symbol);
  tensor::Sequence args{tensor::Sequence::Kind::Tuple, {}};
  for (const std::int64_t arg : made.args)
    args.items.emplace_back(arg);
  object.args.emplace_back(std::move(args));
  return object;
}

std::string text_of(const rules::ArgsFileRule& rule, const Value& value) {
  if (const auto* symbol = value.get_if<tensor::Symbol>()) return dotted(*symbol);
  const auto made = made_of(value);
  if (!made) return tensor::print(value, 100'000);
  for (const rules::ArgsClass& known : rule.classes)
    if (known.symbol == made->symbol && made->args.size() == 1)
      for (const auto& [name, number] : known.values)
        if (number == made->args.front()) return made->symbol.name + "." + name;
  std::string out = dotted(made->symbol) + "(";
  for (std::size_t i = 0; i < made->args.size(); ++i)
    out += (i > 0 ? ", " : "") + std::to_string(made->args[i]);
  return out + ")";
}

Json to_json(const rules::ArgsFileRule& rule, const Value& value) {
  if (value.is_null()) return nullptr;
  if (const auto* flag = value.get_if<bool>()) return *flag;
  if (const auto* integer = value.get_if<std::int64_t>()) return *integer;
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* number = value.get_if<double>()) {
    if (std::isfinite(*number)) return *number;
    return tensor::print(value);
  }
  if (const auto* list = value.get_if<tensor::Sequence>()) {
    Json out = Json::array();
    for (const Value& item : list->items)
      out.push_back(to_json(rule, item));
    return out;
  }
  if (const auto* mapping = value.get_if<tensor::Mapping>()) {
    Json out = Json::object();
    for (const auto& [key, item] : mapping->entries) {
      const auto* text = key.get_if<std::string>();
      out[text != nullptr ? *text : tensor::print(key)] = to_json(rule, item);
    }
    return out;
  }
  if (const auto made = made_of(value); made && made->args.size() == 1)
    if (std::find(rule.numbers.begin(), rule.numbers.end(), dotted(made->symbol)) !=
        rule.numbers.end())
      return made->args.front();
  return text_of(rule, value);
}

/// `module.Class(1, 2)`.
std::optional<Made> parse_made(const std::string& text) {
  const std::size_t open = text.find('(');
  if (open == std::string::npos || text.back() != ')') return std::nullopt;
  const std::string name = text.substr(0, open);
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
  };
  if (name.find('.') == std::string::npos || !std::all_of(name.begin(), name.end(), is_word))
    return std::nullopt;
  Made made{symbol_of(name), {}};
  const char* at = text.data() + open + 1;
  const char* end = text.data() + text.size() - 1;
  while (at < end) {
    std::int64_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return std::nullopt;
    made.args.push_back(number);
    at = next;
    if (at == end) break;
    if (*at++ != ',') return std::nullopt;
    if (at < end && *at == ' ') ++at;
  }
  return made;
}

Value restored(const rules::ArgsFileRule& rule, Value value) {
  if (auto* list = value.get_if<tensor::Sequence>()) {
    for (Value& item : list->items)
      item = restored(rule, std::move(item));
    return value;
  }
  if (auto* mapping = value.get_if<tensor::Mapping>()) {
    for (auto& [key, item] : mapping->entries)
      item = restored(rule, std::move(item));
    return value;
  }
  const auto* text = value.get_if<std::string>();
  if (text == nullptr || text->empty()) return value;
  if (std::find(rule.symbols.begin(), rule.symbols.end(), *text) != rule.symbols.end())
    return symbol_of(*text);
  for (const rules::ArgsClass& known : rule.classes)
    for (const auto& [name, number] : known.values)
      if (*text == known.symbol.name + "." + name) return object_of({known.symbol, {number}});
  // Of other classes it stays a text: what is written here is called when a checkpoint is loaded.
  if (const auto made = parse_made(*text))
    if (std::any_of(rule.classes.begin(), rule.classes.end(),
                    [&](const rules::ArgsClass& known) { return known.symbol == made->symbol; }))
      return object_of(*made);
  return value;
}

}  // namespace

std::string print_args(const rules::ArgsFileRule& rule, const Value& config) {
  Json out = Json::object();
  if (const auto* fields = tensor::fields_of(config))
    for (const auto& [key, value] : *fields)
      if (const auto* name = key.get_if<std::string>()) out[*name] = to_json(rule, value);
  return out.dump(2, ' ', true, Json::error_handler_t::replace);
}

Result<Value> parse_args(const rules::ArgsFileRule& rule, const std::string& text,
                         const std::string& file) {
  RECAST_ASSIGN(Value value, parse_json(text, file));
  if (value.get_if<tensor::Mapping>() == nullptr)
    return make_diagnostic(Code::format_json, "the arguments are no object of JSON")
        .in(file)
        .suggest("expected one object with a field per argument");
  return restored(rule, std::move(value));
}

}  // namespace recast::checkpoint
