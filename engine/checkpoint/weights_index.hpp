#pragma once
// The index of a checkpoint whose tensors are spread over several files: which file holds which.

#include <map>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/checkpoint/open.hpp"

namespace recast::checkpoint {

/// Name of a tensor -> name of its file, which lies beside the index.
using WeightsIndex = std::map<std::string, std::string>;

/// From JSON: `weight_map` of an object, whose other fields are not looked at. A file's name that
/// is a path or hidden is refused. `place` is where the text comes from. Codes: format.json,
/// format.index.
Result<WeightsIndex> parse_weights_index(const std::string& text, const std::string& place);

/// Reports format.index for each tensor that a file holds and the index does not place there, and
/// the other way round; about twenty of them.
void compare_index(WeightsIndex index, const std::vector<OpenedFile>& files,
                   const std::string& place, DiagnosticSink& sink);

}  // namespace recast::checkpoint
