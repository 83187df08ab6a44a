#include "tests/support/reference/reference_tensor.hpp"

#include <bit>
#include <stdexcept>

namespace recast::reference {

std::uint32_t payload_of(std::uint32_t ordinal) {
  constexpr std::uint32_t kCount = 1U << 28;
  if (ordinal >= kCount) throw std::out_of_range("the reference model is too large");
  // An odd factor permutes the numbers below a power of two: neighbours get far-away values.
  const std::uint32_t mixed = (ordinal * 0x9E3779B1U) & (kCount - 1);
  const std::uint32_t sign = (mixed >> 27) << 31;
  return sign | (0x3B800000U + (mixed & (kCount / 2 - 1)));
}

std::vector<std::uint32_t> payload_of(const ReferenceTensor& tensor) {
  if (tensor.constant)
    return std::vector<std::uint32_t>(static_cast<std::size_t>(count_of(tensor.shape)),
                                      std::bit_cast<std::uint32_t>(*tensor.constant));
  std::vector<std::uint32_t> out;
  out.reserve(tensor.origins.size());
  for (const Origin& origin : tensor.origins)
    out.push_back(payload_of(origin.ordinal));
  return out;
}

std::int64_t count_of(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape)
    count *= extent;
  return count;
}

}  // namespace recast::reference
