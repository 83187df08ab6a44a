#include "engine/formats/torch_zip/rebuild.hpp"

#include <algorithm>

#include "engine/base/checked.hpp"
#include "engine/formats/torch_zip/torch_dtypes.hpp"

namespace recast::formats {
namespace {

using pickle::CallNode;
using pickle::Graph;
using pickle::kNoNode;
using pickle::NodeId;
using tensor::StoredTensor;

using Ids = std::span<const NodeId>;

/// A function applied to arguments, not called.
struct Applied {
  const pickle::GlobalName* function = nullptr;
  Ids args;
};

Diagnostic bad(std::string message) {
  return make_diagnostic(Code::format_bad_tensor, std::move(message));
}

std::optional<Applied> applied(const Graph& graph, const CallNode& call) {
  const auto* function = graph.global(call.callee);
  const auto args = graph.tuple(call.args);
  if (function == nullptr || !args || call.how != tensor::Object::How::Reduce) return std::nullopt;
  return Applied{function, *args};
}

bool is(const Applied& call, std::string_view module, std::string_view name, std::size_t fewest,
        std::size_t most) {
  return call.function->module == module && call.function->name == name &&
         call.args.size() >= fewest && call.args.size() <= most;
}

/// Unwraps parameters and subclasses until the call makes a plain tensor.
std::optional<Applied> innermost(const Graph& graph, Applied call) {
  // PyTorch nests two of them; a stream could nest millions.
  constexpr int kMostWrappers = 8;
  for (int wrappers = 0; wrappers <= kMostWrappers; ++wrappers) {
    if (is(call, "torch._utils", "_rebuild_parameter", 3, 3) ||
        is(call, "torch._utils", "_rebuild_parameter_with_state", 4, 4)) {
      const auto* inner = graph[call.args[0]].get_if<CallNode>();
      const auto next =
          inner != nullptr && inner->changes == kNoNode ? applied(graph, *inner) : std::nullopt;
      if (!next) return std::nullopt;
      call = *next;
    } else if (is(call, "torch._tensor", "_rebuild_from_type_v2", 4, 4) ||
               is(call, "torch._tensor", "_rebuild_from_type", 4, 4)) {
      const auto* function = graph.global(call.args[0]);
      const auto args = graph.tuple(call.args[2]);
      if (function == nullptr || !args) return std::nullopt;
      call = {function, *args};
    } else {
      return call;
    }
  }
  return std::nullopt;
}

/// Integers out of a tuple or a torch.Size; nullopt if it is neither or holds something else.
std::optional<std::vector<std::int64_t>> integers(const Graph& graph, NodeId id) {
  if (const auto* call = graph[id].get_if<CallNode>()) {
    const auto size = applied(graph, *call);
    if (!size || !is(*size, "torch", "Size", 1, 1)) return std::nullopt;
    id = size->args[0];
  }
  const auto items = graph.tuple(id);
  if (!items) return std::nullopt;
  std::vector<std::int64_t> out;
  out.reserve(items->size());
  for (const NodeId item : *items) {
    const auto* number = graph[item].get_if<std::int64_t>();
    if (number == nullptr) return std::nullopt;
    out.push_back(*number);
  }
  return out;
}

/// Whether the metadata of a tensor say that its bytes are its values: absent, or `conj` and `neg`
/// both False.
bool is_plain(const Graph& graph, Ids args, std::size_t index) {
  if (args.size() <= index) return true;
  const pickle::Node& node = graph[args[index]];
  if (node.get_if<pickle::NoneNode>() != nullptr) return true;
  const auto* dict = node.get_if<pickle::CollectionNode>();
  if (dict == nullptr || dict->kind != pickle::CollectionNode::Kind::Dict) return false;
  if (dict->changes == kNoNode) return true;
  const std::vector<NodeId>& pairs = graph.changes[dict->changes].pairs;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    const auto* key = graph[pairs[i]].get_if<pickle::TextNode>();
    const auto* flag = graph[pairs[i + 1]].get_if<bool>();
    if (key == nullptr || (key->utf8 != "conj" && key->utf8 != "neg")) return false;
    if (flag == nullptr || *flag) return false;
  }
  return true;
}

/// Bytes from the start of the storage to the first element; checks that all elements lie inside.
Result<std::uint64_t> first_byte(const StoredTensor& tensor, std::int64_t offset,
                                 const Storage& storage) {
  if (tensor.shape.size() != tensor.strides.size())
    return bad(
        cat("it has ", tensor.shape.size(), " sizes and ", tensor.strides.size(), " strides"));
  const auto negative = [](std::int64_t number) { return number < 0; };
  if (offset < 0 || std::any_of(tensor.shape.begin(), tensor.shape.end(), negative) ||
      std::any_of(tensor.strides.begin(), tensor.strides.end(), negative))
    return bad("its offset, a size or a stride is negative");
  // An empty tensor touches nothing, wherever it says that it is.
  if (std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end()) return 0;

  const auto nbytes = std::int64_t(tensor::dtype_nbytes(tensor.dtype));
  std::optional<std::int64_t> logical = nbytes;
  std::optional<std::int64_t> last = offset;
  for (std::size_t i = 0; i < tensor.shape.size() && logical && last; ++i) {
    logical = checked_mul(*logical, tensor.shape[i]);
    const auto step = checked_mul(tensor.shape[i] - 1, tensor.strides[i]);
    last = step ? checked_add(*last, *step) : std::nullopt;
  }
  const auto count = last ? checked_add(*last, std::int64_t{1}) : std::nullopt;
  const auto end = count ? checked_mul(*count, nbytes) : std::nullopt;
  if (!logical || !end) return bad("its sizes overflow 64 bits");
  if (std::uint64_t(*end) > storage.nbytes)
    return bad(cat("it reaches to byte ", *end, " of a storage of ", storage.nbytes, " bytes"));
  return std::uint64_t(offset) * std::uint64_t(nbytes);
}

}  // namespace

