#include "engine/formats/torch_zip/pickle_builder.hpp"

#include "engine/formats/text.hpp"
#include "engine/formats/torch_zip/pickle_literals.hpp"

namespace recast::formats::pickle {

// ---- errors

bool Builder::fail(Code code, std::string message) {
  error_ = make_diagnostic(code, std::move(message)).in(origin_.file, origin_.byte_offset + at_);
  return false;
}

bool Builder::too_many(std::string_view what, std::uint64_t limit) {
  return fail(Code::format_too_large,
              cat("the pickle has more than ", limit, " ", what, ", the most that are read"));
}

// ---- stack

bool Builder::push(NodeId node) {
  if (stack_.size() >= limits_.nodes) return too_many("values on its stack", limits_.nodes);
  stack_.push_back(node);
  return true;
}

NodeId Builder::pop() noexcept {
  const NodeId out = stack_.back();
  stack_.pop_back();
  return out;
}

std::vector<NodeId> Builder::above(std::size_t begin) const {
  return {stack_.begin() + static_cast<std::ptrdiff_t>(begin), stack_.end()};
}

bool Builder::mark() {
  if (marks_.size() >= limits_.marks) return too_many("marks at once", limits_.marks);
  marks_.push_back(stack_.size());
  return true;
}

bool Builder::pop_mark(std::size_t& begin) {
  if (marks_.empty()) return fail_op("finds no MARK");
  begin = marks_.back();
  marks_.pop_back();
  return true;
}

bool Builder::pop_one() {
  if (!marks_.empty() && marks_.back() == stack_.size()) {
    marks_.pop_back();
    return true;
  }
  if (!has(1)) return false;
  pop();
  return true;
}

bool Builder::pop_to_mark() {
  std::size_t begin = 0;
  if (!pop_mark(begin)) return false;
  stack_.resize(begin);
  return true;
}

bool Builder::put(std::uint64_t key) {
  if (!has(1)) return false;
  if (memo_.size() >= limits_.nodes) return too_many("memo entries", limits_.nodes);
  memo_.put(key, stack_.back());
  return true;
}

bool Builder::get(std::uint64_t key) {
  const NodeId node = memo_.get(key);
  return node == kNoNode ? fail_op(cat("asks for memo entry ", key, ", which was not put"))
                         : push(node);
}

bool Builder::stop() {
  if (!marks_.empty()) return fail_op("comes before a MARK is closed");
  if (!has(1)) return false;
  if (stack_.size() > 1) return fail_op("leaves values on the stack");
  graph_.root = pop();
  return true;
}

Graph Builder::take(std::uint64_t stop) && {
  graph_.stop = stop;
  return std::move(graph_);
}

bool Builder::count_edges(std::size_t count) {
  edges_ += count;
  return edges_ <= limits_.edges || too_many("references", limits_.edges);
}

// ---- values

bool Builder::push_integer(std::string_view bytes) {
  if (bytes.size() > limits_.integer_nbytes)
    return fail(Code::format_too_large,
                cat("the pickle has an integer of ", bytes.size(), " bytes; at most ",
                    limits_.integer_nbytes, " are read"));
  const std::string_view minimal = minimal_integer(bytes);
  if (const auto small = small_integer(minimal)) return push_new(*small);
  return push_new(BigIntegerNode{minimal});
}

bool Builder::push_text(std::string_view text) {
  if (!is_utf8(text, Surrogates::Allowed)) return fail_op("holds text that is not UTF-8");
  return push_new(TextNode{text});
}

bool Builder::push_string(std::string_view bytes) {
  if (is_utf8(bytes)) return push_new(TextNode{bytes});
  return push_new(BytesNode{bytes});
}

bool Builder::push_byte_array(std::string_view bytes) {
  return push_global("builtins", "bytearray") && push_new(BytesNode{bytes}) && tuple_of(1) &&
         call(How::Reduce);
}

bool Builder::push_global(std::string_view module, std::string_view name) {
  if (!is_utf8(module) || !is_utf8(name)) return fail_op("holds a name that is not UTF-8");
  graph_.globals.push_back({module, name});
  return push_new(GlobalNode{static_cast<std::uint32_t>(graph_.globals.size() - 1)});
}

bool Builder::stack_global() {
  if (!has(2)) return false;
  const auto* name = graph_[pop()].get_if<TextNode>();
  const auto* module = graph_[pop()].get_if<TextNode>();
  if (name == nullptr || module == nullptr) return fail_op("wants two strings");
  return push_global(module->utf8, name->utf8);
}

// ---- collections

bool Builder::make_tuple(std::size_t begin) {
  const std::size_t count = stack_.size() - begin;
  if (!count_edges(count)) return false;
  const auto first = static_cast<std::uint32_t>(graph_.children.size());
  graph_.children.insert(graph_.children.end(), stack_.begin() + static_cast<std::ptrdiff_t>(begin),
                         stack_.end());
  stack_.resize(begin);
  return push_new(TupleNode{first, static_cast<std::uint32_t>(count)});
}

bool Builder::tuple_to_mark() {
  std::size_t begin = 0;
  return pop_mark(begin) && make_tuple(begin);
}

template <class Content>
Changes& Builder::changes_of(Content& content) {
  if (content.changes == kNoNode) {
    content.changes = static_cast<std::uint32_t>(graph_.changes.size());
    graph_.changes.emplace_back();
  }
  return graph_.changes[content.changes];
}

Changes* Builder::changes(NodeId target, std::initializer_list<Kind> kinds) {
  auto& content = graph_.nodes[target].content;
  if (auto* call = std::get_if<CallNode>(&content)) return &changes_of(*call);
  if (auto* collection = std::get_if<CollectionNode>(&content))
    for (const Kind kind : kinds)
      if (collection->kind == kind) return &changes_of(*collection);
  return nullptr;
}

bool Builder::append_from(std::size_t begin) {
  if (begin <= fence()) return fail_op("finds too little on the stack");
  if (!count_edges(stack_.size() - begin)) return false;
  if (begin == stack_.size()) return true;
  Changes* target = op_ == Op::ADDITEMS ? changes(stack_[begin - 1], {Kind::Set})
                                        : changes(stack_[begin - 1], {Kind::List});
  if (target == nullptr) return fail_op("wants something that can take items");
  target->items.insert(target->items.end(), stack_.begin() + static_cast<std::ptrdiff_t>(begin),
                       stack_.end());
  stack_.resize(begin);
  return true;
}

bool Builder::append_to_mark() {
  std::size_t begin = 0;
  return pop_mark(begin) && append_from(begin);
}

bool Builder::set_from(std::size_t begin) {
  if (begin <= fence()) return fail_op("finds too little on the stack");
  if ((stack_.size() - begin) % 2 != 0) return fail_op("finds a key without a value");
  if (!count_edges(stack_.size() - begin)) return false;
  if (begin == stack_.size()) return true;
  Changes* target = changes(stack_[begin - 1], {Kind::Dict});
  if (target == nullptr) return fail_op("wants something that can take pairs");
  target->pairs.insert(target->pairs.end(), stack_.begin() + static_cast<std::ptrdiff_t>(begin),
                       stack_.end());
  stack_.resize(begin);
  return true;
}

bool Builder::set_to_mark() {
  std::size_t begin = 0;
  return pop_mark(begin) && set_from(begin);
}

bool Builder::collection_to_mark(Kind kind) {
  std::size_t begin = 0;
  if (!pop_mark(begin)) return false;
  std::vector<NodeId> members = above(begin);
  if (!count_edges(members.size())) return false;
  const bool pairs = kind == Kind::Dict;
  if (pairs && members.size() % 2 != 0) return fail_op("finds a key without a value");
  stack_.resize(begin);
  CollectionNode node{kind, kNoNode};
  if (!members.empty())
    (pairs ? changes_of(node).pairs : changes_of(node).items) = std::move(members);
  return push_new(node);
}

// ---- objects

bool Builder::call(How how, NodeId callee, NodeId args) {
  if (graph_[args].get_if<TupleNode>() == nullptr) return fail_op("wants a tuple of arguments");
  return push_new(CallNode{how, callee, args, kNoNode});
}

bool Builder::call(How how) {
  if (!has(2)) return false;
  const NodeId args = pop();
  const NodeId callee = pop();
  return call(how, callee, args);
}

/// An old instance: `callee` with the arguments from `begin` on; without any, Python calls no
/// initialiser.
bool Builder::instantiate(NodeId callee, std::size_t begin) {
  const How how = begin == stack_.size() ? How::NewObject : How::Reduce;
  return make_tuple(begin) && call(how, callee, pop());
}

bool Builder::instantiate_top() {
  const NodeId callee = pop();
  std::size_t begin = 0;
  return pop_mark(begin) && instantiate(callee, begin);
}

bool Builder::instantiate_first() {
  std::size_t begin = 0;
  if (!pop_mark(begin)) return false;
  if (begin == stack_.size()) return fail_op("finds too little on the stack");
  const NodeId callee = stack_[begin];
  stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(begin));
  return instantiate(callee, begin);
}

bool Builder::new_with_keywords() {
  if (!has(3)) return false;
  const auto* keywords = graph_[stack_.back()].get_if<CollectionNode>();
  if (keywords == nullptr || keywords->kind != Kind::Dict)
    return fail_op("wants a dict of keyword arguments");
  if (keywords->changes == kNoNode) {
    pop();
    return call(How::NewObject);
  }
  if (!tuple_of(3)) return false;
  const NodeId args = pop();
  return push_global("copyreg", "__newobj_ex__") && call(How::Reduce, pop(), args);
}

bool Builder::build() {
  if (!has(2)) return false;
  const NodeId state = pop();
  Changes* target = changes(stack_.back(), {});
  if (target == nullptr) return fail_op("wants an object");
  if (target->state != kNoNode) return fail_op("sets the state of an object twice");
  target->state = state;
  return count_edges(1);
}

bool Builder::persistent() {
  if (!has(1)) return false;
  return push_new(PersistentNode{pop()});
}

}  // namespace recast::formats::pickle
