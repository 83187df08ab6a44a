#include "engine/checkpoint/weights_index.hpp"

#include "engine/checkpoint/json.hpp"

namespace recast::checkpoint {
namespace {

constexpr std::size_t kMostErrors = 20;  // one wrong shard would name all of its tensors

void mismatch(DiagnosticSink& sink, const std::string& place, std::string what) {
  sink.add(
      make_diagnostic(Code::format_index, std::move(what))
          .in(place)
          .suggest("index and shards belong to different checkpoints, or a shard was replaced"));
}

Diagnostic unreadable(const std::string& place, std::string what) {
  return make_diagnostic(Code::format_index, std::move(what))
      .in(place)
      .suggest("copy the index again from where the checkpoint came from");
}

}  // namespace

Result<WeightsIndex> parse_weights_index(const std::string& text, const std::string& place) {
  auto index = parse_json(text, place);
  if (!index) return std::move(index).error();
  const tensor::Value* map = tensor::field(*index, "weight_map");
  const auto* entries = map == nullptr ? nullptr : tensor::fields_of(*map);
  if (entries == nullptr || entries->empty())
    return unreadable(place, "the index has no 'weight_map'");
  WeightsIndex out;
  for (const auto& [key, file] : *entries) {
    const auto* tensor = key.get_if<std::string>();
    const auto* shard = file.get_if<std::string>();
    if (tensor == nullptr || shard == nullptr || shard->empty() ||
        shard->find('/') != std::string::npos || shard->front() == '.')
      return unreadable(place, cat("the index maps a tensor to ", tensor::print(file),
                                   ", expected the name of a file beside it"));
    out[*tensor] = *shard;
  }
  return out;
}

void compare_index(WeightsIndex index, const std::vector<OpenedFile>& files,
                   const std::string& place, DiagnosticSink& sink) {
  for (const OpenedFile& file : files)
    for (const tensor::StoredTensor& tensor : file.catalog.tensors) {
      const auto entry = index.find(tensor.name);
      const bool placed = entry != index.end();
      if (!placed || entry->second != file.path)
        mismatch(
            sink, place,
            cat("'", file.path, "' holds tensor '", tensor.name, "', which the index ",
                placed ? cat("places in '", entry->second, "'") : std::string("does not name")));
      if (placed) index.erase(entry);
      if (sink.error_count() > kMostErrors) return;
    }
  for (const auto& [tensor, shard] : index) {
    mismatch(
        sink, place,
        cat("the index places tensor '", tensor, "' in '", shard, "', which does not hold it"));
    if (sink.error_count() > kMostErrors) return;
  }
}

}  // namespace recast::checkpoint
