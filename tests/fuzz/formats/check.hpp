#pragma once
// What must hold of whatever a reader of a container says about bytes that anyone may have made up.

#include <cstdint>
#include <cstdlib>

#include "engine/base/render.hpp"
#include "engine/formats/container.hpp"
#include "tests/support/memory_file_system.hpp"

namespace recast::fuzz {

inline void require(bool claim) {
  if (!claim) std::abort();
}

/// A refusal is of the formats, says where, and can be shown.
inline void check_refusal(const Diagnostic& diagnostic) {
  require(code_name(diagnostic.code).starts_with("format."));
  require(!diagnostic.message.empty() && !diagnostic.place.file.empty());
  require(!render_text(diagnostic).empty());
}

/// Every element of every tensor lies inside the file.
inline void check_catalog(const tensor::FileCatalog& catalog) {
  for (const tensor::StoredTensor& tensor : catalog.tensors) {
    require(tensor.shape.size() == tensor.strides.size());
    require(tensor.byte_offset <= catalog.nbytes);
    if (tensor::element_count(tensor.shape) == 0) continue;
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
      last += static_cast<std::uint64_t>(tensor.shape[i] - 1) *
              static_cast<std::uint64_t>(tensor.strides[i]);
    require((last + 1) * tensor::dtype_nbytes(tensor.dtype) <= catalog.nbytes - tensor.byte_offset);
  }
  (void)tensor::print(catalog.root, 1000);
}

/// What was read can be written, as far as its values have a form, and is read back as it was.
inline void check_rewriting(const formats::Container& container,
                            const tensor::FileCatalog& catalog) {
  formats::FileSpec spec;
  for (const tensor::StoredTensor& tensor : catalog.tensors) {
    // Zero strides make a small file large; that it can be laid out is enough elsewhere.
    if (tensor::element_count(tensor.shape) > 1 << 16) return;
    spec.tensors.push_back({tensor.name, tensor.dtype, tensor.shape});
  }
  spec.root = catalog.root;
  const auto layout = container.lay_out(spec);
  if (!layout) {
    require(layout.error().code == Code::format_cannot_write);
    return;
  }
  if ((*layout)->nbytes() > 1 << 20) return;
  support::MemoryFileSystem files;
  auto file = files.create("out");
  require(file.has_value());
  require((*file)->resize((*layout)->nbytes()).has_value());
  // No payload is written: it is zeros, whose CRCs do not matter here, as 0 means that there is
  // none.
  const std::vector<std::uint32_t> crcs((*layout)->needs_crc() ? spec.tensors.size() : 0);
  require((*layout)->finish(**file, crcs).has_value());
  require((*file)->resize((*layout)->nbytes()).has_value());
  const auto again = formats::read_catalog(files, "out");
  require(again.has_value());
  require(again->container == catalog.container);
  require(again->tensors.size() == catalog.tensors.size());
  require(tensor::print(again->root, 1000) == tensor::print(catalog.root, 1000));
}

}  // namespace recast::fuzz
