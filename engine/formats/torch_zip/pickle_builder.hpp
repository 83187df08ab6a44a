#pragma once
// The stack, the marks and the memo of the pickle machine, and the graph that grows on them.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/torch_zip/pickle_graph.hpp"
#include "engine/formats/torch_zip/pickle_machine.hpp"
#include "engine/formats/torch_zip/pickle_memo.hpp"
#include "engine/formats/torch_zip/pickle_opcodes.hpp"

namespace recast::formats::pickle {

/// Each step returns false after `error()` is set: a Result per opcode would cost more than the
/// opcode. After a failure only `error()` may be used.
class Builder {
 public:
  using How = tensor::Object::How;
  using Kind = CollectionNode::Kind;

  Builder(const Origin& origin, const Limits& limits) : origin_(origin), limits_(limits) {}

  /// The opcode whose steps follow, and its place in the stream: for diagnostics and for nodes.
  void begin(Op op, std::uint64_t at) noexcept {
    op_ = op;
    at_ = at;
  }

  // ---- errors

  bool fail(Code code, std::string message);
  bool fail(std::string message) { return fail(Code::format_bad_pickle, std::move(message)); }
  /// "opcode REDUCE …"
  bool fail_op(std::string_view what) { return fail(cat("opcode ", op_name(op_), " ", what)); }
  std::optional<Diagnostic>& error() noexcept { return error_; }

  // ---- stack

  bool mark();
  bool duplicate() { return has(1) && push(stack_.back()); }
  bool pop_one();
  bool pop_to_mark();
  bool put(std::uint64_t key);
  bool get(std::uint64_t key);
  bool memoize() { return put(memo_.size()); }

  /// Ends the graph: the only value on the stack becomes its root.
  bool stop();
  bool stopped() const noexcept { return graph_.root != kNoNode; }
  Graph take(std::uint64_t stop) &&;

  // ---- values

  template <class Content>
  bool push_new(Content content) {
    if (graph_.nodes.size() >= limits_.nodes) return too_many("values", limits_.nodes);
    graph_.nodes.push_back({static_cast<std::uint32_t>(at_), std::move(content)});
    return push(static_cast<NodeId>(graph_.nodes.size() - 1));
  }
  /// Two's complement, little-endian, not necessarily minimal; the bytes are the stream's or the
  /// graph's.
  bool push_integer(std::string_view bytes);
  bool push_text(std::string_view text);
  /// A string of Python 2 was bytes and mostly meant as text.
  bool push_string(std::string_view bytes);
  /// What older protocols say: `bytearray(bytes)`.
  bool push_byte_array(std::string_view bytes);
  bool push_global(std::string_view module, std::string_view name);
  bool stack_global();
  /// Keeps text that does not stand in the stream as it is.
  std::string_view keep(std::string text) { return graph_.texts.emplace_back(std::move(text)); }

  // ---- collections

  bool tuple_of(std::size_t count) { return has(count) && make_tuple(stack_.size() - count); }
  bool tuple_to_mark();
  /// LIST, DICT, FROZENSET: a new collection of what stands behind the mark.
  bool collection_to_mark(Kind kind);
  bool append_one() { return has(2) && append_from(stack_.size() - 1); }
  bool append_to_mark();
  bool set_one() { return has(3) && set_from(stack_.size() - 2); }
  bool set_to_mark();

  // ---- objects

  bool call(How how);
  /// `class.__new__(class, *args, **kwargs)`, said through the function that older protocols call
  /// for it.
  bool new_with_keywords();
  /// INST: the class was pushed last, its arguments stand behind the mark below it.
  bool instantiate_top();
  /// OBJ: the class stands behind the mark, its arguments follow.
  bool instantiate_first();
  bool build();
  bool persistent();

 private:
  bool too_many(std::string_view what, std::uint64_t limit);
  /// Values below the last mark are out of reach.
  std::size_t fence() const noexcept { return marks_.empty() ? 0 : marks_.back(); }
  bool has(std::size_t count) {
    return stack_.size() - fence() >= count || fail_op("finds too little on the stack");
  }
  bool push(NodeId node);
  NodeId pop() noexcept;
  /// The stack from `begin` on.
  std::vector<NodeId> above(std::size_t begin) const;
  /// Removes the last mark; what stood behind it is above `begin` on the stack.
  bool pop_mark(std::size_t& begin);
  bool count_edges(std::size_t count);

  bool make_tuple(std::size_t begin);
  bool append_from(std::size_t begin);
  bool set_from(std::size_t begin);
  bool call(How how, NodeId callee, NodeId args);
  bool instantiate(NodeId callee, std::size_t begin);

  template <class Content>
  Changes& changes_of(Content& content);
  /// The changes of an object or of a collection of one of `kinds`; null for anything else.
  Changes* changes(NodeId target, std::initializer_list<Kind> kinds);

  const Origin& origin_;
  Limits limits_;
  Graph graph_;
  Memo memo_;
  std::vector<NodeId> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::uint64_t edges_ = 0;
  std::uint64_t at_ = 0;
  Op op_{};
  std::optional<Diagnostic> error_;
};

}  // namespace recast::formats::pickle
