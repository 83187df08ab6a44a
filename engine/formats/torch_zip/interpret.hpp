#pragma once
// A pickle graph becomes a document: values, with tensors found and everything unknown kept as
// objects.

#include <cstdint>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/torch_zip/pickle_graph.hpp"
#include "engine/formats/torch_zip/pickle_machine.hpp"
#include "engine/formats/torch_zip/zip_directory.hpp"
#include "engine/tensor/catalog.hpp"

namespace recast::formats {

struct Document {
  tensor::Value root;
  std::vector<tensor::StoredTensor> tensors;
};

/// A graph stays as small as its stream however often a part is shared; a tree does not, hence the
/// limits.
struct DocumentLimits {
  std::uint64_t values = 4'000'000;
  std::uint64_t text_nbytes = 256ULL << 20;  // of strings, bytes and names together
  std::uint32_t depth = 1000;
};

/// Names of tensors: keys, indices and attributes on the way from the root, joined by '/'; where
/// two would have the same name, the later one gets "#2", "#3", …
///
/// A storage outside a tensor is an Object that applies its class to a TensorRef of all its
/// elements: `torch.QInt8Storage(<tensor 3>)`. Where an object contains itself stands the Symbol
/// {"recast", "cycle"}; a list or a mapping must not. Errors: format.bad-pickle, format.bad-tensor,
/// format.cycle, format.duplicate-name, format.missing-record, format.too-large,
/// format.unknown-dtype.
Result<Document> interpret(const pickle::Graph& graph, const ZipDirectory& zip,
                           const pickle::Origin& origin, const DocumentLimits& limits = {});

}  // namespace recast::formats
