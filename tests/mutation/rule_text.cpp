#include "tests/mutation/rule_text.hpp"

#include <algorithm>
#include <stdexcept>

#include "tests/mutation/expression_mutants.hpp"

namespace recast::mutation {
namespace {

using rules::YamlNode;

/// The terms of a condition that one word joins outside parentheses, brackets and quotes.
std::vector<std::string> terms(const std::string& text, const std::string& joined_by) {
  std::vector<std::string> out{""};
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'') quoted = !quoted;
    if (!quoted && (c == '(' || c == '[')) ++depth;
    if (!quoted && (c == ')' || c == ']')) --depth;
    if (depth == 0 && !quoted && text.compare(i, joined_by.size(), joined_by) == 0) {
      out.emplace_back();
      i += joined_by.size() - 1;
    } else {
      out.back() += c;
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& items, const std::string& by) {
  std::string out;
  for (const std::string& item : items)
    out += (out.empty() ? "" : by) + item;
  return out;
}

/// `now` with what is new in it: "a == {b -> null} and c".
std::string marked(const std::string& before, const std::string& now) {
  const std::size_t shorter = std::min(before.size(), now.size());
  std::size_t same = 0, rest = 0;
  while (same < shorter && before[same] == now[same])
    ++same;
  while (rest < shorter - same && before[before.size() - 1 - rest] == now[now.size() - 1 - rest])
    ++rest;
  return before.substr(0, same) + "{" + before.substr(same, before.size() - same - rest) + " -> " +
         now.substr(same, now.size() - same - rest) + "}" + before.substr(before.size() - rest);
}

}  // namespace

SourceSpan items_span(const YamlNode& list) {
  return {list.items.front().span.source, list.items.front().span.begin,
          list.items.back().span.end};
}

std::vector<std::string> first_of(std::vector<std::string> families, const std::string& first) {
  std::stable_partition(families.begin(), families.end(),
                        [&](const std::string& family) { return family == first; });
  return families;
}

RuleText::RuleText(std::string path, std::string text)
    : path_(std::move(path)), text_(std::move(text)) {
  seen_.insert(text_);
}

YamlNode RuleText::parsed() const {
  auto page = rules::parse_yaml(make_source(path_, text_).source);
  if (!page) throw std::runtime_error(path_ + ": " + page.error().message);
  return std::move(page).value();
}

void RuleText::add(const std::string& what, std::string text) {
  if (seen_.insert(text).second)
    out_.push_back({path_ + " " + what, path_, std::move(text), families_});
}

void RuleText::replace(const std::string& where, const SourceSpan& span, const std::string& by) {
  std::string text = text_;
  text.replace(span.begin, span.end - span.begin, by);
  add(where + ": " + text_.substr(span.begin, span.end - span.begin) + " -> " + by,
      std::move(text));
}

void RuleText::replace_two(const std::string& where, const SourceSpan& one, const std::string& by,
                           const SourceSpan& other, const std::string& other_by) {
  if (one.begin < other.begin) return replace_two(where, other, other_by, one, by);
  std::string text = text_;
  text.replace(one.begin, one.end - one.begin, by);
  text.replace(other.begin, other.end - other.begin, other_by);
  add(where, std::move(text));
}

void RuleText::exchange(const std::string& where, const YamlNode& one, const YamlNode& other) {
  replace_two(where, one.span, other.scalar, other.span, one.scalar);
}

std::size_t RuleText::block_end(std::size_t line) const {
  const std::size_t indent = text_.find_first_not_of(' ', line) - line;
  for (std::size_t at = text_.find('\n', line); at != std::string::npos && at + 1 < text_.size();
       at = text_.find('\n', at + 1)) {
    const std::size_t word = text_.find_first_not_of(' ', at + 1);
    if (word == std::string::npos || word - at - 1 <= indent) return at + 1;
  }
  return text_.size();
}

void RuleText::drop_lines(const std::string& where, std::size_t place) {
  const std::size_t begin = text_.rfind('\n', place) + 1;
  std::string text = text_;
  text.erase(begin, block_end(begin) - begin);
  add(where + ": left out", std::move(text));
}

void RuleText::drop_entry(const YamlNode& mapping, std::size_t index) {
  const YamlNode& key = mapping.entries[index].key;
  drop_lines(key.scalar, key.span.begin);
}

void RuleText::drop_item(const std::string& where, const YamlNode& item) {
  drop_lines(where, item.span.begin);
}

void RuleText::drop_field(const std::string& where, const YamlNode& mapping,
                          const std::string& field) {
  const auto& entries = mapping.entries;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const YamlNode::Entry& entry = entries[i];
    if (entry.key.scalar != field) continue;
    if (text_[text_.find_last_not_of(" \n", entry.key.span.begin - 1)] != '{' &&
        text_[text_.find_last_not_of(" \n", entry.key.span.begin - 1)] != ',')
      return drop_lines(where + " " + field, entry.key.span.begin);
    std::size_t begin = entry.key.span.begin, end = text_.find_first_of(",}", entry.value.span.end);
    if (i > 0)
      begin = text_.rfind(',', begin);
    else if (entries.size() > 1)
      end = entries[1].key.span.begin;
    std::string text = text_;
    text.erase(begin, end - begin);
    add(where + " " + field + ": left out", std::move(text));
  }
}

void RuleText::expression(const std::string& where, const YamlNode* text) {
  if (text == nullptr || text->kind != YamlNode::Kind::Scalar) return;
  for (const std::string& by : mutants_of_expression(text->scalar)) {
    std::string changed = text_;
    changed.replace(text->span.begin, text->span.end - text->span.begin, by);
    add(where + ": " + marked(text->scalar, by), std::move(changed));
  }
}

void RuleText::conditions(const std::string& where, const YamlNode* condition) {
  if (condition == nullptr || condition->kind != YamlNode::Kind::Scalar) return;
  if (condition->scalar == "always") return replace(where, condition->span, "false");
  for (const std::string& by :
       {std::string("true"), std::string("false"), "not (" + condition->scalar + ")"})
    replace(where, condition->span, by);
  for (const char* word : {" and ", " or "}) {
    const std::vector<std::string> all = terms(condition->scalar, word);
    for (std::size_t i = 0; all.size() > 1 && i < all.size(); ++i) {
      std::vector<std::string> fewer = all;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      replace(where, condition->span, joined(fewer, word));
    }
  }
}

void RuleText::list(const std::string& where, const YamlNode& list,
                    const std::vector<std::string>& others) {
  std::vector<std::string> items;
  for (const YamlNode& item : list.items)
    items.push_back(item.scalar);
  if (items.empty()) return;
  const auto put = [&](const std::vector<std::string>& now) {
    replace(where, items_span(list), joined(now, ", "));
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::vector<std::string> fewer = items;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    put(fewer);
  }
  for (const std::string& other : others) {
    if (std::find(items.begin(), items.end(), other) != items.end()) continue;
    std::vector<std::string> now = items;
    now.push_back(other);
    put(now);
    for (std::size_t i = 0; i < items.size(); ++i) {
      now = items;
      now[i] = other;
      put(now);
    }
  }
}

}  // namespace recast::mutation
