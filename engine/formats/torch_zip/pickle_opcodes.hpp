#pragma once
// Opcodes of the pickle virtual machine by name.

#include <cstdint>
#include <string_view>

namespace recast::formats::pickle {

enum class Op : std::uint8_t {
#define RECAST_PICKLE_OPCODE(byte, name) name = byte,
#include "engine/formats/torch_zip/pickle_opcodes.def"
#undef RECAST_PICKLE_OPCODE
};

/// Empty for a byte that is no opcode.
constexpr std::string_view op_name(Op op) noexcept {
  switch (op) {
#define RECAST_PICKLE_OPCODE(byte, name) \
  case Op::name:                         \
    return #name;
#include "engine/formats/torch_zip/pickle_opcodes.def"
#undef RECAST_PICKLE_OPCODE
  }
  return {};
}

}  // namespace recast::formats::pickle
