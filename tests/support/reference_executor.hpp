#pragma once
// What a plan says, element by element and as slowly as it reads: the oracle for engine/exec. It
// shares no code with it, casts included.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan/plan.hpp"

namespace recast::support {

/// Bytes of files and where their tensors are: `offsets` is parallel to the plan's tensors of that
/// side.
struct ReferenceSide {
  std::vector<std::string> files;
  std::vector<std::uint32_t> file_of;
  std::vector<std::uint64_t> offsets;
};

/// Carries out copies and fills into `right.files`, which must be long enough. Returns how many
/// finite values became infinite.
std::uint64_t reference_run(const plan::Plan& plan, const ReferenceSide& left,
                            ReferenceSide& right);

/// Casts one element: round to nearest even by exact arithmetic; NaN becomes quiet and keeps its
/// sign and the upper bits of its payload. The types differ and are castable.
std::string reference_cast(std::string_view element, tensor::DType from, tensor::DType into);

/// A CRC-32 (polynomial 0xedb88320), bit by bit.
std::uint32_t reference_crc32(std::string_view bytes);

}  // namespace recast::support
