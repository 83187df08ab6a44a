#pragma once
// Names of files, folders and stored tensors under rules that may be wrong.

#include <string>

#include "engine/rules/loader.hpp"

namespace recast::mutation {

/// The first name that the rules of a family for a framework take for another than it is, or write
/// otherwise than the framework does; "" if there is none.
std::string wrong_name(const rules::Library& rules, const std::string& family,
                       const std::string& framework);

}  // namespace recast::mutation
