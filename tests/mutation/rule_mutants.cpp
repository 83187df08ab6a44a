#include "tests/mutation/rule_mutants.hpp"

#include <algorithm>
#include <stdexcept>

#include "engine/rules/yaml_source.hpp"
#include "tests/mutation/layout_mutants.hpp"

namespace recast::mutation {
namespace {

using rules::YamlNode;

class RuleMutator {
 public:
  RuleMutator(const std::string& path, const std::string& text, const Vocabulary& words)
      : path_(path), text_(text), words_(words) {}

  std::vector<RuleMutant> run() {
    auto parsed = rules::parse_yaml(make_source(path_, text_).source);
    if (!parsed) throw std::runtime_error(path_ + ": " + parsed.error().message);
    if (const YamlNode* table = parsed->find("tensors")) mutate_table(*table);
    if (const YamlNode* shard = parsed->find("shard"))
      for (const YamlNode::Entry& cut : shard->entries)
        mutate_list("shard " + cut.key.scalar, cut.value, words_.axes);
    if (const YamlNode* stages = parsed->find("stages")) mutate_stages(*stages);
    if (const YamlNode* local = parsed->find("local")) mutate_list("local", *local, {});
    if (const YamlNode* pad = parsed->find("pad")) mutate_padding(*pad);
    return std::move(out_);
  }

 private:
  void replace(const std::string& where, const SourceSpan& span, const std::string& by) {
    const std::string before = text_.substr(span.begin, span.end - span.begin);
    if (before == by) return;
    std::string text = text_;
    text.replace(span.begin, span.end - span.begin, by);
    out_.push_back({path_ + " " + where + ": " + before + " -> " + by, path_, std::move(text)});
  }

  /// Lines [line of `first`, line of `next`) go; without `next` up to the first that is not
  /// indented deeper.
  void drop_line(const YamlNode::Entry& first, const YamlNode::Entry* next) {
    const std::size_t begin = text_.rfind('\n', first.key.span.begin) + 1;
    std::size_t end = text_.size();
    if (next != nullptr) {
      end = text_.rfind('\n', next->key.span.begin) + 1;
    } else {
      for (std::size_t at = text_.find('\n', begin);
           at != std::string::npos && at + 1 < text_.size(); at = text_.find('\n', at + 1))
        if (text_[at + 1] != ' ') {
          end = at + 1;
          break;
        }
    }
    std::string text = text_;
    text.erase(begin, end - begin);
    out_.push_back({path_ + " " + first.key.scalar + ": left out", path_, std::move(text)});
  }

  void mutate_condition(const std::string& where, const YamlNode* condition) {
    if (condition == nullptr || condition->kind != YamlNode::Kind::Scalar) return;
    for (const std::string& by :
         {std::string("true"), std::string("false"), "not (" + condition->scalar + ")"})
      replace(where, condition->span, by);
  }

  static const YamlNode* layout_of(const YamlNode& line) {
    if (line.kind == YamlNode::Kind::Scalar) return &line;
    const YamlNode* layout = line.find("layout");
    return layout != nullptr && layout->kind == YamlNode::Kind::Mapping ? layout->find("memory")
                                                                        : layout;
  }

  void mutate_table(const YamlNode& table) {
    for (std::size_t i = 0; i < table.entries.size(); ++i) {
      const YamlNode::Entry& line = table.entries[i];
      const std::string& name = line.key.scalar;
      if (!words_.lines.contains(name)) continue;
      drop_line(line, i + 1 < table.entries.size() ? &table.entries[i + 1] : nullptr);
      const YamlNode* layout = layout_of(line.value);
      if (layout != nullptr) {
        for (const LayoutMutant& mutant : mutants_of_layout(layout->scalar))
          replace(name, layout->span, mutant.text);
        exchange(table, i, *layout);
      }
      if (line.value.kind != YamlNode::Kind::Mapping) continue;
      mutate_condition(name + " when", line.value.find("when"));
      mutate_condition(name + " accept", line.value.find("accept"));
      if (const YamlNode* whole = line.value.find("whole"))
        mutate_list(name + " whole", *whole, {});
      if (const YamlNode* shard = line.value.find("shard")) mutate_cuts(name, *shard);
    }
  }

