#pragma once
// How a model lies on the disk, beyond what the reference's grid says, and what the reference then
// expects there.

#include <string>
#include <vector>

#include "engine/checkpoint/target.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/reference/megatron_reference.hpp"
#include "tests/support/reference/model_sizes.hpp"
#include "tests/support/reference/reference_tensor.hpp"

namespace recast::mutation {

struct Form {
  bool megatron = false;  // else a folder of Hugging Face
  reference::Grid grid;
  bool legacy_engine = false;  // Transformer Engine's names in the models before Megatron-Core
  bool stacked = false;        // experts of a layer in one tensor
  bool bare = false;           // names without the prefix of a model with a head
  bool other_scalars = false;  // scalars of shape [] as [1], and the other way round

  bool is_legacy() const;
};

/// Every file that holds tensors, from the form's root, as the reference states it.
std::vector<reference::ReferenceFile> files_of(const reference::Sizes& sizes, const Form& form);

/// What a conversion to the form is told.
checkpoint::TargetOptions options_of(const Form& form);

/// Source files that need no conversion first: Hugging Face's, and Megatron's in Core's names.
void put_form(support::MemoryFileSystem& disk, const std::string& folder,
              const reference::Sizes& sizes, const Form& form);

/// "" if the folder holds the tensors of `files` and no other rank's, else the first difference.
std::string difference(const support::MemoryFileSystem& disk, const std::string& folder,
                       const std::vector<reference::ReferenceFile>& files);

}  // namespace recast::mutation
