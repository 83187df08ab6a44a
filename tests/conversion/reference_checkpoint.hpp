#pragma once
// The reference's statement of a checkpoint as files on a disk in memory, and a conversion of them
// by the engine with the rules of the tree: what goes in and what must come out are stated by the
// same oracle, which shares no code with the engine.

#include <string>
#include <utility>
#include <vector>

#include "engine/checkpoint/target.hpp"
#include "engine/rules/loader.hpp"
#include "engine/tensor/value.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/reference/huggingface_reference.hpp"
#include "tests/support/reference/megatron_reference.hpp"

namespace recast::conversion {

/// config.json and model.safetensors of the reference's model, fp32.
void put_huggingface(support::MemoryFileSystem& files, const std::string& folder,
                     const reference::Sizes& sizes, const std::string& config);

/// The files of the grid with `args` in each, and the tracker. With `only_written`, without the
/// folders that a training run of that grid does not write.
void put_megatron(support::MemoryFileSystem& files, const std::string& folder,
                  const reference::Sizes& sizes, const reference::Grid& grid,
                  const tensor::Value& args, bool only_written = false);

/// The same with tensors that the caller stated.
void put_huggingface_tensors(support::MemoryFileSystem& files, const std::string& folder,
                             const std::vector<reference::ReferenceTensor>& tensors,
                             const std::string& config);

/// What Megatron's arguments say of the model and the grid; `more` are added or replace.
tensor::Value megatron_args(const reference::Sizes& sizes, const reference::Grid& grid,
                            const std::vector<std::pair<std::string, tensor::Value>>& more = {});

/// A file's tensors against those stated, in that order; "" if all is equal, else the first
/// difference, with `path` in it.
struct StoredBytes;
std::string difference(const std::vector<StoredBytes>& stored,
                       const std::vector<reference::ReferenceTensor>& expected,
                       const std::string& path);

/// What a folder holds against what the reference says: "" if all is equal (names in their order,
/// shapes, bits), else the first difference.
std::string difference_to_huggingface(const support::MemoryFileSystem& files,
                                      const std::string& folder, const reference::Sizes& sizes);
std::string difference_to_megatron(const support::MemoryFileSystem& files,
                                   const std::string& folder, const reference::Sizes& sizes,
                                   const reference::Grid& grid);

/// The rules of the tree, read once.
const rules::Library& library();

/// Converts; "" if it was done, else every diagnostic as "code: message", one a line. `conversion`
/// gets the plan if given.
std::string convert(support::MemoryFileSystem& files, const std::string& from,
                    const std::string& to, const checkpoint::TargetOptions& options,
                    checkpoint::Conversion* conversion = nullptr);

/// Options of a Megatron target with that grid.
checkpoint::TargetOptions to_megatron(const reference::Grid& grid);
checkpoint::TargetOptions to_huggingface();

/// The tensors of one file by name: shape and raw bytes.
struct StoredBytes {
  std::string name;
  tensor::DType dtype;
  std::vector<std::int64_t> shape;
  std::string bytes;
};
std::vector<StoredBytes> read_file(const support::MemoryFileSystem& files, const std::string& path);

}  // namespace recast::conversion
