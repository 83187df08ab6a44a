#include "engine/formats/payload_size.hpp"

#include <algorithm>

#include "engine/base/checked.hpp"
#include "engine/formats/text.hpp"

namespace recast::formats {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 62;

std::optional<std::int64_t> size_of(const TensorSpec& tensor) {
  const auto& shape = tensor.shape;
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent < 0; }))
    return std::nullopt;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::optional<std::int64_t> nbytes = std::int64_t(tensor::dtype_nbytes(tensor.dtype));
  for (const std::int64_t extent : shape)
    nbytes = nbytes ? checked_mul(*nbytes, extent) : std::nullopt;
  return nbytes;
}

}  // namespace

Result<std::vector<std::uint64_t>> payload_sizes(std::span<const TensorSpec> tensors) {
  std::vector<std::uint64_t> out;
  out.reserve(tensors.size());
  std::optional<std::int64_t> total = 0;
  for (const TensorSpec& tensor : tensors) {
    const auto nbytes = size_of(tensor);
    total = nbytes ? checked_add(*total, *nbytes) : std::nullopt;
    if (!total || *total > kMost)
      return make_diagnostic(
          Code::format_cannot_write,
          cat("the size of tensor '", shown(tensor.name), "' is negative or too large for a file"));
    out.push_back(std::uint64_t(*nbytes));
  }
  return out;
}

}  // namespace recast::formats
