#include "engine/formats/torch_zip/interpret.hpp"

#include <algorithm>
#include <unordered_map>

#include "engine/base/utf8.hpp"
#include "engine/formats/text.hpp"
#include "engine/formats/torch_zip/bare_storage.hpp"
#include "engine/formats/torch_zip/python_keys.hpp"
#include "engine/formats/torch_zip/rebuild.hpp"
#include "engine/formats/torch_zip/storages.hpp"

namespace recast::formats {
namespace {

using pickle::CallNode;
using pickle::Changes;
using pickle::CollectionNode;
using pickle::Graph;
using pickle::kNoNode;
using pickle::NodeId;
using tensor::Mapping;
using tensor::Object;
using tensor::Sequence;
using tensor::Symbol;
using tensor::Value;

bool insert_key(PythonKeys& keys, const pickle::Node& key) {
  if (const auto* text = key.get_if<pickle::TextNode>()) return keys.insert(text->utf8);
  if (const auto* flag = key.get_if<bool>()) return keys.insert(*flag);
  if (const auto* number = key.get_if<std::int64_t>()) return keys.insert(*number);
  if (const auto* real = key.get_if<double>()) return keys.insert(*real);
  return true;
}

/// Latin-1 text as the bytes that it stands for; nullopt if a code point is over 255.
std::optional<std::string> latin1_bytes(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    if (!point.valid || point.value > 0xFF) return std::nullopt;
    out += static_cast<char>(point.value);
    at += point.nbytes;
  }
  return out;
}

/// Functions return false after `error_` is set: they recurse, and a Result would make each frame
/// large.
class Interpreter {
 public:
  Interpreter(const Graph& graph, const ZipDirectory& zip, const pickle::Origin& origin,
              const DocumentLimits& limits)
      : graph_(graph),
        storages_(graph, zip),
        origin_(origin),
        limits_(limits),
        open_(graph.nodes.size()) {}

  Result<Document> run() {
    if (!value(graph_.root, document_.root)) return std::move(*error_);
    return std::move(document_);
  }

 private:
  // ---- errors

  bool fail(Diagnostic error, NodeId id) {
    error_ = std::move(error).in(origin_.file, origin_.byte_offset + graph_[id].at);
    return false;
  }
  bool fail(Code code, std::string message, NodeId id) {
    return fail(make_diagnostic(code, std::move(message)), id);
  }
  /// `what` is a clause about the tensor that stands at `path_`.
  bool fail_tensor(Diagnostic error, NodeId id) {
    error.message = cat("tensor '", shown(path_), "': ", error.message);
    return fail(std::move(error), id);
  }

  bool spend_text(std::size_t nbytes, NodeId id) {
    text_nbytes_ += nbytes;
    return text_nbytes_ <= limits_.text_nbytes ||
           fail(Code::format_too_large,
                cat("the pickle spells out to more than ", limits_.text_nbytes, " bytes of text"),
                id);
  }

  // ---- the path

  /// Runs `use` with a component appended to the path.
  template <class Use>
  bool below(std::string_view component, Use use) {
    const std::size_t length = path_.size();
    if (!path_.empty()) path_ += '/';
    path_ += component;
    const bool ok = use();
    path_.resize(length);
    return ok;
  }
  template <class Use>
  bool below(std::size_t index, Use use) {
    return below(std::to_string(index), use);
  }

  // ---- values

  bool value(NodeId id, Value& out) {
    if (++values_ > limits_.values)
      return fail(Code::format_too_large,
                  cat("the pickle unfolds to more than ", limits_.values, " values"), id);
    if (depth_ >= limits_.depth)
      return fail(Code::format_too_large, cat("values nest deeper than ", limits_.depth), id);
    if (open_[id]) return cycle(id, out);
    ++depth_;
    open_[id] = true;
    const bool ok =
        std::visit([&](const auto& content) { return one(id, content, out); }, graph_[id].content);
    open_[id] = false;
    --depth_;
    return ok;
  }

  bool cycle(NodeId id, Value& out) {
    if (graph_[id].get_if<CallNode>() == nullptr || is_ordered_dict(id))
      return fail(Code::format_cycle, cat("what stands at '", shown(path_), "' contains itself"),
                  id);
    out = Symbol{"recast", "cycle"};
    return true;
  }

