#pragma once
// Words of a framework's page that stand for something in another file. A page serves all families,
// so an axis or a tensor that one family lacks is no mistake; one that no family has is a slip of
// the pen, and would silently mean nothing.

#include <map>
#include <string>

#include "engine/base/diagnostic.hpp"
#include "engine/rules/yaml_source.hpp"

namespace recast::rules {

/// `documents` by their path below the rules' folder. Codes: rule.unknown-axis,
/// rule.unknown-tensor, rule.unknown-mesh, rule.value.
void check_words(const std::map<std::string, YamlNode>& documents, DiagnosticSink& sink);

}  // namespace recast::rules
