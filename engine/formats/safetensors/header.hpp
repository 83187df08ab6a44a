#pragma once
// The header of a safetensors file: its JSON, checked, and back. FORMAT.md has the rules.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/tensor/catalog.hpp"

namespace recast::formats::safetensors {

/// Bytes of the number in front of the header.
inline constexpr std::uint64_t kLengthNbytes = 8;
/// The longest header, in bytes; the format's own limit.
inline constexpr std::uint64_t kMaxHeader = 100'000'000;

struct Header {
  std::vector<tensor::StoredTensor> tensors;  // sorted by offset, then name
  tensor::Value metadata;                     // a mapping of text to text; empty if there is none
};

/// `json`: the header without its length; the file has `file_nbytes` bytes. Offsets of the result
/// are those of the file. Errors: format.bad-header, format.duplicate-name, format.unknown-dtype,
/// format.truncated; each with the place in `path`.
Result<Header> parse_header(std::string_view json, std::uint64_t file_nbytes,
                            const std::string& path);

}  // namespace recast::formats::safetensors
