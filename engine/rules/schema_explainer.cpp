#include "engine/rules/schema_explainer.hpp"

#include "engine/base/spell.hpp"
#include "engine/rules/schema_words.hpp"

#include <algorithm>
#include <optional>
#include <regex>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace recast::rules {
namespace {

using Json = nlohmann::json;

/// Scalars as the author would write them, text in quotes.
std::string shown(const Json& value) {
  return value.is_string() ? in_quotes(value.get<std::string>()) : value.dump();
}

std::string type_name(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return "boolean";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return "integer";
    case Json::value_t::number_float:
      return "number";
    case Json::value_t::string:
      return "string";
    case Json::value_t::array:
      return "array";
    default:
      return "object";
  }
}

std::vector<std::string> types_of(const Json& schema) {
  const auto type = schema.find("type");
  if (type == schema.end()) return {};
  if (type->is_string()) return {type->get<std::string>()};
  return type->get<std::vector<std::string>>();
}

bool has_type(const Json& value, std::string_view type) {
  return type_name(value) == type || (type == "number" && value.is_number());
}

/// How messages name a node: by the key that leads to it, and where that key stands.
struct Subject {
  std::string name;  // "the file", "'sizes'", "item 2 of 'shard'"
  SourceSpan span;
};

class Explainer {
 public:
  explicit Explainer(const Json& root) : root_(root) {}

  std::vector<Diagnostic> explain(const YamlNode& document, const Json& value) const {
    std::vector<Diagnostic> out;
    const SourceSpan start = document.span.sub(0, 0);
    check(document, value, root_, {"the file", start}, out);
    return out;
  }

 private:
  using Problems = std::vector<Diagnostic>;

  static Diagnostic problem(const SourceSpan& at, std::string message) {
    return make_diagnostic(Code::rule_schema, std::move(message)).at(at);
  }

  const Json& resolve(const Json& schema) const {
    const Json* at = &schema;
    // A chain of references is short; a circle of them would be a defect of the schema.
    for (int step = 0; step < 16 && at->is_object() && at->contains("$ref"); ++step)
      at = &root_.at(Json::json_pointer(at->at("$ref").get<std::string>().substr(1)));
    return *at;
  }

  void check(const YamlNode& node, const Json& value, const Json& unresolved,
             const Subject& subject, Problems& out) const {
    const Json& schema = resolve(unresolved);
    if (!schema.is_object()) {
      if (schema == Json(false))
        out.push_back(problem(subject.span, cat(subject.name, " is not allowed here")));
      return;
    }
    if (!check_type(node, value, schema, subject, out)) return;
    check_choice(node, value, schema, subject, out);
    if (value.is_string()) check_text(node, value, schema, subject, out);
    if (value.is_number()) check_number(node, value, schema, subject, out);
    if (value.is_array()) check_items(node, value, schema, subject, out);
    if (value.is_object()) check_entries(node, value, schema, subject, out);
    for (const char* word : {"anyOf", "oneOf"})
      if (schema.contains(word)) check_forms(node, value, schema.at(word), subject, out);
    if (schema.contains("allOf"))
      for (const Json& part : schema.at("allOf"))
        check(node, value, part, subject, out);
    if (schema.contains("if")) {
      Problems unmet;
      check(node, value, schema.at("if"), subject, unmet);
      const char* branch = unmet.empty() ? "then" : "else";
      if (schema.contains(branch)) check(node, value, schema.at(branch), subject, out);
    }
  }

  static bool check_type(const YamlNode& node, const Json& value, const Json& schema,
                         const Subject& subject, Problems& out) {
    const std::vector<std::string> types = types_of(schema);
    const auto fits = [&](const std::string& type) { return has_type(value, type); };
    if (types.empty() || std::any_of(types.begin(), types.end(), fits)) return true;
    std::vector<std::string> words;
    for (const std::string& type : types)
      words.push_back(type_word(type));
    out.push_back(wrong_type(node, value, subject, words));
    return false;
  }

  static Diagnostic wrong_type(const YamlNode& node, const Json& value, const Subject& subject,
                               const std::vector<std::string>& expected) {
    std::string is = type_word(type_name(value));
    if (value.is_boolean() || value.is_number()) is = shown(value);
    Diagnostic out =
        problem(value.is_null() && node.span.text().empty() ? subject.span : place_of(node),
                cat(subject.name, " is ", is, ", expected ", alternatives(expected)));
    if (expected == std::vector<std::string>{"text"} && node.kind == YamlNode::Kind::Scalar)
      out.suggest("put it in quotes");
    return out;
  }

