#include "engine/formats/torch_zip/pickle_machine.hpp"

#include <bit>

#include "engine/formats/text.hpp"
#include "engine/formats/torch_zip/pickle_input.hpp"
#include "engine/formats/torch_zip/pickle_literals.hpp"
#include "engine/formats/torch_zip/pickle_memo.hpp"
#include "engine/formats/torch_zip/pickle_opcodes.hpp"

namespace recast::formats::pickle {
namespace {

using How = tensor::Object::How;

constexpr std::uint64_t kMaxDigits =
    256;  // protocol 0 spells integers in decimal; converting is quadratic
constexpr unsigned kMaxProtocol = 5;

/// Steps return false after `error_` is set: a Result per opcode would cost more than the opcode.
class Machine {
 public:
  Machine(std::string_view stream, const Origin& origin, const Limits& limits)
      : in_(stream), origin_(origin), limits_(limits) {}

  Result<Graph> run() {
    while (graph_.root == kNoNode) {
      op_at_ = in_.position();
      const auto byte = in_.number<std::uint8_t>();
      if (!byte) {
        op_ = {};
        fail("the pickle ends without STOP");
        break;
      }
      op_ = static_cast<Op>(*byte);
      if (!step()) break;
    }
    if (error_) return std::move(*error_);
    graph_.stop = in_.position();
    return std::move(graph_);
  }

 private:
  bool step();

  // ---- errors

  bool fail(Code code, std::string message) {
    error_ =
        make_diagnostic(code, std::move(message)).in(origin_.file, origin_.byte_offset + op_at_);
    return false;
  }
  bool fail(std::string message) { return fail(Code::format_bad_pickle, std::move(message)); }
  bool fail_op(std::string_view what) { return fail(cat("opcode ", op_name(op_), " ", what)); }
  bool ends_early() { return fail_op("runs over the end of the pickle"); }
  bool too_many(std::string_view what, std::uint64_t limit) {
    return fail(Code::format_too_large,
                cat("the pickle has more than ", limit, " ", what, ", the most that are read"));
  }

  // ---- stack

  std::size_t fence() const noexcept { return marks_.empty() ? 0 : marks_.back(); }

  bool push(NodeId node) {
    if (stack_.size() >= limits_.nodes) return too_many("values on its stack", limits_.nodes);
    stack_.push_back(node);
    return true;
  }

  template <class Content>
  NodeId make(Content content) {
    graph_.nodes.push_back({static_cast<std::uint32_t>(op_at_), std::move(content)});
    return static_cast<NodeId>(graph_.nodes.size() - 1);
  }

  template <class Content>
  bool push_new(Content content) {
    if (graph_.nodes.size() >= limits_.nodes) return too_many("values", limits_.nodes);
    return push(make(std::move(content)));
  }

  bool has(std::size_t count) {
    return stack_.size() - fence() >= count || fail_op("finds too little on the stack");
  }

  NodeId pop() noexcept {
    const NodeId out = stack_.back();
    stack_.pop_back();
    return out;
  }

  /// Removes the last mark; what is above `begin` on the stack stood behind it.
  bool pop_mark(std::size_t& begin) {
    if (marks_.empty()) return fail_op("finds no MARK");
    begin = marks_.back();
    marks_.pop_back();
    return true;
  }

  bool mark() {
    if (marks_.size() >= limits_.marks) return too_many("marks at once", limits_.marks);
    marks_.push_back(stack_.size());
    return true;
  }

  bool count_edges(std::size_t count) {
    edges_ += count;
    return edges_ <= limits_.edges || too_many("references", limits_.edges);
  }

  // ---- values

  bool push_integer(std::string_view bytes) {
    if (bytes.size() > limits_.integer_nbytes)
      return fail(Code::format_too_large,
                  cat("the pickle has an integer of ", bytes.size(), " bytes; at most ",
                      limits_.integer_nbytes, " are read"));
    const std::string_view minimal = minimal_integer(bytes);
    if (const auto small = small_integer(minimal)) return push_new(*small);
    return push_new(BigIntegerNode{minimal});
  }

  bool push_decimal(std::string_view line) {
    if (op_ == Op::INT && (line == "00" || line == "01")) return push_new(line == "01");
    if (op_ == Op::LONG && line.ends_with('L')) line.remove_suffix(1);
    auto bytes = integer_of_decimal(line, kMaxDigits);
    if (!bytes) return fail_op("holds no integer");
    if (const auto small = small_integer(*bytes)) return push_new(*small);
    return push_new(BigIntegerNode{graph_.texts.emplace_back(std::move(*bytes))});
  }

