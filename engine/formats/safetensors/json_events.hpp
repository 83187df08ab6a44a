#pragma once
// The JSON of a header as a flat list of entries, before any check of their meaning.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"

namespace recast::formats::safetensors {

/// One tensor as the JSON says it.
struct JsonEntry {
  std::string name;
  std::uint64_t at = 0;  // byte of the header near which its name stands
  std::optional<std::string> dtype;
  std::optional<std::vector<std::int64_t>> shape;
  std::optional<std::vector<std::int64_t>> offsets;
};

struct JsonHeader {
  std::vector<JsonEntry> entries;  // in the order of the text
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// Unknown fields of an entry are skipped. A duplicate key anywhere is an error. Byte offsets of
/// diagnostics count from `base`, the place of the header in the file. Errors: format.bad-header,
/// format.duplicate-name.
Result<JsonHeader> read_json(std::string_view json, const std::string& path, std::uint64_t base);

}  // namespace recast::formats::safetensors
