#pragma once
// What a checkpoint holds, found without touching payload: stored tensors, where their bytes are,
// and everything else.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/tensor/dtype.hpp"
#include "engine/tensor/value.hpp"

namespace recast::tensor {

/// One tensor in one file. Bytes are little-endian. Element (i0, i1, …) starts at
/// `byte_offset + dtype_nbytes · Σ i_k · strides_k`; strides are in elements and may be any (views,
/// transposes, 0).
struct StoredTensor {
  std::string name;  // keys on the way from the file's root, joined by '/'
  DType dtype = DType::F32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
  std::uint64_t byte_offset = 0;  // of element (0, 0, …) in the file
  bool operator==(const StoredTensor&) const = default;
};

/// One file. `root` is the whole document with TensorRef leaves (torch), or the free-form metadata
/// (safetensors).
struct FileCatalog {
  std::string path;
  std::string container;  // the name under which the registry knows it
  std::uint64_t nbytes = 0;
  std::vector<StoredTensor> tensors;
  Value root;
};

/// The product of the extents; the largest number if it does not fit, so readers check before they
/// trust it.
std::int64_t element_count(const std::vector<std::int64_t>& shape) noexcept;
/// Strides of a tensor that lies row-major without gaps.
std::vector<std::int64_t> row_major(const std::vector<std::int64_t>& shape);
bool is_row_major(const StoredTensor& tensor) noexcept;

}  // namespace recast::tensor
