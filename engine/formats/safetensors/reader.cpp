#include <algorithm>

#include "engine/formats/little_endian.hpp"
#include "engine/formats/read_window.hpp"
#include "engine/formats/safetensors/header.hpp"
#include "engine/formats/safetensors/safetensors.hpp"

namespace recast::formats {
namespace {

// Most headers are shorter: then one read is enough.
constexpr std::uint64_t kFirstRead = 64 << 10;

}  // namespace

bool SafetensorsContainer::recognises(std::span<const std::byte> head,
                                      std::uint64_t) const noexcept {
  return head.size() > safetensors::kLengthNbytes &&
         as_text(head)[safetensors::kLengthNbytes] == '{' &&
         load_le<std::uint64_t>(head, 0) <= safetensors::kMaxHeader;
}

Result<tensor::FileCatalog> SafetensorsContainer::read(const io::RandomAccessFile& file) const {
  const auto truncated = [&](std::string message) {
    return make_diagnostic(Code::format_truncated, std::move(message))
        .in(file.path(), file.size())
        .suggest("copy the file again and compare its size with the original's");
  };
  if (file.size() < safetensors::kLengthNbytes)
    return truncated(cat("a safetensors file begins with 8 bytes of length, this one has ",
                         file.size(), " bytes"));
  ReadWindow window(file);
  RECAST_ASSIGN(const auto length, window.view(0, safetensors::kLengthNbytes, kFirstRead));
  const auto nbytes = load_le<std::uint64_t>(length, 0);
  if (nbytes > safetensors::kMaxHeader)
    return make_diagnostic(Code::format_bad_header,
                           cat("the header claims ", nbytes, " bytes; at most ",
                               safetensors::kMaxHeader, " are allowed"))
        .in(file.path(), 0);
  if (nbytes > file.size() - safetensors::kLengthNbytes)
    return truncated(cat("the header has ", nbytes, " bytes, the file holds ",
                         file.size() - safetensors::kLengthNbytes, " of them"));
  RECAST_ASSIGN(const auto json, window.view(safetensors::kLengthNbytes, nbytes));
  RECAST_ASSIGN(safetensors::Header header,
                safetensors::parse_header(as_text(json), file.size(), file.path()));
  return tensor::FileCatalog{file.path(), std::string(name()), file.size(),
                             std::move(header.tensors), std::move(header.metadata)};
}

}  // namespace recast::formats