  bool push_text(std::string_view text) {
    if (!is_utf8(text, Surrogates::Allowed)) return fail_op("holds text that is not UTF-8");
    return push_new(TextNode{text});
  }

  /// A string of Python 2 was bytes and mostly meant as text.
  bool push_string(std::string_view bytes) {
    if (is_utf8(bytes)) return push_new(TextNode{bytes});
    return push_new(BytesNode{bytes});
  }

  bool push_owned_text(std::optional<std::string> text) {
    if (!text) return fail_op("holds an escape that is none");
    return push_new(TextNode{graph_.texts.emplace_back(std::move(*text))});
  }

  /// What older protocols say: `bytearray(bytes)`.
  bool push_byte_array(std::string_view bytes) {
    if (!push_global("builtins", "bytearray") || !push_new(BytesNode{bytes}) || !tuple_of(1))
      return false;
    return call_top(How::Reduce);
  }

  bool push_float(std::string_view big_endian) {
    return push_new(
        std::bit_cast<double>(__builtin_bswap64(load_le<std::uint64_t>(big_endian, 0))));
  }

  bool push_repr(std::string_view line) {
    const auto value = float_of_repr(line);
    return value ? push_new(*value) : fail_op("holds no number");
  }

  bool push_global(std::string_view module, std::string_view name) {
    if (!is_utf8(module) || !is_utf8(name)) return fail_op("holds a name that is not UTF-8");
    graph_.globals.push_back({module, name});
    return push_new(GlobalNode{static_cast<std::uint32_t>(graph_.globals.size() - 1)});
  }

  bool global() {
    const auto module = in_.line();
    const auto name = module ? in_.line() : std::nullopt;
    return name ? push_global(*module, *name) : ends_early();
  }

  bool stack_global() {
    if (!has(2)) return false;
    const auto* name = graph_[pop()].get_if<TextNode>();
    const auto* module = graph_[pop()].get_if<TextNode>();
    if (name == nullptr || module == nullptr) return fail_op("wants two strings");
    return push_global(module->utf8, name->utf8);
  }

  // ---- tuples and collections

  /// Moves the stack from `begin` on into a new tuple.
  bool make_tuple(std::size_t begin) {
    const std::size_t count = stack_.size() - begin;
    if (!count_edges(count)) return false;
    const auto first = static_cast<std::uint32_t>(graph_.children.size());
    graph_.children.insert(graph_.children.end(),
                           stack_.begin() + static_cast<std::ptrdiff_t>(begin), stack_.end());
    stack_.resize(begin);
    return push_new(TupleNode{first, static_cast<std::uint32_t>(count)});
  }

  bool tuple_of(std::size_t count) { return has(count) && make_tuple(stack_.size() - count); }

  bool tuple_to_mark() {
    std::size_t begin = 0;
    return pop_mark(begin) && make_tuple(begin);
  }

  template <class Content>
  Changes& changes_of(Content& content) {
    if (content.changes == kNoNode) {
      content.changes = static_cast<std::uint32_t>(graph_.changes.size());
      graph_.changes.emplace_back();
    }
    return graph_.changes[content.changes];
  }

  /// The changes of an object or of a collection of one of `kinds`; null for anything else.
  Changes* changes(NodeId target, std::initializer_list<CollectionNode::Kind> kinds) {
    auto& content = graph_.nodes[target].content;
    if (auto* call = std::get_if<CallNode>(&content)) return &changes_of(*call);
    if (auto* collection = std::get_if<CollectionNode>(&content))
      for (const auto kind : kinds)
        if (collection->kind == kind) return &changes_of(*collection);
    return nullptr;
  }

  /// Moves the stack from `begin` on into the list, set or object below it.
  bool append_from(std::size_t begin) {
    using Kind = CollectionNode::Kind;
    if (begin <= fence()) return fail_op("finds too little on the stack");
    if (!count_edges(stack_.size() - begin)) return false;
    if (begin == stack_.size()) return true;
    Changes* target = changes(stack_[begin - 1], {op_ == Op::ADDITEMS ? Kind::Set : Kind::List});
    if (target == nullptr) return fail_op("wants something that can take items");
    target->items.insert(target->items.end(), stack_.begin() + static_cast<std::ptrdiff_t>(begin),
                         stack_.end());
    stack_.resize(begin);
    return true;
  }

