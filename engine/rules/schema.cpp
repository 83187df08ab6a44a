#include "engine/rules/schema.hpp"

#include "engine/rules/schema_context.hpp"
#include "engine/rules/schema_explainer.hpp"
#include "engine/rules/schema_table.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace recast::rules {
namespace {

using Json = nlohmann::json;

Json to_json(const tensor::Value& value) {
  if (const auto* flag = value.get_if<bool>()) return *flag;
  if (const auto* integer = value.get_if<std::int64_t>()) return *integer;
  if (const auto* number = value.get_if<double>()) return *number;
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* sequence = value.get_if<tensor::Sequence>()) {
    Json out = Json::array();
    for (const tensor::Value& item : sequence->items)
      out.push_back(to_json(item));
    return out;
  }
  if (const auto* mapping = value.get_if<tensor::Mapping>()) {
    Json out = Json::object();
    for (const auto& [key, item] : mapping->entries)
      if (const auto* name = key.get_if<std::string>()) out[*name] = to_json(item);
    return out;
  }
  return nullptr;
}

/// In the validator's words, the innermost objection.
Diagnostic objection(const YamlNode& document, const valijson::ValidationResults& results) {
  const auto worst = std::max_element(
      results.begin(), results.end(),
      [](const auto& a, const auto& b) { return a.context.size() < b.context.size(); });
  if (worst == results.end())
    return make_diagnostic(Code::rule_schema, "the file has not the form that its schema asks for")
        .at(document.span.sub(0, 0));
  return make_diagnostic(Code::rule_schema, cat("not allowed by the schema: ", worst->description))
      .at(node_at(document, worst->context).span.sub(0, 1));
}

/// A schema as the validator takes it.
struct CompiledSchema {
  explicit CompiledSchema(std::string_view json)
      : text(json), document(Json::parse(json, nullptr, false)) {
    RECAST_CHECK(!document.is_discarded(), "a schema is not JSON");
    try {
      valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document),
                                              schema);
    } catch (const std::exception& fault) {
      RECAST_CHECK(false, cat("a schema cannot be used: ", fault.what()));
    }
  }

  std::string text;
  Json document;  // the compiled form points into it
  valijson::Schema schema;
};

/// Compiled when it is first asked for: every rule file is checked, against one of a few schemas.
const CompiledSchema& embedded(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, CompiledSchema> compiled;
  const auto text = schema_text(name);
  RECAST_CHECK(text.has_value(), cat("there is no schema '", name, "'"));
  const std::lock_guard lock(mutex);
  return compiled.try_emplace(std::string(name), *text).first->second;
}

void check(const YamlNode& document, const CompiledSchema& compiled, DiagnosticSink& sink) {
  const Json value = to_json(to_value(document));
  valijson::ValidationResults results;
  try {
    valijson::Validator validator;
    if (validator.validate(compiled.schema, valijson::adapters::NlohmannJsonAdapter(value),
                           &results))
      return;
  } catch (const std::exception& fault) {
    RECAST_CHECK(false, cat("a schema cannot be used: ", fault.what()));
  }
  // A rule file that is not UTF-8 may end up here; its faults still have their places.
  const std::string json = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::vector<Diagnostic> problems = explain_schema(document, json, compiled.text);
  if (problems.empty()) problems.push_back(objection(document, results));
  for (Diagnostic& problem : problems)
    sink.add(std::move(problem));
}

}  // namespace

std::optional<std::string_view> schema_text(std::string_view name) noexcept {
  for (const EmbeddedSchema& schema : embedded_schemas())
    if (schema.name == name) return schema.json;
  return std::nullopt;
}

void check_schema(const YamlNode& document, std::string_view schema_name, DiagnosticSink& sink) {
  check(document, embedded(schema_name), sink);
}

void check_against_schema(const YamlNode& document, std::string_view schema_json,
                          DiagnosticSink& sink) {
  check(document, CompiledSchema(schema_json), sink);
}

}  // namespace recast::rules
