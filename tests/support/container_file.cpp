#include "tests/support/container_file.hpp"

#include <zlib.h>

#include <span>

#include "tests/support/required.hpp"

namespace recast::support {

void put_container_file(io::FileSystem& files, const std::string& path,
                        const std::string& container, const formats::FileSpec& spec,
                        const std::vector<std::string>& payloads) {
  const auto layout = required(formats::container_named(container)->lay_out(spec));
  required(files.make_folders(io::parent(path)));
  const auto file = required(files.create(path));
  required(file->resize(layout->nbytes()));
  std::vector<std::uint32_t> crcs;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    required(file->write(layout->tensor_offsets()[i], std::as_bytes(std::span(payloads[i]))));
    const auto* bytes = reinterpret_cast<const Bytef*>(payloads[i].data());
    if (layout->needs_crc())
      crcs.push_back(
          static_cast<std::uint32_t>(crc32(0, bytes, static_cast<uInt>(payloads[i].size()))));
  }
  required(layout->finish(*file, crcs));
}

}  // namespace recast::support
