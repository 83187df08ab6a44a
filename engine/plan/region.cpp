#include "engine/plan/region.hpp"

namespace recast::plan {

using layout::LabelId;
using rules::Region;
using tensor::Box;

std::int64_t offset_of(const Region& region, const Box& box) {
  std::int64_t offset = region.offset;
  for (std::size_t i = 0; i < box.rank; ++i)
    offset += region.stride[i] * (box.start[i] - region.box.start[i]);
  return offset;
}

std::string print_box(const rules::RuleSet& rules, LabelId label, const Box& box) {
  const rules::LogicalRule& tensor = rules.tensors[at(label)];
  std::string out = tensor.name + "[";
  for (std::size_t i = 0; i < box.rank; ++i) {
    if (i > 0) out += ", ";
    out += rules.axes[tensor.axes[i]].name + " " + std::to_string(box.start[i]);
    if (box.extent[i] != 1) out += "…" + std::to_string(box.start[i] + box.extent[i] - 1);
  }
  return out + "]";
}

Box whole_box(const rules::LogicalRule& tensor, const std::vector<std::int64_t>& extents) {
  Box box;
  box.rank = static_cast<std::uint8_t>(tensor.axes.size());
  for (std::size_t i = 0; i < tensor.axes.size(); ++i)
    box.extent[i] = extents[tensor.axes[i]];
  return box;
}

std::vector<Box> without(const std::vector<Box>& boxes, const Box& taken) {
  std::vector<Box> rest;
  for (const Box& box : boxes)
    for (const Box& piece : tensor::subtract(box, taken))
      rest.push_back(piece);
  return rest;
}

}  // namespace recast::plan
