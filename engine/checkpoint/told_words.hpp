#pragma once
// Words in the names of tensors that differ from checkpoint to checkpoint ("transformer." or
// nothing in front; one spelling of a module or another): the names themselves tell them.

#include "engine/checkpoint/names.hpp"

namespace recast::checkpoint {

/// For each text size that stands as a place in the name of a line, the value under which names of
/// the first file fit the most lines. Sizes that no name tells are left out.
rules::ValueMap told_words(const Opened& opened, const NameTable& names,
                           const rules::RuleSet& rules);

}  // namespace recast::checkpoint