  bool append_to_mark() {
    std::size_t begin = 0;
    return pop_mark(begin) && append_from(begin);
  }

  bool set_from(std::size_t begin) {
    if (begin <= fence()) return fail_op("finds too little on the stack");
    if ((stack_.size() - begin) % 2 != 0) return fail_op("finds a key without a value");
    if (!count_edges(stack_.size() - begin)) return false;
    if (begin == stack_.size()) return true;
    Changes* target = changes(stack_[begin - 1], {CollectionNode::Kind::Dict});
    if (target == nullptr) return fail_op("wants something that can take pairs");
    target->pairs.insert(target->pairs.end(), stack_.begin() + static_cast<std::ptrdiff_t>(begin),
                         stack_.end());
    stack_.resize(begin);
    return true;
  }

  bool set_to_mark() {
    std::size_t begin = 0;
    return pop_mark(begin) && set_from(begin);
  }

  /// LIST, DICT, FROZENSET: a new collection of what stands behind the mark.
  bool collection_to_mark(CollectionNode::Kind kind) {
    std::size_t begin = 0;
    if (!pop_mark(begin)) return false;
    std::vector<NodeId> members(stack_.begin() + static_cast<std::ptrdiff_t>(begin), stack_.end());
    if (!count_edges(members.size())) return false;
    const bool pairs = kind == CollectionNode::Kind::Dict;
    if (pairs && members.size() % 2 != 0) return fail_op("finds a key without a value");
    stack_.resize(begin);
    CollectionNode node{kind, kNoNode};
    if (!members.empty())
      (pairs ? changes_of(node).pairs : changes_of(node).items) = std::move(members);
    return push_new(node);
  }

  // ---- objects

  bool call(How how, NodeId callee, NodeId args) {
    if (graph_[args].get_if<TupleNode>() == nullptr) return fail_op("wants a tuple of arguments");
    return push_new(CallNode{how, callee, args, kNoNode});
  }

  bool call_top(How how) {
    if (!has(2)) return false;
    const NodeId args = pop();
    const NodeId callee = pop();
    return call(how, callee, args);
  }

  /// An old instance: `callee` with the arguments from `begin` on; without any, Python calls no
  /// initialiser.
  bool instantiate(NodeId callee, std::size_t begin) {
    const How how = begin == stack_.size() ? How::NewObject : How::Reduce;
    return make_tuple(begin) && call(how, callee, pop());
  }

  bool inst() {
    std::size_t begin = 0;
    if (!pop_mark(begin) || !global()) return false;
    return instantiate(pop(), begin);
  }

  bool obj() {
    std::size_t begin = 0;
    if (!pop_mark(begin)) return false;
    if (begin == stack_.size()) return fail_op("finds too little on the stack");
    const NodeId callee = stack_[begin];
    stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(begin));
    return instantiate(callee, begin);
  }

  /// `class.__new__(class, *args, **kwargs)`, said through the function that older protocols call
  /// for it.
  bool new_with_keywords() {
    if (!has(3)) return false;
    const auto* keywords = graph_[stack_.back()].get_if<CollectionNode>();
    if (keywords == nullptr || keywords->kind != CollectionNode::Kind::Dict)
      return fail_op("wants a dict of keyword arguments");
    if (keywords->changes == kNoNode) {
      pop();
      return call_top(How::NewObject);
    }
    if (!tuple_of(3)) return false;
    const NodeId args = pop();
    return push_global("copyreg", "__newobj_ex__") && call(How::Reduce, pop(), args);
  }

  bool build() {
    if (!has(2)) return false;
    const NodeId state = pop();
    Changes* target = changes(stack_.back(), {});
    if (target == nullptr) return fail_op("wants an object");
    if (target->state != kNoNode) return fail_op("sets the state of an object twice");
    target->state = state;
    return count_edges(1);
  }

  bool persistent() {
    if (!has(1)) return false;
    return push_new(PersistentNode{pop()});
  }

  bool persistent_line() {
    const auto line = in_.line();
    if (!line) return ends_early();
    return push_text(*line) && persistent();
  }

  // ---- memo

