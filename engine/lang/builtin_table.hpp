#pragma once
// builtins.def as a table.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lang/scalar.hpp"

namespace recast::lang {

struct BuiltinRow {
  Builtin builtin;
  std::string_view name;
  int min_args;
  int max_args;  // -1: any number
  std::string_view signature;
  std::string_view summary;
};

/// In the order of the enumeration.
std::span<const BuiltinRow> builtin_table() noexcept;
const BuiltinRow& builtin_row(Builtin builtin) noexcept;
std::optional<Builtin> builtin_named(std::string_view name) noexcept;
std::vector<std::string> builtin_names();

}  // namespace recast::lang
