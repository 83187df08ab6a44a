// Any bytes as the header of a safetensors file that ends where the header's last tensor should.

#include <string_view>

#include "engine/formats/safetensors/header.hpp"
#include "tests/fuzz/formats/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t nbytes) {
  namespace formats = recast::formats;
  namespace fuzz = recast::fuzz;
  const std::string_view json(reinterpret_cast<const char*>(bytes), nbytes);
  // So much payload that a header has a chance to be right; the first bytes are '{"' anyway.
  for (const std::uint64_t payload : {0U, 4U, 16U}) {
    const std::uint64_t file_nbytes = 8 + nbytes + payload;
    auto header = formats::safetensors::parse_header(json, file_nbytes, "f");
    if (!header) {
      fuzz::check_refusal(header.error());
      continue;
    }
    const recast::tensor::FileCatalog catalog{
        "f", "safetensors", file_nbytes, std::move(header->tensors), std::move(header->metadata)};
    fuzz::check_catalog(catalog);
    fuzz::check_rewriting(*formats::container_named("safetensors"), catalog);
  }
  return 0;
}
