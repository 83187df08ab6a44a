#pragma once
// Text inside containers: is it UTF-8, and how it is shown in a message.

#include <string>
#include <string_view>

namespace recast::formats {

enum class Surrogates { Refused, Allowed };

/// True if every byte belongs to a well-formed code point. Python writes lone surrogates as three
/// bytes each; `Allowed` takes those too.
bool is_utf8(std::string_view text, Surrogates surrogates = Surrogates::Refused) noexcept;

/// For messages: control characters and bytes that are not UTF-8 as `\xNN`, cut after `limit`
/// bytes.
std::string shown(std::string_view text, std::size_t limit = 120);

}  // namespace recast::formats