Result<std::optional<StoredTensor>> rebuild_tensor(const Graph& graph, NodeId id,
                                                   Storages& storages) {
  constexpr std::optional<StoredTensor> kOpaque;
  const auto* node = graph[id].get_if<CallNode>();
  const auto outer = node != nullptr ? applied(graph, *node) : std::nullopt;
  const auto call = outer ? innermost(graph, *outer) : std::nullopt;
  if (!call || call->function->module != "torch._utils") return kOpaque;
  const std::string_view name = call->function->name;
  const bool v1 = name == "_rebuild_tensor";
  const bool v2 = name == "_rebuild_tensor_v2";
  const bool v3 = name == "_rebuild_tensor_v3";
  if (!v1 && !v2 && !v3) return kOpaque;
  if (node->changes != kNoNode) return bad("it is changed after it was made");

  const Ids args = call->args;
  const std::size_t fewest = v1 ? 4 : v2 ? 6 : 7;
  if (args.size() < fewest || args.size() > fewest + (v1 ? 0 : 1))
    return bad(cat("'", name, "' has ", args.size(), " arguments, ", fewest,
                   v1 ? " were expected" : " or one more were expected"));
  const auto* persistent = graph[args[0]].get_if<pickle::PersistentNode>();
  if (persistent == nullptr || (!v1 && !is_plain(graph, args, fewest))) return kOpaque;
  const auto* offset = graph[args[1]].get_if<std::int64_t>();
  auto shape = integers(graph, args[2]);
  auto strides = integers(graph, args[3]);
  if (offset == nullptr || !shape || !strides)
    return bad(cat("'", name, "' wants an offset, a tuple of sizes and a tuple of strides"));

  RECAST_ASSIGN(const Storage storage, storages.resolve(persistent->id));
  StoredTensor out{{}, storage.dtype, std::move(*shape), std::move(*strides), 0};
  if (v3) {
    const auto* wanted = graph.global(args[6]);
    const auto dtype = wanted != nullptr && wanted->module == "torch" ? dtype_of_torch(wanted->name)
                                                                      : std::nullopt;
    if (!dtype) return kOpaque;
    out.dtype = *dtype;
  }
  RECAST_ASSIGN(const std::uint64_t first, first_byte(out, *offset, storage));
  out.byte_offset = storage.byte_offset + first;
  return std::optional(std::move(out));
}

}  // namespace recast::formats
