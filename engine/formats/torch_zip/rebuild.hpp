#pragma once
// Tensors in a pickle graph: the calls that torch writes for them, and what they say about bytes.

#include <optional>

#include "engine/base/result.hpp"
#include "engine/formats/torch_zip/pickle_graph.hpp"
#include "engine/formats/torch_zip/storages.hpp"
#include "engine/tensor/catalog.hpp"

namespace recast::formats {

/// The tensor (without its name) that the call `id` stands for: `torch._utils._rebuild_tensor`,
/// `_v2`, `_v3`, and those wrapped as parameters or subclasses, of which the inner tensor is taken.
/// nullopt: not a call of these, or one whose meaning is more than bytes, strides and a dtype
/// (conjugated, quantised, sparse, a dtype that recast lacks); the caller keeps it as an object.
/// The place of a diagnostic is the caller's to add. Errors: format.bad-tensor and those of
/// Storages::resolve.
Result<std::optional<tensor::StoredTensor>> rebuild_tensor(const pickle::Graph& graph,
                                                           pickle::NodeId id, Storages& storages);

}  // namespace recast::formats
