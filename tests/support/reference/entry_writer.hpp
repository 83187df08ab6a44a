#pragma once
// Appends tensors to a file of the reference, element by element.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/reference/reference_tensor.hpp"

namespace recast::reference {

/// A source maps the indices of an element, outermost first, to an ordinal.
class EntryWriter {
 public:
  using Index = std::int64_t;

  /// `root` stands in front of every name; `out` outlives the writer.
  EntryWriter(std::string root, std::vector<ReferenceTensor>& out)
      : root_(std::move(root)), out_(out) {}

 protected:
  template <class Source>
  void vector(const std::string& name, Index count, Source source, Stored stored = Stored::Weight) {
    ReferenceTensor tensor{root_ + name, stored, {count}, {}, {}};
    for (Index i = 0; i < count; ++i)
      tensor.origins.push_back({source(i), false});
    out_.push_back(std::move(tensor));
  }

  template <class Source>
  void matrix(const std::string& name, Index rows, Index columns, Source source) {
    ReferenceTensor tensor{root_ + name, Stored::Weight, {rows, columns}, {}, {}};
    for (Index i = 0; i < rows; ++i)
      for (Index j = 0; j < columns; ++j)
        tensor.origins.push_back({source(i, j), false});
    out_.push_back(std::move(tensor));
  }

  void entry(const std::string& name, Stored stored) {
    ReferenceTensor tensor{root_ + name, stored, {}, {}, {}};
    if (stored == Stored::EmptyBytes) tensor.shape = {0};
    out_.push_back(std::move(tensor));
  }

  template <class Source>
  void stack(const std::string& name, Index count, Index rows, Index columns, Source source) {
    ReferenceTensor tensor{root_ + name, Stored::Weight, {count, rows, columns}, {}, {}};
    for (Index n = 0; n < count; ++n)
      for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < columns; ++j)
          tensor.origins.push_back({source(n, i, j), false});
    out_.push_back(std::move(tensor));
  }

  /// The shape of the last tensor, where a framework declares another one over the same memory.
  void declare(std::vector<Index> shape) { out_.back().shape = std::move(shape); }

  void append(ReferenceTensor tensor) {
    tensor.name = root_ + tensor.name;
    out_.push_back(std::move(tensor));
  }

 private:
  std::string root_;
  std::vector<ReferenceTensor>& out_;
};

}  // namespace recast::reference