  bool one(NodeId, const pickle::NoneNode&, Value& out) { return out = Value(), true; }
  bool one(NodeId, bool flag, Value& out) { return out = flag, true; }
  bool one(NodeId, std::int64_t number, Value& out) { return out = number, true; }
  bool one(NodeId, double number, Value& out) { return out = number, true; }
  bool one(NodeId id, const pickle::TextNode& text, Value& out) {
    out = text.utf8;
    return spend_text(text.utf8.size(), id);
  }
  bool one(NodeId id, const pickle::BytesNode& raw, Value& out) {
    out = tensor::Bytes{std::string(raw.bytes)};
    return spend_text(raw.bytes.size(), id);
  }
  bool one(NodeId id, const pickle::BigIntegerNode& number, Value& out) {
    out = tensor::BigInteger{std::string(number.bytes)};
    return spend_text(number.bytes.size(), id);
  }
  bool one(NodeId id, const pickle::GlobalNode& node, Value& out) {
    const auto [module, name] = graph_.globals[node.name];
    out = Symbol{std::string(module), std::string(name)};
    return spend_text(module.size() + name.size(), id);
  }
  bool one(NodeId id, const pickle::TupleNode&, Value& out) {
    return sequence(Sequence::Kind::Tuple, *graph_.tuple(id), out);
  }
  bool one(NodeId id, const CollectionNode& collection, Value& out) {
    const Changes& content = changes(collection.changes);
    switch (collection.kind) {
      case CollectionNode::Kind::List:
        return sequence(Sequence::Kind::List, content.items, out);
      case CollectionNode::Kind::Set:
        return sequence(Sequence::Kind::Set, content.items, out);
      case CollectionNode::Kind::FrozenSet:
        return sequence(Sequence::Kind::FrozenSet, content.items, out);
      case CollectionNode::Kind::Dict:
        break;
    }
    Mapping mapping;
    if (!pairs(id, content.pairs, mapping.entries)) return false;
    out = std::move(mapping);
    return true;
  }

  bool sequence(Sequence::Kind kind, std::span<const NodeId> items, Value& out) {
    Sequence held{kind, {}};
    if (!members(items, held.items)) return false;
    out = std::move(held);
    return true;
  }

  bool members(std::span<const NodeId> ids, tensor::ValueList& out) {
    // Not more than may still come: a tree that is refused for its size must not be reserved first.
    out.reserve(
        std::min<std::uint64_t>(ids.size(), limits_.values - std::min(values_, limits_.values)));
    for (const NodeId id : ids) {
      if (!below(out.size(), [&] { return value(id, out.emplace_back()); })) return false;
    }
    return true;
  }

  bool pairs(NodeId owner, std::span<const NodeId> ids, std::vector<std::pair<Value, Value>>& out) {
    PythonKeys keys;
    out.reserve(std::min<std::uint64_t>(ids.size() / 2,
                                        limits_.values - std::min(values_, limits_.values)));
    for (std::size_t i = 0; i + 1 < ids.size(); i += 2) {
      auto& pair = out.emplace_back();
      Value& key = pair.first;  // by name: Clang 14 cannot capture a structured binding
      Value& held = pair.second;
      if (!below(i / 2, [&] { return value(ids[i], key); })) return false;
      const std::string component = component_of(key);
      if (!insert_key(keys, graph_[ids[i]]))
        return fail(Code::format_duplicate_name,
                    cat("key '", shown(component), "' stands twice in '", shown(path_), "'"),
                    owner);
      if (!below(component, [&] { return value(ids[i + 1], held); })) return false;
    }
    return true;
  }

  static std::string component_of(const Value& key) {
    const auto* text = key.get_if<std::string>();
    return text != nullptr ? *text : tensor::print(key);
  }

  // ---- objects

  const Changes& changes(std::uint32_t index) const {
    static const Changes kNone;
    return index == kNoNode ? kNone : graph_.changes[index];
  }

  bool is_ordered_dict(NodeId id) const {
    const auto* call = graph_[id].get_if<CallNode>();
    const auto* callee = call == nullptr ? nullptr : graph_.global(call->callee);
    return callee != nullptr && call->how == Object::How::Reduce &&
           callee->module == "collections" && callee->name == "OrderedDict";
  }

  bool one(NodeId id, const CallNode& call, Value& out) {
    auto rebuilt = rebuild_tensor(graph_, id, storages_);
    if (!rebuilt) return fail_tensor(std::move(rebuilt).error(), id);
    if (rebuilt.value()) return add_tensor(std::move(**rebuilt), id, out);
    bool known = false;
    if (!known_call(id, call, out, known)) return false;
    return known || object(id, call, out);
  }

