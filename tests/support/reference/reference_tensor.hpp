#pragma once
// A tensor as the reference states it: where each of its elements comes from.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace recast::reference {

/// An element of the Hugging Face model: elements are numbered through all its tensors, in their
/// order, row-major.
struct Origin {
  std::uint32_t ordinal = 0;
  bool padding = false;  // a row past the true vocabulary, which repeats the last row
  bool operator==(const Origin&) const = default;
};

enum class Stored {
  Weight,      // in the dtype of the model
  Float32,     // in fp32 whatever the dtype of the model
  EmptyBytes,  // uint8 of shape [0]
  Nothing,     // no tensor: the entry holds None
};

struct ReferenceTensor {
  std::string name;  // keys on the way from the file's root, joined by '/'
  Stored stored = Stored::Weight;
  std::vector<std::int64_t> shape;
  std::vector<Origin> origins;    // row-major; empty for a constant
  std::optional<float> constant;  // every element
};

struct ReferenceFile {
  std::string path;  // from the root of the checkpoint
  std::vector<ReferenceTensor> tensors;
};

/// The bits of an fp32 number that no other ordinal has: of either sign, magnitude in [2^-8, 2^8),
/// so that a cast to any float type meets all its roundings. Ordinals stay under 2^28.
std::uint32_t payload_of(std::uint32_t ordinal);

/// The bits of every element, row-major.
std::vector<std::uint32_t> payload_of(const ReferenceTensor& tensor);

std::int64_t count_of(const std::vector<std::int64_t>& shape);

}  // namespace recast::reference
