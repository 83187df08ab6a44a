#pragma once
// Pieces of pickle streams, to be joined with '+'.

#include <string>
#include <string_view>

#include "engine/formats/little_endian.hpp"

namespace recast::formats::tests::p {

inline std::string text(std::string_view utf8) {
  std::string out = "X";
  append_le(out, static_cast<std::uint32_t>(utf8.size()));
  return out.append(utf8);
}
inline std::string global(std::string_view module, std::string_view name) {
  return std::string("c").append(module).append("\n").append(name).append("\n");
}
inline std::string integer(std::int32_t number) {
  std::string out = "J";
  append_le(out, number);
  return out;
}
/// All of a stream: PROTO 2, `body`, STOP.
inline std::string stream(std::string_view body) {
  return std::string("\x80\x02").append(body).append(".");
}
/// `{"key": value}`
inline std::string dict(std::string_view key, std::string_view value) {
  return "}" + text(key) + std::string(value) + "s";
}
inline std::string reduce(std::string_view callee, std::string_view args) {
  return std::string(callee) + std::string(args) + "R";
}
inline const std::string kOrderedDict = reduce(global("collections", "OrderedDict"), ")");

inline std::string storage(std::string_view storage_class, std::string_view key, std::int32_t count,
                           std::string_view module = "torch") {
  return "(" + text("storage") + global(module, storage_class) + text(key) + text("cpu") +
         integer(count) + "tQ";
}
/// `sizes` and `strides`: what makes the tuples, e.g. "(K\2K\3t".
inline std::string tensor(std::string_view storage, std::int32_t offset, std::string_view sizes,
                          std::string_view strides) {
  return global("torch._utils", "_rebuild_tensor_v2") + "(" + std::string(storage) +
         integer(offset) + std::string(sizes) + std::string(strides) + "\x89" + kOrderedDict + "tR";
}
inline std::string tuple(std::initializer_list<std::int32_t> numbers) {
  std::string out = "(";
  for (const std::int32_t number : numbers)
    out += integer(number);
  return out + "t";
}

}  // namespace recast::formats::tests::p
