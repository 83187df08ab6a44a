#pragma once
// Values become a pickle stream of protocol 2 without a memo: the form that every version of torch
// loads (FORMAT.md, "Writing").

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/container.hpp"

namespace recast::formats {

struct EmittedPickle {
  std::string stream;
  /// Which tensor storage `data/0`, `data/1`, … holds: the order in which `root` refers to them.
  std::vector<std::size_t> storages;
};

/// Errors: format.cannot-write for values without a pickle form, keys that Python holds for equal,
/// tensors that `root` does not refer to, and references to tensors that are not there.
Result<EmittedPickle> emit_pickle(const tensor::Value& root, std::span<const TensorSpec> tensors);

}  // namespace recast::formats
