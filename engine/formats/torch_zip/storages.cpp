#include "engine/formats/torch_zip/storages.hpp"

#include "engine/base/checked.hpp"
#include "engine/formats/text.hpp"
#include "engine/formats/torch_zip/torch_dtypes.hpp"

namespace recast::formats {
namespace {

using pickle::Graph;
using pickle::NodeId;
using pickle::TextNode;

/// ("storage", class, key, location, count) as the stream says it. The location is a device and
/// says nothing about bytes.
struct Mention {
  pickle::GlobalName storage_class;
  std::string_view key;
  std::int64_t count = 0;
};

std::optional<Mention> mention_of(const Graph& graph, NodeId id) {
  const auto parts = graph.tuple(id);
  if (!parts || parts->size() != 5) return std::nullopt;
  const auto* word = graph[(*parts)[0]].get_if<TextNode>();
  const auto* storage_class = graph.global((*parts)[1]);
  const auto* key = graph[(*parts)[2]].get_if<TextNode>();
  const auto* location = graph[(*parts)[3]].get_if<TextNode>();
  const auto* count = graph[(*parts)[4]].get_if<std::int64_t>();
  if (word == nullptr || word->utf8 != "storage" || storage_class == nullptr || key == nullptr ||
      location == nullptr || count == nullptr)
    return std::nullopt;
  return Mention{*storage_class, key->utf8, *count};
}

bool is_torch(std::string_view module) noexcept {
  return module == "torch" || module.starts_with("torch.");
}

}  // namespace

Result<Storage> Storages::resolve(NodeId id) {
  const auto mention = mention_of(graph_, id);
  if (!mention)
    return make_diagnostic(Code::format_bad_pickle,
                           "a persistent id is not (\"storage\", class, key, location, count)");
  const auto [module, name] = mention->storage_class;
  const auto dtype = is_torch(module) ? dtype_of_storage(name) : std::nullopt;
  if (!dtype)
    return make_diagnostic(Code::format_unknown_dtype, cat("'", shown(module), ".", shown(name),
                                                           "' is no known class of storages"));

  const auto key = [&] { return shown(mention->key); };
  if (const auto known = by_key_.find(mention->key); known != by_key_.end()) {
    const Storage& first = known->second;
    if (first.dtype == *dtype && std::int64_t(first.count) == mention->count) return first;
    return make_diagnostic(
        Code::format_bad_tensor,
        cat("storage '", key(), "' is ", first.count, " × ", tensor::dtype_name(first.dtype),
            " first and ", mention->count, " × ", tensor::dtype_name(*dtype), " later"));
  }
  const ZipRecord* record = zip_.find(cat("data/", mention->key));
  if (record == nullptr)
    return make_diagnostic(Code::format_missing_record,
                           cat("the archive has no record 'data/", key(), "'"))
        .suggest("the file was not written completely; take it from its source again");
  const auto nbytes = checked_mul(mention->count, std::int64_t(tensor::dtype_nbytes(*dtype)));
  if (mention->count < 0 || !nbytes || std::uint64_t(*nbytes) != record->nbytes)
    return make_diagnostic(
        Code::format_bad_tensor,
        cat("storage '", key(), "' is ", mention->count, " × ", tensor::dtype_name(*dtype),
            ", but record 'data/", key(), "' has ", record->nbytes, " bytes"));
  const Storage storage{*dtype, std::uint64_t(mention->count), record->payload_offset,
                        record->nbytes, mention->storage_class};
  by_key_.emplace(mention->key, storage);
  return storage;
}

}  // namespace recast::formats