  /// Of a collection only the place where it begins: the rest would be many lines.
  static SourceSpan place_of(const YamlNode& node) {
    const bool scalar = node.kind == YamlNode::Kind::Scalar || node.kind == YamlNode::Kind::Null;
    return scalar ? node.span : node.span.sub(0, 1);
  }

  static void check_choice(const YamlNode& node, const Json& value, const Json& schema,
                           const Subject& subject, Problems& out) {
    std::vector<Json> choices;
    if (schema.contains("enum")) choices = schema.at("enum").get<std::vector<Json>>();
    if (schema.contains("const")) choices.push_back(schema.at("const"));
    if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end())
      return;
    std::vector<std::string> words;
    std::vector<std::string> names;
    for (const Json& choice : choices) {
      words.push_back(shown(choice));
      if (choice.is_string()) names.push_back(choice.get<std::string>());
    }
    const std::string is = value.is_structured() ? type_word(type_name(value)) : shown(value);
    Diagnostic fault =
        problem(place_of(node), cat(subject.name, " is ", is, ", expected ", alternatives(words)));
    if (value.is_string())
      if (const auto near = nearest(value.get<std::string>(), names))
        fault.suggest(cat("write ", in_quotes(*near)));
    out.push_back(std::move(fault));
  }

  static void check_text(const YamlNode& node, const Json& value, const Json& schema,
                         const Subject& subject, Problems& out) {
    const auto text = value.get<std::string>();
    if (text.empty() && schema.value("minLength", 0) > 0) {
      out.push_back(problem(subject.span, cat(subject.name, " is empty, expected text")));
      return;
    }
    if (!matches(text, schema))
      out.push_back(problem(place_of(node), cat(subject.name, " is ", in_quotes(text),
                                                ", expected ", described(schema))));
  }

  static bool matches(const std::string& text, const Json& schema) {
    if (!schema.contains("pattern")) return true;
    return std::regex_search(text, std::regex(schema.at("pattern").get<std::string>()));
  }

  static std::string described(const Json& schema) {
    if (schema.contains("description")) return schema.at("description").get<std::string>();
    return cat("text that matches ", schema.at("pattern").get<std::string>());
  }

  static void check_number(const YamlNode& node, const Json& value, const Json& schema,
                           const Subject& subject, Problems& out) {
    const auto number = value.get<double>();
    const auto fault = [&](const char* keyword, const char* words, bool broken) {
      if (broken)
        out.push_back(problem(place_of(node), cat(subject.name, " is ", shown(value), ", expected ",
                                                  words, " ", shown(schema.at(keyword)))));
    };
    fault("minimum", "at least", number < schema.value("minimum", number));
    fault("maximum", "at most", number > schema.value("maximum", number));
    if (schema.contains("exclusiveMinimum"))
      fault("exclusiveMinimum", "more than", number <= schema.value("exclusiveMinimum", number));
    if (schema.contains("exclusiveMaximum"))
      fault("exclusiveMaximum", "less than", number >= schema.value("exclusiveMaximum", number));
  }

  static void check_count(const char* what, const char* least, const char* most, std::size_t count,
                          const Json& schema, const Subject& subject, Problems& out) {
    const auto fault = [&](const char* words, std::size_t limit) {
      out.push_back(problem(subject.span, cat(subject.name, " has ", count, " ", what,
                                              ", expected ", words, " ", limit)));
    };
    if (const auto limit = schema.value(least, count); count < limit) fault("at least", limit);
    if (const auto limit = schema.value(most, count); count > limit) fault("at most", limit);
  }

  void check_items(const YamlNode& node, const Json& value, const Json& schema,
                   const Subject& subject, Problems& out) const {
    check_count("items", "minItems", "maxItems", node.items.size(), schema, subject, out);
    const auto items = schema.find("items");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& item = node.items[i];
      const Subject inner{cat("item ", i + 1, " of ", subject.name), place_of(item)};
      if (items != schema.end() && !items->is_array()) check(item, value.at(i), *items, inner, out);
      if (items != schema.end() && items->is_array() && i < items->size())
        check(item, value.at(i), items->at(i), inner, out);
      if (!schema.value("uniqueItems", false)) continue;
      const auto begin = value.begin();
      const auto same =
          std::find(begin, begin + static_cast<std::ptrdiff_t>(i), value.at(i)) - begin;
      if (same < static_cast<std::ptrdiff_t>(i))
        out.push_back(problem(inner.span, cat(inner.name, " repeats item ", same + 1)));
    }
  }

  void check_entries(const YamlNode& node, const Json& value, const Json& schema,
                     const Subject& subject, Problems& out) const {
    check_count("entries", "minProperties", "maxProperties", node.entries.size(), schema, subject,
                out);
    for (const YamlNode::Entry& entry : node.entries)
      check_entry(entry, value, schema, subject, out);
    if (schema.contains("required"))
      for (const auto& name : schema.at("required").get<std::vector<std::string>>())
        if (!value.contains(name))
          out.push_back(problem(subject.span, cat(subject.name, " has no key ", in_quotes(name))));
  }

  void check_entry(const YamlNode::Entry& entry, const Json& value, const Json& schema,
                   const Subject& subject, Problems& out) const {
    const std::string& key = entry.key.scalar;
    const Json& inside = value.at(key);
    const Subject inner{in_quotes(key), entry.key.span};
    if (schema.contains("propertyNames")) {
      const Json& names = resolve(schema.at("propertyNames"));
      if (!matches(key, names))
        out.push_back(
            problem(entry.key.span, cat("key ", in_quotes(key), " is not ", described(names))));
    }
    bool known = false;
    if (const auto properties = schema.find("properties"); properties != schema.end())
      if (const auto at = properties->find(key); at != properties->end()) {
        known = true;
        check(entry.value, inside, *at, inner, out);
      }
    if (const auto patterns = schema.find("patternProperties"); patterns != schema.end())
      for (const auto& [pattern, form] : patterns->items())
        if (std::regex_search(key, std::regex(pattern))) {
          known = true;
          check(entry.value, inside, form, inner, out);
        }
    const auto others = schema.find("additionalProperties");
    if (known || others == schema.end()) return;
    if (*others == Json(false)) {
      out.push_back(unknown_key(entry.key, schema, subject));
    } else {
      check(entry.value, inside, *others, inner, out);
    }
  }

  static Diagnostic unknown_key(const YamlNode& key, const Json& schema, const Subject& subject) {
    std::vector<std::string> known;
    if (schema.contains("properties"))
      for (const auto& [name, form] : schema.at("properties").items())
        known.push_back(name);
    Diagnostic out =
        problem(key.span, cat("key ", in_quotes(key.scalar), " is not known in ", subject.name));
    if (const auto near = nearest(key.scalar, known)) {
      out.suggest(cat("write ", in_quotes(*near)));
    } else if (!known.empty()) {
      out.suggest(cat("keys that are known here: ", listed(known)));
    }
    return out;
  }

  /// A value may have one of several forms: the one that it comes nearest to is what its author had
  /// in mind.
  void check_forms(const YamlNode& node, const Json& value, const Json& forms,
                   const Subject& subject, Problems& out) const {
    std::optional<Problems> best;
    std::vector<std::string> expected;
    for (const Json& unresolved : forms) {
      const Json& form = resolve(unresolved);
      Problems own;
      if (Problems wrong; form.is_object() && !check_type(node, value, form, subject, wrong)) {
        for (const std::string& type : types_of(form)) {
          const std::string word = type_word(type);
          if (std::find(expected.begin(), expected.end(), word) == expected.end())
            expected.push_back(word);
        }
        continue;
      }
      check(node, value, form, subject, own);
      if (own.empty()) return;
      if (!best || own.size() < best->size()) best = std::move(own);
    }
    if (!best) {
      out.push_back(wrong_type(node, value, subject, expected));
    } else {
      out.insert(out.end(), best->begin(), best->end());
    }
  }

  const Json& root_;
};

}  // namespace

std::vector<Diagnostic> explain_schema(const YamlNode& document, std::string_view value_json,
                                       std::string_view schema_json) {
  const Json schema = Json::parse(schema_json, nullptr, false);
  const Json value = Json::parse(value_json, nullptr, false);
  RECAST_CHECK(!schema.is_discarded() && !value.is_discarded(), "what was JSON is none");
  return Explainer(schema).explain(document, value);
}

}  // namespace recast::rules