  /// One line's layout in another's place and the other way round.
  void exchange(const YamlNode& table, std::size_t i, const YamlNode& layout) {
    for (std::size_t j = i + 1; j < table.entries.size(); ++j) {
      const YamlNode::Entry& other = table.entries[j];
      const YamlNode* there =
          words_.lines.contains(other.key.scalar) ? layout_of(other.value) : nullptr;
      if (there == nullptr || there->scalar == layout.scalar) continue;
      std::string text = text_;
      text.replace(there->span.begin, there->span.end - there->span.begin, layout.scalar);
      text.replace(layout.span.begin, layout.span.end - layout.span.begin, there->scalar);
      out_.push_back({path_ + " " + table.entries[i].key.scalar + " <-> " + other.key.scalar, path_,
                      std::move(text)});
    }
  }

  void mutate_cuts(const std::string& name, const YamlNode& alternatives) {
    for (std::size_t i = 0; i < alternatives.items.size(); ++i)
      for (const YamlNode::Entry& cut : alternatives.items[i].entries) {
        const std::string where = name + " shard " + std::to_string(i) + " " + cut.key.scalar;
        if (cut.key.scalar == "when") {
          mutate_condition(where, &cut.value);
        } else if (cut.value.kind == YamlNode::Kind::Sequence) {
          mutate_list(where, cut.value, words_.axes);
        } else {
          for (const std::string& axis : words_.axes)
            replace(where, cut.value.span, axis);
          for (const char* dim : {"dim 0", "dim 1"})
            replace(where, cut.value.span, dim);
        }
      }
  }

  /// Items left out, one by one; each replaced by, and the list longer by, each of `others`.
  void mutate_list(const std::string& where, const YamlNode& list,
                   const std::vector<std::string>& others) {
    std::vector<std::string> items;
    for (const YamlNode& item : list.items)
      items.push_back(item.scalar);
    if (items.empty()) return;
    const SourceSpan span{list.items.front().span.source, list.items.front().span.begin,
                          list.items.back().span.end};
    const auto put = [&](const std::vector<std::string>& now) {
      std::string text;
      for (const std::string& item : now)
        text += (text.empty() ? "" : ", ") + item;
      replace(where, span, text);
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

  void mutate_stages(const YamlNode& stages) {
    if (const YamlNode* over = stages.find("over"); over != nullptr && over->items.size() > 1) {
      std::string text;
      for (auto item = over->items.rbegin(); item != over->items.rend(); ++item)
        text += (text.empty() ? "" : ", ") + item->scalar;
      replace("stages over",
              {over->items.front().span.source, over->items.front().span.begin,
               over->items.back().span.end},
              text);
      mutate_list("stages over", *over, {});
    }
    for (const char* end : {"first", "last"})
      if (const YamlNode* list = stages.find(end))
        mutate_list(std::string("stages ") + end, *list, words_.tensors);
  }

  void mutate_padding(const YamlNode& pad) {
    for (const YamlNode::Entry& entry : pad.entries) {
      const std::string where = "pad " + entry.key.scalar;
      for (const std::string& axis : words_.axes)
        replace(where, entry.key.span, axis);
      if (const YamlNode* fill = entry.value.find("fill"))
        replace(where, fill->span, fill->scalar == "last" ? "zero" : "last");
      const YamlNode* to = entry.value.find("to");
      if (to == nullptr) continue;
      replace(where, to->span, "(" + to->scalar + ") + 1");
      for (const std::string& part :
           {std::string(" * tp.size"), std::string("make_vocab_size_divisible_by * ")})
        if (const std::size_t at = to->scalar.find(part); at != std::string::npos)
          replace(where, to->span, to->scalar.substr(0, at) + to->scalar.substr(at + part.size()));
    }
  }

  const std::string& path_;
  const std::string& text_;
  const Vocabulary& words_;
  std::vector<RuleMutant> out_;
};

}  // namespace

std::vector<RuleMutant> mutants_of_rules(const std::string& path, const std::string& text,
                                         const Vocabulary& words) {
  return RuleMutator(path, text, words).run();
}

}  // namespace recast::mutation
