#pragma once
// What a pickle stream builds, as a graph of plain nodes. Nothing is imported, called or looked up;
// a name is a name.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/tensor/value.hpp"

namespace recast::formats::pickle {

/// An index into `Graph::nodes`.
using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = ~NodeId{0};

struct NoneNode {};
struct TextNode {
  std::string_view utf8;  // lone surrogates are allowed
};
struct BytesNode {
  std::string_view bytes;
};
/// Two's complement, little-endian, minimal; does not fit 64 bits.
struct BigIntegerNode {
  std::string_view bytes;
};
struct GlobalNode {
  std::uint32_t name = 0;  // into Graph::globals
};
/// Immutable: `count` children from `first` on in Graph::children.
struct TupleNode {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};
/// Filled by later opcodes; that is how cycles arise.
struct CollectionNode {
  enum class Kind : std::uint8_t { List, Dict, Set, FrozenSet };
  Kind kind = Kind::List;
  std::uint32_t changes = kNoNode;  // into Graph::changes; kNoNode while empty
};
/// `callee(*args)`, not called, and what happened to the result.
struct CallNode {
  tensor::Object::How how = tensor::Object::How::Reduce;
  NodeId callee = kNoNode;
  NodeId args = kNoNode;            // a tuple
  std::uint32_t changes = kNoNode;  // into Graph::changes; kNoNode while there are none
};
/// A reference out of the stream: in a torch file, a storage.
struct PersistentNode {
  NodeId id = kNoNode;
};

struct Node {
  std::uint32_t at = 0;  // byte of the stream where the opcode stands that made it
  std::variant<NoneNode, bool, std::int64_t, double, TextNode, BytesNode, BigIntegerNode,
               GlobalNode, TupleNode, CollectionNode, CallNode, PersistentNode>
      content;

  template <class T>
  const T* get_if() const noexcept {
    return std::get_if<T>(&content);
  }
};

struct GlobalName {
  std::string_view module;
  std::string_view name;
};

/// What was put into a collection or an object after it was made.
struct Changes {
  std::vector<NodeId> items;  // appended, or added to a set
  std::vector<NodeId> pairs;  // key, value, key, value, …
  NodeId state = kNoNode;     // what BUILD got
};

/// Views point into the stream that was read, which must outlive the graph, or into `texts`.
struct Graph {
  std::vector<Node> nodes;
  std::vector<NodeId> children;
  std::vector<GlobalName> globals;
  std::vector<Changes> changes;
  std::deque<std::string> texts;  // decoded from the escapes of old protocols
  NodeId root = kNoNode;
  std::uint64_t stop = 0;  // bytes of the stream up to and including STOP

  const Node& operator[](NodeId id) const { return nodes[id]; }
  /// Null if the node is no global.
  const GlobalName* global(NodeId id) const noexcept {
    const auto* node = nodes[id].get_if<GlobalNode>();
    return node == nullptr ? nullptr : &globals[node->name];
  }
  /// The children of a tuple; nullopt if the node is none.
  std::optional<std::span<const NodeId>> tuple(NodeId id) const noexcept {
    const auto* node = nodes[id].get_if<TupleNode>();
    if (node == nullptr) return std::nullopt;
    return std::span<const NodeId>(children).subspan(node->first, node->count);
  }
};

}  // namespace recast::formats::pickle
