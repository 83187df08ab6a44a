#include "engine/lang/builtin_table.hpp"

namespace recast::lang {
namespace {

constexpr BuiltinRow kTable[] = {
#define RECAST_BUILTIN(id, name, min_args, max_args, signature, summary) \
  {Builtin::id, name, min_args, max_args, signature, summary},
#include "engine/lang/builtins.def"
#undef RECAST_BUILTIN
};

}  // namespace

std::span<const BuiltinRow> builtin_table() noexcept {
  return kTable;
}

const BuiltinRow& builtin_row(Builtin builtin) noexcept {
  return kTable[static_cast<std::size_t>(builtin)];
}

std::optional<Builtin> builtin_named(std::string_view name) noexcept {
  for (const BuiltinRow& row : kTable) {
    if (row.name == name) return row.builtin;
  }
  return std::nullopt;
}

std::vector<std::string> builtin_names() {
  std::vector<std::string> out;
  for (const BuiltinRow& row : kTable)
    out.emplace_back(row.name);
  return out;
}

}  // namespace recast::lang
