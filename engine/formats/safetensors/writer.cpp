#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "engine/base/render.hpp"
#include "engine/formats/little_endian.hpp"
#include "engine/formats/payload_size.hpp"
#include "engine/formats/safetensors/dtypes.hpp"
#include "engine/formats/safetensors/header.hpp"
#include "engine/formats/safetensors/safetensors.hpp"
#include "engine/formats/text.hpp"

namespace recast::formats {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::string_view kMetadata = "__metadata__";

Diagnostic cannot(std::string message) {
  return make_diagnostic(Code::format_cannot_write, std::move(message));
}

Diagnostic header_too_long() {
  return cannot(cat("the header would be longer than the ", safetensors::kMaxHeader,
                    " bytes that safetensors allows"))
      .suggest("write more, smaller files");
}

class SafetensorsLayout final : public FileLayout {
 public:
  /// `head`: length and header; `offsets` relative to the end of `head`.
  SafetensorsLayout(std::string head, std::vector<std::uint64_t> offsets, std::uint64_t data_nbytes)
      : head_(std::move(head)), offsets_(std::move(offsets)), nbytes_(head_.size() + data_nbytes) {
    for (std::uint64_t& offset : offsets_)
      offset += head_.size();
  }
  std::uint64_t nbytes() const noexcept override { return nbytes_; }
  const std::vector<std::uint64_t>& tensor_offsets() const noexcept override { return offsets_; }
  bool needs_crc() const noexcept override { return false; }
  Result<void> finish(io::OutputFile& file, std::span<const std::uint32_t>) const override {
    return file.write(0, as_bytes(head_));
  }

 private:
  std::string head_;
  std::vector<std::uint64_t> offsets_;
  std::uint64_t nbytes_;
};

/// `"__metadata__":{…}`, or nothing.
Result<std::string> metadata_json(const tensor::Value& root) {
  if (root.is_null()) return std::string();
  const auto* mapping = root.get_if<tensor::Mapping>();
  if (mapping == nullptr) return cannot("the metadata of a safetensors file must be a mapping");
  if (mapping->entries.empty()) return std::string();
  std::string out = cat('"', kMetadata, "\":{");
  std::unordered_set<std::string_view> keys;
  for (const auto& [key, held] : mapping->entries) {
    const auto* name = key.get_if<std::string>();
    const auto* text = held.get_if<std::string>();
    if (name == nullptr || text == nullptr)
      return cannot(cat("the metadata of a safetensors file must be text, '",
                        name == nullptr ? tensor::print(key) : shown(*name), "' is not"));
    if (!is_utf8(*name) || !is_utf8(*text))
      return cannot(cat("metadata '", shown(*name), "' is not UTF-8"));
    if (!keys.insert(*name).second)
      return cannot(cat("metadata '", shown(*name), "' stands twice"));
    out += cat(keys.size() > 1 ? "," : "", json_quote(*name), ':', json_quote(*text));
  }
  return out + '}';
}

Result<void> check_names(std::span<const TensorSpec> tensors) {
  std::unordered_set<std::string_view> names;
  names.reserve(tensors.size());
  std::uint64_t nbytes = 0;
  for (const TensorSpec& tensor : tensors)
    nbytes += tensor.name.size();
  if (nbytes > safetensors::kMaxHeader) return header_too_long();
  for (const TensorSpec& tensor : tensors) {
    if (tensor.name == kMetadata || !is_utf8(tensor.name))
      return cannot(
          cat("a tensor in a safetensors file cannot be called '", shown(tensor.name), "'"));
    if (!names.insert(tensor.name).second)
      return cannot(cat("two tensors are called '", shown(tensor.name), "'"));
    if (!safetensors::row_of(tensor.dtype))
      return cannot(cat("safetensors has no dtype for tensor '", shown(tensor.name), "' of ",
                        tensor::dtype_name(tensor.dtype)));
  }
  return {};
}

/// The order of the reference writer: wide types first, which aligns every tensor; then by name.
std::vector<std::size_t> data_order(std::span<const TensorSpec> tensors) {
  std::vector<std::size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const std::size_t a_rank = safetensors::row_of(tensors[a].dtype)->order;
    const std::size_t b_rank = safetensors::row_of(tensors[b].dtype)->order;
    return a_rank != b_rank ? a_rank > b_rank : tensors[a].name < tensors[b].name;
  });
  return order;
}

std::string entry_json(const TensorSpec& tensor, std::uint64_t begin, std::uint64_t end) {
  std::string out = cat(json_quote(tensor.name), R"(:{"dtype":")",
                        safetensors::row_of(tensor.dtype)->name, R"(","shape":[)");
  for (std::size_t i = 0; i < tensor.shape.size(); ++i)
    out += cat(i > 0 ? "," : "", tensor.shape[i]);
  return out + cat(R"(],"data_offsets":[)", begin, ',', end, "]}");
}

}  // namespace

Result<std::unique_ptr<FileLayout>> SafetensorsContainer::lay_out(const FileSpec& spec) const {
  RECAST_TRY(check_names(spec.tensors));
  RECAST_ASSIGN(const auto sizes, payload_sizes(spec.tensors));
  RECAST_ASSIGN(std::string json, metadata_json(spec.root));
  json.insert(0, 1, '{');

  std::vector<std::uint64_t> offsets(spec.tensors.size());
  std::uint64_t end = 0;
  for (const std::size_t i : data_order(spec.tensors)) {
    offsets[i] = end;
    end += sizes[i];
    if (json.size() > 1) json += ',';
    json += entry_json(spec.tensors[i], offsets[i], end);
  }
  json += '}';
  json.resize((json.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  if (json.size() > safetensors::kMaxHeader) return header_too_long();

  std::string head;
  append_le(head, std::uint64_t{json.size()});
  head += json;
  return std::unique_ptr<FileLayout>(
      std::make_unique<SafetensorsLayout>(std::move(head), std::move(offsets), end));
}

}  // namespace recast::formats
