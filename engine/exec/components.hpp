#pragma once
// Which steps belong together: those that read the same tensor or write the same tensor. Whatever
// shares a source tensor is in one component, so that its bytes can be read once for all who want
// them.

#include <cstdint>
#include <vector>

#include "engine/exec/work.hpp"

namespace recast::exec {

struct Components {
  std::vector<StepIndex> steps;      // grouped by component
  std::vector<std::uint32_t> first;  // component c has steps[first[c]] up to steps[first[c + 1]]

  std::size_t count() const noexcept { return first.empty() ? 0 : first.size() - 1; }
};

/// In the order in which their bytes lie in the left files (fills alone: last, by the right files);
/// steps in plan order. Steps of empty boxes are left out.
Components find_components(const Work& work);

}  // namespace recast::exec
