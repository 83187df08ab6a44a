#pragma once
// A layout expression: how a stored tensor is laid out over parts of logical tensors, in named
// axes.
//
//   (group [attn.q: rep dim | attn.k: dim | attn.v: dim]) hidden
//
// Top-level items are the tensor's dimensions; `( )` flattens row-major; `[ a: … | b: … ]`
// concatenates inside one dimension, each part labelled with the logical tensor it comes from; `1`
// is a unit dimension. No dimension: a 0-d tensor.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/source.hpp"

namespace recast::lang {

/// Index into LayoutExpr::nodes; children precede parents.
using LayoutId = std::uint32_t;

struct LayoutUnit {};
struct LayoutAxis {
  std::string name;
};
struct LayoutGroup {
  std::vector<LayoutId> items;
};
struct LayoutPart {
  std::string label;      // empty: unlabelled (then a nested sum carries the labels)
  bool optional = false;  // `label?`: absent when the family has no such tensor
  std::vector<LayoutId> items;
  SourceSpan label_span;
};
struct LayoutSum {
  std::vector<LayoutPart> parts;
};

struct LayoutNode {
  std::variant<LayoutUnit, LayoutAxis, LayoutGroup, LayoutSum> node;
  SourceSpan span;
};

struct LayoutExpr {
  std::vector<LayoutNode> nodes;
  std::vector<LayoutId> dims;  // one item per dimension of the stored tensor
  std::string label;  // `attn.q: …` in front of the whole; empty when sums carry the labels
  bool optional = false;
  SourceSpan label_span;
  SourceSpan span;  // the whole expression
};

}  // namespace recast::lang
