#pragma once
// A planned conversion as text for people and as JSON for programs (schemas/plan.schema.json).

#include <string>

#include "engine/checkpoint/target.hpp"

namespace recast::checkpoint {

/// Sections: source, target, sizes, mapping, files, what is filled, dropped, carried, noted, and
/// the proof's figures. `all`: every file and every tensor, not only the first few.
std::string explain_text(const Opened& opened, const Bound& source, const Conversion& conversion,
                         bool all);

/// One JSON object in one line per key, ends in a newline. `all`: with every tensor and every copy.
std::string explain_json(const Opened& opened, const Bound& source, const Conversion& conversion,
                         bool all);

}  // namespace recast::checkpoint
