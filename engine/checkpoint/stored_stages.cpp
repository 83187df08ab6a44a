#include "engine/checkpoint/stored_stages.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>

#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

/// No model has more layers; a longer number in a name is no layer's.
constexpr std::int64_t kMostLayers = 1'000'000;

/// The texts that an item of a name can stand for: of a word that a checkpoint chooses, all its
/// values.
std::vector<std::string> texts_of(const lang::TemplateItem& item, const rules::RuleSet& rules) {
  if (const auto* text = std::get_if<lang::TemplateText>(&item)) return {text->text};
  std::vector<std::string> out;
  const auto* place = std::get_if<lang::TemplatePlace>(&item);
  const rules::SizeRule* size = place == nullptr ? nullptr : rules.size(lang::place_name(*place));
  if (size != nullptr)
    for (const tensor::Value& value : size->values)
      if (const auto* text = value.get_if<std::string>()) out.push_back(*text);
  return out;
}

/// Text of a name up to the layer's number, for lines whose first axis is the staged one. Words
/// that the checkpoint has chosen are not known yet, so that each of them gives a prefix.
std::set<std::string> layer_prefixes(const rules::RuleSet& rules) {
  const std::string& axis = rules.axes[rules.dialect.stages->axis].name;
  std::set<std::string> out;
  for (const rules::TensorRule& rule : rules.dialect.tensors) {
    if (rule.name_axes.empty() || rule.name_axes.front() != rules.dialect.stages->axis) continue;
    std::set<std::string> prefixes{""};
    for (const lang::TemplateItem& item : rule.name.items) {
      const auto* place = std::get_if<lang::TemplatePlace>(&item);
      if (place != nullptr && lang::place_name(*place) == axis) break;
      std::set<std::string> longer;
      for (const std::string& text : texts_of(item, rules))
        for (const std::string& prefix : prefixes)
          longer.insert(prefix + text);
      prefixes = std::move(longer);
    }
    out.insert(prefixes.begin(), prefixes.end());
  }
  return out;
}

/// The number that follows `start` in `name`; -1 if there is none.
std::int64_t number_after(std::string_view name, std::string_view start) {
  if (name.size() <= start.size() || !name.starts_with(start)) return -1;
  std::int64_t number = -1;
  for (const char digit : name.substr(start.size())) {
    if (std::isdigit(static_cast<unsigned char>(digit)) == 0) break;
    number = std::max<std::int64_t>(number, 0) * 10 + (digit - '0');
    if (number >= kMostLayers) return -1;
  }
  return number;
}

}  // namespace

std::vector<std::int64_t> stored_stages(const NameTable& names, const rules::RuleSet& rules,
                                        const rules::Grid& grid, DiagnosticSink& sink) {
  std::vector<std::int64_t> counts(rules::chunk_count(rules.dialect, grid), 0);
  const std::set<std::string> prefixes = layer_prefixes(rules);
  for (const rules::ChunkFile& rank : rules::list_chunks(rules.dialect, grid, sink)) {
    const NameMap* stored = names.of(rank.path);
    if (stored == nullptr) continue;
    for (const rules::Chunk& chunk : rank.chunks)
      for (const std::string& prefix : prefixes) {
        const std::string start = chunk.root.empty() ? prefix : chunk.root + '/' + prefix;
        for (const auto& [name, where] : *stored)
          counts[chunk.stage] = std::max(counts[chunk.stage], number_after(name, start) + 1);
      }
  }
  return counts;
}

}  // namespace recast::checkpoint
