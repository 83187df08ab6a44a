#pragma once
// YAML against a JSON Schema (draft 7): whether a document has the right form is a standard
// validator's verdict, what the author of a rule file reads about it is worded here, with the place
// in the file.

#include <optional>
#include <string_view>

#include "engine/base/diagnostic.hpp"
#include "engine/rules/yaml_source.hpp"

namespace recast::rules {

/// The text of schemas/<name>.schema.json, which is part of the binary; none if there is no such
/// schema.
std::optional<std::string_view> schema_text(std::string_view name) noexcept;

/// Checks `document` against the schema of that name, which must exist. Every violation becomes one
/// `rule.schema` in `sink`, in the order of the document, at the key or value that is wrong.
void check_schema(const YamlNode& document, std::string_view schema_name, DiagnosticSink& sink);

/// The same with the schema as JSON text. Where a value has to match a pattern, the `description`
/// beside the pattern is what is said to be expected: a noun phrase. References stay within the
/// text ("#/definitions/…").
void check_against_schema(const YamlNode& document, std::string_view schema_json,
                          DiagnosticSink& sink);

}  // namespace recast::rules
