#pragma once
// The memo of a pickle stream. Keys are mostly 0, 1, 2, …, but a stream may choose any.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/formats/torch_zip/pickle_graph.hpp"

namespace recast::formats::pickle {

class Memo {
 public:
  std::uint64_t size() const noexcept { return size_; }

  void put(std::uint64_t key, NodeId node) {
    const bool dense = key < kDenseSlack || key < 2 * size_;
    if (dense && sparse_.find(key) == sparse_.end()) {
      if (key >= dense_.size()) dense_.resize(key + 1, kNoNode);
      size_ += dense_[key] == kNoNode ? 1 : 0;
      dense_[key] = node;
    } else {
      size_ += sparse_.insert_or_assign(key, node).second ? 1 : 0;
    }
  }

  /// kNoNode if nothing was put there.
  NodeId get(std::uint64_t key) const noexcept {
    // A key that was put into the sparse part stays there, however long the dense one has grown.
    if (!sparse_.empty())
      if (const auto found = sparse_.find(key); found != sparse_.end()) return found->second;
    return key < dense_.size() ? dense_[key] : kNoNode;
  }

 private:
  static constexpr std::uint64_t kDenseSlack = 4096;
  std::vector<NodeId> dense_;
  std::unordered_map<std::uint64_t, NodeId> sparse_;
  std::uint64_t size_ = 0;
};

}  // namespace recast::formats::pickle