  /// Calls whose result is a value of its own kind.
  bool known_call(NodeId id, const CallNode& call, Value& out, bool& known) {
    const auto* callee = graph_.global(call.callee);
    const auto args = graph_.tuple(call.args);
    const Changes& changed = changes(call.changes);
    if (callee == nullptr || call.how != Object::How::Reduce || !changed.items.empty() ||
        changed.state != kNoNode)
      return true;
    const auto [module, name] = *callee;
    if (module == "collections" && name == "OrderedDict" && args->empty()) {
      known = true;
      Mapping mapping;
      mapping.ordered = true;
      if (!pairs(id, changed.pairs, mapping.entries)) return false;
      out = std::move(mapping);
      return true;
    }
    if (!changed.pairs.empty()) return true;
    const bool builtin = module == "__builtin__" || module == "builtins";
    if (builtin && (name == "set" || name == "frozenset") && args->size() == 1) {
      const auto* list = graph_[(*args)[0]].get_if<CollectionNode>();
      if (list == nullptr || list->kind != CollectionNode::Kind::List) return true;
      known = true;
      return sequence(name == "set" ? Sequence::Kind::Set : Sequence::Kind::FrozenSet,
                      changes(list->changes).items, out);
    }
    if (builtin && name == "bytes" && args->empty()) {
      known = true;
      out = tensor::Bytes{};
    }
    if (module == "_codecs" && name == "encode" && args->size() == 2) {
      const auto* text = graph_[(*args)[0]].get_if<pickle::TextNode>();
      const auto* codec = graph_[(*args)[1]].get_if<pickle::TextNode>();
      if (text == nullptr || codec == nullptr ||
          (codec->utf8 != "latin1" && codec->utf8 != "latin-1"))
        return true;
      auto bytes = latin1_bytes(text->utf8);
      if (!bytes) return true;
      known = true;
      out = tensor::Bytes{std::move(*bytes)};
      return spend_text(text->utf8.size(), id);
    }
    return true;
  }

  bool object(NodeId id, const CallNode& call, Value& out) {
    Object held;
    held.how = call.how;
    const Changes& changed = changes(call.changes);
    if (!value(call.callee, held.callee.emplace_back()) ||
        !value(call.args, held.args.emplace_back()) || !members(changed.items, held.items) ||
        !pairs(id, changed.pairs, held.pairs))
      return false;
    if (changed.state != kNoNode && !value(changed.state, held.state.emplace_back())) return false;
    // Would be written as a bare storage, which it is not.
    if (tensor_of_bare_storage(held))
      return fail(Code::format_bad_pickle,
                  cat("'", shown(path_), "' makes a storage out of a tensor"), id);
    out = std::move(held);
    return true;
  }

  // ---- tensors

  bool one(NodeId id, const pickle::PersistentNode& persistent, Value& out) {
    auto resolved = storages_.resolve(persistent.id);
    if (!resolved) return fail_tensor(std::move(resolved).error(), id);
    const Storage& storage = *resolved;
    const std::size_t index = document_.tensors.size();
    const auto [module, name] = storage.storage_class;
    const auto count = static_cast<std::int64_t>(storage.count);
    out = bare_storage(Symbol{std::string(module), std::string(name)}, index);
    Value ref;
    return add_tensor({{}, storage.dtype, {count}, {1}, storage.byte_offset}, id, ref);
  }

  bool add_tensor(tensor::StoredTensor tensor, NodeId id, Value& out) {
    tensor.name = path_;
    for (auto& uses = names_[path_]; ++uses > 1;) {
      tensor.name = cat(path_, "#", uses);
      if (names_.find(tensor.name) == names_.end()) {
        names_.emplace(tensor.name, 1);
        break;
      }
    }
    out = tensor::TensorRef{document_.tensors.size()};
    if (!spend_text(tensor.name.size(), id)) return false;
    document_.tensors.push_back(std::move(tensor));
    return true;
  }

  const Graph& graph_;
  Storages storages_;
  const pickle::Origin& origin_;
  DocumentLimits limits_;
  Document document_;
  std::unordered_map<std::string, std::uint64_t> names_;  // and how often each came up
  std::vector<bool> open_;                                // nodes on the way from the root
  std::string path_;
  std::uint64_t values_ = 0;
  std::uint64_t text_nbytes_ = 0;
  std::uint32_t depth_ = 0;
  std::optional<Diagnostic> error_;
};

}  // namespace

Result<Document> interpret(const Graph& graph, const ZipDirectory& zip,
                           const pickle::Origin& origin, const DocumentLimits& limits) {
  return Interpreter(graph, zip, origin, limits).run();
}

}  // namespace recast::formats