  bool put(std::uint64_t key) {
    if (!has(1)) return false;
    if (memo_.size() >= limits_.nodes) return too_many("memo entries", limits_.nodes);
    memo_.put(key, stack_.back());
    return true;
  }

  bool get(std::uint64_t key) {
    const NodeId node = memo_.get(key);
    return node == kNoNode ? fail_op(cat("asks for memo entry ", key, ", which was not put"))
                           : push(node);
  }

  template <bool (Machine::*use)(std::uint64_t)>
  bool with_decimal() {
    const auto line = in_.line();
    if (!line) return ends_early();
    const auto bytes = integer_of_decimal(*line, kMaxDigits);
    const auto key = bytes ? small_integer(*bytes) : std::nullopt;
    if (!key || *key < 0) return fail_op("holds no memo index");
    return (this->*use)(static_cast<std::uint64_t>(*key));
  }

  // ---- the rest

  bool pop_one() {
    if (!marks_.empty() && marks_.back() == stack_.size()) {
      marks_.pop_back();
      return true;
    }
    if (!has(1)) return false;
    pop();
    return true;
  }

  bool pop_to_mark() {
    std::size_t begin = 0;
    if (!pop_mark(begin)) return false;
    stack_.resize(begin);
    return true;
  }

  bool stop() {
    if (!marks_.empty()) return fail_op("comes before a MARK is closed");
    if (!has(1)) return false;
    if (stack_.size() > 1) return fail_op("leaves values on the stack");
    graph_.root = pop();
    return true;
  }

  bool protocol(unsigned version) {
    return version <= kMaxProtocol ||
           fail(Code::format_unsupported, cat("the pickle has protocol ", version,
                                              "; protocols up to ", kMaxProtocol, " are read"));
  }

  /// Calls `use` with an argument out of the stream, if the stream still holds it.
  template <class Argument, class Use>
  bool with(const std::optional<Argument>& argument, Use use) {
    return argument ? use(*argument) : ends_early();
  }

