#pragma once
// Single elements, for fills and messages.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "engine/plan/plan.hpp"
#include "engine/tensor/dtype.hpp"

namespace recast::exec {

/// The bytes of `value` as an element; rounded for fp16, bf16, fp32 and fp64. nullopt if another
/// type has no such value.
std::optional<std::array<std::byte, 16>> encode_element(tensor::DType dtype, double value) noexcept;

/// An element widened to a double, exactly but for 64-bit integers; nullopt for 8-bit floats and
/// complex numbers.
std::optional<double> element_value(tensor::DType dtype, const std::byte* bytes) noexcept;

/// `1.5`, `-7`, `true`; hexadecimal bits where there is no simpler text.
std::string element_text(tensor::DType dtype, const std::byte* bytes);
/// `0x3fc0`: the bits, most significant first.
std::string element_bits(tensor::DType dtype, const std::byte* bytes);

/// `'attn.q' layer 3, group 1`: a logical tensor's element by its axes.
std::string name_element(const plan::LogicalTensor& logical, std::span<const std::int64_t> index);

}  // namespace recast::exec
