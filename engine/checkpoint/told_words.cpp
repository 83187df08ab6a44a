#include "engine/checkpoint/told_words.hpp"

#include <map>
#include <set>

#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

using tensor::Value;
using Choice = std::map<std::string, Value>;

/// Sizes that stand as places in a line's name and have a closed list of texts.
std::vector<const rules::SizeRule*> words_of(const rules::TensorRule& rule,
                                             const rules::RuleSet& rules) {
  std::vector<const rules::SizeRule*> out;
  for (const std::string& place : lang::places_of(rule.name)) {
    const rules::SizeRule* size = rules.axis(place) ? nullptr : rules.size(place);
    if (size != nullptr && !size->values.empty()) out.push_back(size);
  }
  return out;
}

std::vector<Choice> choices_of(const std::vector<const rules::SizeRule*>& words) {
  std::vector<Choice> out{{}};
  for (const rules::SizeRule* word : words) {
    std::vector<Choice> longer;
    for (const Choice& choice : out)
      for (const Value& value : word->values) {
        longer.push_back(choice);
        longer.back()[word->name] = value;
      }
    out = std::move(longer);
  }
  return out;
}

/// The name with its words written out; axes stay places.
std::optional<lang::NameTemplate> written_out(const lang::NameTemplate& name,
                                              const Choice& choice) {
  lang::NameTemplate out;
  out.span = name.span;
  for (const lang::TemplateItem& item : name.items) {
    const auto* place = std::get_if<lang::TemplatePlace>(&item);
    const auto word =
        place == nullptr ? choice.end() : choice.find(std::string(lang::place_name(*place)));
    if (word == choice.end()) {
      out.items.push_back(item);
      continue;
    }
    const auto* text = word->second.get_if<std::string>();
    if (text == nullptr) return std::nullopt;
    out.items.emplace_back(lang::TemplateText{*text});
  }
  return out;
}

}  // namespace

rules::ValueMap told_words(const Opened& opened, const NameTable& names,
                           const rules::RuleSet& rules) {
  std::vector<std::string> regexes, axes;
  std::vector<Choice> choices;
  for (const rules::AxisRule& axis : rules.axes)
    axes.push_back(axis.name);
  for (const rules::TensorRule& rule : rules.dialect.tensors) {
    const auto words = words_of(rule, rules);
    if (words.empty()) continue;
    for (const Choice& choice : choices_of(words))
      if (const auto name = written_out(rule.name, choice))
        if (auto regex = lang::to_regex(*name, axes)) {
          regexes.push_back(std::move(regex).value());
          choices.push_back(choice);
        }
  }
  rules::ValueMap told;
  if (regexes.empty() || opened.files.empty()) return told;
  const auto set = lang::TemplateSet::make(regexes);
  DiagnosticSink quiet;
  const auto ranks = rules::list_chunks(rules.dialect, opened.grid, quiet);
  if (!set || ranks.empty() || ranks.front().chunks.empty() || ranks.back().chunks.empty())
    return told;
  // Some names stand on the first stage only, some on the last.
  std::set<std::size_t> fitting;
  for (const auto& [path, root] : {std::pair(ranks.front().path, ranks.front().chunks.front().root),
                                   std::pair(ranks.back().path, ranks.back().chunks.back().root)}) {
    const NameMap* stored = names.of(path);
    if (stored == nullptr) continue;
    for (const auto& [name, where] : *stored) {
      std::string_view below = name;
      if (!root.empty()) {
        if (!below.starts_with(root + '/')) continue;
        below.remove_prefix(root.size() + 1);
      }
      for (const std::size_t index : set->matching(below))
        fitting.insert(index);
    }
  }
  // A line may fit by accident under the wrong word; most lines do not.
  std::map<std::string, std::map<std::string, std::size_t>> votes;
  for (const std::size_t index : fitting)
    for (const auto& [word, value] : choices[index])
      ++votes[word][tensor::print(value)];
  for (const std::size_t index : fitting)
    for (const auto& [word, value] : choices[index]) {
      const auto most = told.find(word);
      if (most == told.end() ||
          votes[word][tensor::print(value)] > votes[word][tensor::print(most->second)])
        told.insert_or_assign(word, value);
    }
  return told;
}

}  // namespace recast::checkpoint
