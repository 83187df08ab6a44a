#pragma once
// What one file holds, as text for people or JSON for programs.

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "engine/tensor/catalog.hpp"

namespace recast::cli {

struct DTypeTotal {
  tensor::DType dtype = tensor::DType::F32;
  std::size_t tensors = 0;
  std::uint64_t elements = 0;
  std::uint64_t nbytes = 0;
};

/// A node of the file's document: keys on the way from its root joined by '/', and what is there.
struct Place {
  std::string at;
  std::string what;
};

/// What is worth saying about a catalog, computed once for both forms.
struct FileReport {
  std::vector<DTypeTotal> dtypes;  // in the order of their first tensors
  DTypeTotal all;
  std::vector<Place> contents;  // the entries of the document's root
  std::vector<Place>
      opaque;  // what no part of recast understands; it is kept, printed and never run
};

FileReport report_file(const tensor::FileCatalog& catalog);

/// How much the text form lists.
struct Detail {
  bool tensors = false;  // all of them
  bool all = false;      // all of everything
};

void print_text(const tensor::FileCatalog& catalog, const FileReport& report, Detail detail,
                std::ostream& out);

/// One object, complete whatever the size; ends in a newline.
void print_json(const tensor::FileCatalog& catalog, const FileReport& report, std::ostream& out);

/// Bytes of a tensor's elements.
std::uint64_t tensor_nbytes(const tensor::StoredTensor& tensor) noexcept;

}  // namespace recast::cli
