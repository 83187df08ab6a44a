#pragma once
// config.json of a reference model, as transformers would write it.

#include <string>

#include "tests/support/reference/model_sizes.hpp"

namespace recast::conversion {

std::string config_json(const reference::Sizes& sizes);

}  // namespace recast::conversion
