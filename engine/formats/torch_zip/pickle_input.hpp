#pragma once
// Arguments of opcodes out of a stream; nullopt where the stream ends too early.

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/formats/little_endian.hpp"

namespace recast::formats::pickle {

class Input {
 public:
  explicit Input(std::string_view stream) : stream_(stream) {}

  std::uint64_t position() const noexcept { return at_; }
  std::uint64_t left() const noexcept { return stream_.size() - at_; }

  std::optional<std::string_view> take(std::uint64_t nbytes) noexcept {
    if (nbytes > left()) return std::nullopt;
    const std::string_view out = stream_.substr(at_, nbytes);
    at_ += nbytes;
    return out;
  }

  template <class Number>
  std::optional<Number> number() noexcept {
    const auto bytes = take(sizeof(Number));
    if (!bytes) return std::nullopt;
    return load_le<Number>(*bytes, 0);
  }

  /// Up to the next newline, which is taken too.
  std::optional<std::string_view> line() noexcept {
    const std::size_t end = stream_.find('\n', at_);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view out = stream_.substr(at_, end - at_);
    at_ = end + 1;
    return out;
  }

  /// Bytes behind a count of type `Count`; nullopt also for a negative count.
  template <class Count>
  std::optional<std::string_view> counted() noexcept {
    const auto count = number<Count>();
    if (!count || *count < Count{0}) return std::nullopt;
    return take(static_cast<std::uint64_t>(*count));
  }

 private:
  std::string_view stream_;
  std::uint64_t at_ = 0;
};

}  // namespace recast::formats::pickle
