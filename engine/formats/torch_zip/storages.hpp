#pragma once
// The storages of a torch file: what persistent ids name, and where their bytes lie.

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "engine/base/result.hpp"
#include "engine/formats/torch_zip/pickle_graph.hpp"
#include "engine/formats/torch_zip/zip_directory.hpp"
#include "engine/tensor/dtype.hpp"

namespace recast::formats {

struct Storage {
  tensor::DType dtype = tensor::DType::U8;
  std::uint64_t count = 0;  // elements of `dtype`
  std::uint64_t byte_offset = 0;
  std::uint64_t nbytes = 0;
  pickle::GlobalName storage_class;
};

/// Resolves persistent ids against the records of an archive. The graph and the directory must
/// outlive it.
class Storages {
 public:
  Storages(const pickle::Graph& graph, const ZipDirectory& zip) : graph_(graph), zip_(zip) {}

  /// `id`: the node that a PersistentNode names. Two mentions of a key must agree. The place of a
  /// diagnostic is the caller's to add. Errors: format.bad-pickle, format.bad-tensor,
  /// format.missing-record, format.unknown-dtype.
  Result<Storage> resolve(pickle::NodeId id);

 private:
  const pickle::Graph& graph_;
  const ZipDirectory& zip_;
  std::unordered_map<std::string_view, Storage> by_key_;
};

}  // namespace recast::formats
