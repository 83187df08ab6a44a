#pragma once
// Lays one rule document over another: entries of mappings are replaced or added key by key (one level below a section),
// sequences are appended, scalars replaced.

#include "engine/rules/yaml_source.hpp"

namespace recast::rules {

YamlNode merge(YamlNode under, const YamlNode& over);

}  // namespace recast::rules
