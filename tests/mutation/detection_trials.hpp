#pragma once
// Which family a configuration is of, under rules that may be wrong.

#include <string>
#include <vector>

#include "engine/rules/loader.hpp"

namespace recast::mutation {

/// A configuration's fields and the family that it must be found to be; "" if none.
struct Detection {
  std::string framework;
  tensor::Value config;
  std::string family;
};

/// Hugging Face: every class and model type, together, alone and at odds. Megatron: every
/// combination of the arguments that tell families apart, absent ones included.
std::vector<Detection> detections();

/// What the first configuration is found to be that is another model; "" if all are found right.
std::string wrong_detection(const std::vector<Detection>& all, const rules::Library& rules);

}  // namespace recast::mutation