  Input in_;
  const Origin& origin_;
  Limits limits_;
  Graph graph_;
  Memo memo_;
  std::vector<NodeId> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::uint64_t edges_ = 0;
  std::uint64_t op_at_ = 0;
  Op op_{};
  std::optional<Diagnostic> error_;
};

bool Machine::step() {
  using Kind = CollectionNode::Kind;
  const auto integer = [this](auto value) { return push_new(static_cast<std::int64_t>(value)); };
  const auto big = [this](std::string_view bytes) { return push_integer(bytes); };
  const auto text = [this](std::string_view bytes) { return push_text(bytes); };
  const auto string = [this](std::string_view bytes) { return push_string(bytes); };
  const auto raw = [this](std::string_view bytes) { return push_new(BytesNode{bytes}); };
  const auto memo_put = [this](auto key) { return put(key); };
  const auto memo_get = [this](auto key) { return get(key); };

  // clang-format off
  switch (op_) {
    case Op::PROTO: return with(in_.number<std::uint8_t>(), [this](unsigned version) { return protocol(version); });
    case Op::FRAME: return with(in_.number<std::uint64_t>(), [this](std::uint64_t nbytes) {
      return nbytes <= in_.left() || ends_early();
    });
    case Op::STOP: return stop();
    case Op::MARK: return mark();
    case Op::POP: return pop_one();
    case Op::POP_MARK: return pop_to_mark();
    case Op::DUP: return has(1) && push(stack_.back());

    case Op::NONE: return push_new(NoneNode{});
    case Op::NEWTRUE: return push_new(true);
    case Op::NEWFALSE: return push_new(false);
    case Op::BININT1: return with(in_.number<std::uint8_t>(), integer);
    case Op::BININT2: return with(in_.number<std::uint16_t>(), integer);
    case Op::BININT: return with(in_.number<std::int32_t>(), integer);
    case Op::LONG1: return with(in_.counted<std::uint8_t>(), big);
    case Op::LONG4: return with(in_.counted<std::int32_t>(), big);
    case Op::INT:
    case Op::LONG: return with(in_.line(), [this](std::string_view line) { return push_decimal(line); });
    case Op::FLOAT: return with(in_.line(), [this](std::string_view line) { return push_repr(line); });
    case Op::BINFLOAT: return with(in_.take(8), [this](std::string_view bytes) { return push_float(bytes); });

    case Op::BINUNICODE: return with(in_.counted<std::uint32_t>(), text);
    case Op::SHORT_BINUNICODE: return with(in_.counted<std::uint8_t>(), text);
    case Op::BINUNICODE8: return with(in_.counted<std::uint64_t>(), text);
    case Op::UNICODE: return with(in_.line(), [this](std::string_view line) { return push_owned_text(unescape_unicode(line)); });
    case Op::SHORT_BINSTRING: return with(in_.counted<std::uint8_t>(), string);
    case Op::BINSTRING: return with(in_.counted<std::int32_t>(), string);
    case Op::STRING: return with(in_.line(), [this](std::string_view line) {
      auto bytes = unescape_string(line);
      return bytes ? push_string(graph_.texts.emplace_back(std::move(*bytes))) : fail_op("holds no quoted string");
    });
    case Op::SHORT_BINBYTES: return with(in_.counted<std::uint8_t>(), raw);
    case Op::BINBYTES: return with(in_.counted<std::uint32_t>(), raw);
    case Op::BINBYTES8: return with(in_.counted<std::uint64_t>(), raw);
    case Op::BYTEARRAY8: return with(in_.counted<std::uint64_t>(), [this](std::string_view bytes) { return push_byte_array(bytes); });

    case Op::EMPTY_TUPLE: return tuple_of(0);
    case Op::TUPLE1: return tuple_of(1);
    case Op::TUPLE2: return tuple_of(2);
    case Op::TUPLE3: return tuple_of(3);
    case Op::TUPLE: return tuple_to_mark();
    case Op::EMPTY_LIST: return push_new(CollectionNode{Kind::List, kNoNode});
    case Op::EMPTY_DICT: return push_new(CollectionNode{Kind::Dict, kNoNode});
    case Op::EMPTY_SET: return push_new(CollectionNode{Kind::Set, kNoNode});
    case Op::LIST: return collection_to_mark(Kind::List);
    case Op::DICT: return collection_to_mark(Kind::Dict);
    case Op::FROZENSET: return collection_to_mark(Kind::FrozenSet);
    case Op::APPEND: return has(2) && append_from(stack_.size() - 1);
    case Op::APPENDS:
    case Op::ADDITEMS: return append_to_mark();
    case Op::SETITEM: return has(3) && set_from(stack_.size() - 2);
    case Op::SETITEMS: return set_to_mark();

    case Op::GLOBAL: return global();
    case Op::STACK_GLOBAL: return stack_global();
    case Op::REDUCE: return call_top(How::Reduce);
    case Op::NEWOBJ: return call_top(How::NewObject);
    case Op::NEWOBJ_EX: return new_with_keywords();
    case Op::INST: return inst();
    case Op::OBJ: return obj();
    case Op::BUILD: return build();
    case Op::BINPERSID: return persistent();
    case Op::PERSID: return persistent_line();

    case Op::PUT: return with_decimal<&Machine::put>();
    case Op::BINPUT: return with(in_.number<std::uint8_t>(), memo_put);
    case Op::LONG_BINPUT: return with(in_.number<std::uint32_t>(), memo_put);
    case Op::MEMOIZE: return put(memo_.size());
    case Op::GET: return with_decimal<&Machine::get>();
    case Op::BINGET: return with(in_.number<std::uint8_t>(), memo_get);
    case Op::LONG_BINGET: return with(in_.number<std::uint32_t>(), memo_get);

    case Op::EXT1:
    case Op::EXT2:
    case Op::EXT4: return fail(Code::format_unsupported, cat("opcode ", op_name(op_), " refers to a registry that is not in the file"));
    case Op::NEXT_BUFFER:
    case Op::READONLY_BUFFER: return fail(Code::format_unsupported, cat("opcode ", op_name(op_), " refers to a buffer that is not in the file"));
  }
  // clang-format on
  static constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned>(op_);
  return fail(cat("byte 0x", kHex[byte >> 4], kHex[byte & 15U], " is no pickle opcode"));
}

}  // namespace

Result<Graph> read_pickle(std::string_view stream, const Origin& origin, const Limits& limits) {
  if (stream.size() > kMaxStream)
    return make_diagnostic(Code::format_too_large, cat("the pickle has ", stream.size(),
                                                       " bytes; at most ", kMaxStream, " are read"))
        .in(origin.file, origin.byte_offset);
  return Machine(stream, origin, limits).run();
}

}  // namespace recast::formats::pickle
