#include "engine/formats/read_window.hpp"

#include <algorithm>

namespace recast::formats {
namespace {

// Most files of optimizer states and scalars are this small: one call reads them.
constexpr std::uint64_t kWholeFile = 64 << 10;

}  // namespace

Result<std::span<const std::byte>> ReadWindow::view(std::uint64_t offset, std::uint64_t nbytes,
                                                    std::uint64_t ahead) {
  const std::uint64_t size = file_.size();
  RECAST_CHECK(offset <= size && nbytes <= size - offset, "a window outside its file");
  const bool inside = offset >= begin_ && offset - begin_ <= bytes_.size() &&
                      nbytes <= bytes_.size() - (offset - begin_);
  if (!inside) {
    begin_ = size <= kWholeFile ? 0 : offset;
    const std::uint64_t wanted =
        size <= kWholeFile ? size : std::min(std::max(nbytes, ahead), size - offset);
    bytes_.resize(wanted);
    if (auto read = file_.read(begin_, bytes_); !read) {
      bytes_.clear();  // what is in there is not what the file says
      return std::move(read).error();
    }
  }
  return std::span<const std::byte>(bytes_).subspan(offset - begin_, nbytes);
}

}  // namespace recast::formats
