#pragma once
// The schemas of schemas/, put into the binary by embed_schemas.cmake.

#include <string_view>
#include <vector>

namespace recast::rules {

struct EmbeddedSchema {
  std::string_view name;  // of schemas/<name>.schema.json
  std::string_view json;
};

/// Sorted by name.
const std::vector<EmbeddedSchema>& embedded_schemas();

}  // namespace recast::rules
