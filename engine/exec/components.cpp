#include "engine/exec/components.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

namespace recast::exec {
namespace {

std::uint32_t find_root(std::vector<std::uint32_t>& parent, std::uint32_t i) noexcept {
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

using Position = std::tuple<bool, std::uint32_t, std::int64_t>;  // right side?, file, byte offset

Position position_of(const Work& work, StepIndex step) noexcept {
  const Piece whole{step, box_of(work, step)};
  if (is_fill(work, step)) {
    return {true, work.right[right_of(work, step)].file, right_address(work, whole).at};
  }
  return {false, work.left[(*work.copies)[step].from].file, left_address(work, whole).at};
}

}  // namespace

Components find_components(const Work& work) {
  // Nodes: left tensors, then right tensors.
  const auto lefts = static_cast<std::uint32_t>(work.left.size());
  std::vector<std::uint32_t> parent(work.left.size() + work.right.size());
  std::iota(parent.begin(), parent.end(), 0U);
  for (const plan::Copy& copy : *work.copies) {
    parent[find_root(parent, copy.from)] = find_root(parent, lefts + copy.into);
  }

  struct Group {
    Position position{true, std::numeric_limits<std::uint32_t>::max(), 0};
    std::uint32_t size = 0;
    std::uint32_t rank = 0;
  };
  const auto steps = static_cast<StepIndex>(work.step_count());
  std::vector<Group> groups(parent.size());
  std::vector<std::uint32_t> root_of(steps);
  std::vector<std::uint32_t> order;
  constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  for (StepIndex step = 0; step < steps; ++step) {
    if (tensor::volume(box_of(work, step)) == 0) {
      root_of[step] = kNone;
      continue;
    }
    const std::uint32_t root = find_root(parent, lefts + right_of(work, step));
    root_of[step] = root;
    if (groups[root].size++ == 0) order.push_back(root);
    groups[root].position = std::min(groups[root].position, position_of(work, step));
  }
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(groups[a].position, a) < std::tie(groups[b].position, b);
  });

  Components out;
  out.first.push_back(0);
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    groups[order[i]].rank = i;
    out.first.push_back(out.first.back() + groups[order[i]].size);
  }
  out.steps.resize(out.first.back());
  std::vector<std::uint32_t> next(out.first.begin(), out.first.end() - 1);
  for (StepIndex step = 0; step < steps; ++step) {
    if (root_of[step] != kNone) out.steps[next[groups[root_of[step]].rank]++] = step;
  }
  return out;
}

}  // namespace recast::exec
