#pragma once
// What a schema has against a document, in words for the document's author. It knows the keywords
// that our schemas use; whatever else a validator may object to is left to the validator's own
// words.

#include <string_view>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/rules/yaml_source.hpp"

namespace recast::rules {

/// `value_json`: the document as JSON text. Each diagnostic is a `rule.schema`, in the order of the
/// document; none if nothing that is known here is wrong.
std::vector<Diagnostic> explain_schema(const YamlNode& document, std::string_view value_json,
                                       std::string_view schema_json);

}  // namespace recast::rules
