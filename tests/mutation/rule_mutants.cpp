#include "tests/mutation/rule_mutants.hpp"

#include <algorithm>
#include <stdexcept>

#include "engine/rules/yaml_source.hpp"
#include "tests/mutation/layout_mutants.hpp"
#include "tests/mutation/rule_text.hpp"

namespace recast::mutation {
namespace {

using rules::YamlNode;

/// A variant of a line: what one layout belongs to.
struct Variant {
  std::string where;  // the line's name, with a number where it has several
  const YamlNode* node = nullptr;
  const YamlNode* layout = nullptr;  // null for a line without elements
};

class RuleMutator {
 public:
  RuleMutator(const std::string& path, const std::string& text, const Vocabulary& words)
      : out_(path, text), words_(words), own_(path.substr(0, path.find('/'))) {
    if (own_ == "dialects") own_.clear();
  }

  std::vector<RuleMutant> run() {
    const YamlNode page = out_.parsed();
    if (const YamlNode* table = page.find("tensors")) mutate_table(*table);
    if (const YamlNode* tables = page.find("tables"))
      for (const YamlNode::Entry& table : tables->entries) {
        for_all("llama");
        out_.conditions(table.key.scalar + " when", table.value.find("when"));
        if (const YamlNode* lines = table.value.find("tensors")) mutate_table(*lines);
      }
    if (const YamlNode* mesh = page.find("mesh")) mutate_mesh(*mesh);
    if (const YamlNode* shard = page.find("shard")) mutate_shard(*shard);
    if (const YamlNode* stages = page.find("stages")) mutate_stages(*stages);
    if (const YamlNode* local = page.find("local")) {
      for_all("mixtral");
      out_.list("local", *local, words_.axes);
    }
    if (const YamlNode* pad = page.find("pad")) mutate_padding(*pad);
    return out_.take();
  }

 private:
  /// Those that may see a mistake in a line; in a framework's page the families that use it.
  std::vector<std::string> families_of(const std::string& line, const std::string& with) const {
    if (!own_.empty()) return first_of(words_.families, own_);
    std::vector<std::string> out;
    for (const std::string& family : words_.families) {
      const std::set<std::string>& lines = words_.lines.at(family);
      if (lines.contains(line) && lines.contains(with)) out.push_back(family);
    }
    return out;
  }

  /// Every family, `likely` first unless this is a family's own page.
  void for_all(const std::string& likely) {
    out_.for_families(first_of(words_.families, own_.empty() ? likely : own_));
  }

  static const YamlNode* layout_of(const YamlNode& line) {
    if (line.kind == YamlNode::Kind::Scalar) return &line;
    const YamlNode* layout = line.find("layout");
    return layout != nullptr && layout->kind == YamlNode::Kind::Mapping ? layout->find("memory")
                                                                        : layout;
  }

  static std::vector<Variant> variants_of(const YamlNode::Entry& line) {
    const std::string& name = line.key.scalar;
    if (line.value.kind != YamlNode::Kind::Sequence)
      return {{name, &line.value, layout_of(line.value)}};
    std::vector<Variant> out;
    for (const YamlNode& item : line.value.items)
      out.push_back({name + " #" + std::to_string(out.size() + 1), &item, layout_of(item)});
    return out;
  }

  void mutate_table(const YamlNode& table) {
    for (std::size_t i = 0; i < table.entries.size(); ++i) {
      const YamlNode::Entry& line = table.entries[i];
      const auto families = families_of(line.key.scalar, line.key.scalar);
      if (families.empty()) throw std::runtime_error("no family uses " + line.key.scalar);
      out_.for_families(families);
      out_.drop_entry(table, i);
      const std::vector<Variant> variants = variants_of(line);
      for (const Variant& variant : variants) {
        if (variants.size() > 1) out_.drop_item(variant.where, *variant.node);
        mutate_variant(variant);
        // Without it the line is one for every family.
        for_all(families.front());
        out_.drop_field(variant.where, *variant.node, "with");
        out_.for_families(families);
        for (const Variant& other : variants)
          if (&variant < &other) exchange(variant, other);
        for (std::size_t j = i + 1; j < table.entries.size(); ++j) {
          const auto both = families_of(line.key.scalar, table.entries[j].key.scalar);
          if (both.empty()) continue;
          out_.for_families(both);
          for (const Variant& other : variants_of(table.entries[j]))
            exchange(variant, other);
          out_.for_families(families);
        }
      }
    }
  }

  void mutate_variant(const Variant& variant) {
    if (variant.layout != nullptr && variant.layout->kind == YamlNode::Kind::Scalar)
      for (const LayoutMutant& mutant : mutants_of_layout(variant.layout->scalar))
        out_.replace(variant.where, variant.layout->span, mutant.text);
    const YamlNode& line = *variant.node;
    if (line.kind != YamlNode::Kind::Mapping) return;
    mutate_shape(variant);
    out_.conditions(variant.where + " when", line.find("when"));
    out_.conditions(variant.where + " accept", line.find("accept"));
    for (const char* word : {"whole", "global"})
      if (const YamlNode* list = line.find(word)) out_.list(variant.where + " " + word, *list, {});
    out_.drop_field(variant.where, line, "unit_dims");
    if (const YamlNode* create = line.find("create")) {
      out_.replace(variant.where, create->find("dtype")->span, "i8");
      out_.replace(variant.where, create->find("shape")->span, "[1]");
    }
    if (const YamlNode* shard = line.find("shard")) mutate_cuts(variant.where, *shard);
  }

  void mutate_shape(const Variant& variant) {
    const YamlNode* layout = variant.node->find("layout");
    const YamlNode* shape = layout == nullptr ? nullptr : layout->find("shape");
    if (shape == nullptr) return;
    for (const LayoutMutant& mutant : mutants_of_layout(shape->scalar))
      out_.replace(variant.where + " shape", shape->span, mutant.text);
  }

  /// The axes of a layout, sorted.
  static std::vector<std::string> axes_of(const std::string& layout) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : layout + " ") {
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.') {
        word += c;
        continue;
      }
      if (!word.empty() && c != ':' && c != '?') out.push_back(word);
      word.clear();
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  /// One line's layout in another's place and the other way round, where both have the same axes:
  /// with other ones the shapes differ already.
  void exchange(const Variant& one, const Variant& other) {
    if (one.layout == nullptr || other.layout == nullptr) return;
    if (one.layout->kind != YamlNode::Kind::Scalar || other.layout->kind != YamlNode::Kind::Scalar)
      return;
    if (axes_of(one.layout->scalar) == axes_of(other.layout->scalar))
      out_.exchange(one.where + " <-> " + other.where, *one.layout, *other.layout);
  }

  void mutate_cuts(const std::string& name, const YamlNode& alternatives) {
    for (std::size_t i = 0; i < alternatives.items.size(); ++i)
      for (const YamlNode::Entry& cut : alternatives.items[i].entries) {
        const std::string where = name + " shard " + std::to_string(i) + " " + cut.key.scalar;
        if (cut.key.scalar == "when") {
          out_.conditions(where, &cut.value);
        } else if (cut.value.kind == YamlNode::Kind::Sequence) {
          out_.list(where, cut.value, words_.axes);
        } else {
          for (const std::string& axis : words_.axes)
            out_.replace(where, cut.value.span, axis);
          for (const char* dim : {"dim 0", "dim 1"})
            out_.replace(where, cut.value.span, dim);
        }
      }
  }

  void mutate_mesh(const YamlNode& mesh) {
    for (const YamlNode::Entry& dimension : mesh.entries) {
      for_all("mixtral");
      if (const YamlNode* index = dimension.value.find("index"))
        for (const std::string& by :
             {std::string("0"), "(" + index->scalar + " + 1) mod " + dimension.key.scalar + ".size",
              std::string("tp * etp.size / tp.size")})
          out_.replace("mesh " + dimension.key.scalar, index->span, by);
    }
  }

  void mutate_shard(const YamlNode& shard) {
    for (const YamlNode::Entry& cut : shard.entries) {
      for_all(cut.key.scalar == "tp" ? "llama" : "mixtral");
      out_.list("shard " + cut.key.scalar, cut.value, words_.axes);
      // An axis in another dimension's list.
      for (const YamlNode& axis : cut.value.items)
        for (const YamlNode::Entry& other : shard.entries)
          if (other.key.scalar != cut.key.scalar) {
            std::string rest;
            for (const YamlNode& item : cut.value.items)
              if (item.scalar != axis.scalar) rest += (rest.empty() ? "" : ", ") + item.scalar;
            const YamlNode& last = other.value.items.back();
            out_.replace_two("shard " + axis.scalar + " by " + other.key.scalar,
                             items_span(cut.value), rest,
                             {last.span.source, last.span.end, last.span.end}, ", " + axis.scalar);
          }
    }
  }

  void mutate_stages(const YamlNode& stages) {
    for_all("llama");
    if (const YamlNode* over = stages.find("over"); over != nullptr && over->items.size() > 1) {
      std::string text;
      for (auto item = over->items.rbegin(); item != over->items.rend(); ++item)
        text += (text.empty() ? "" : ", ") + item->scalar;
      out_.replace("stages over", items_span(*over), text);
      out_.list("stages over", *over, {});
    }
    if (const YamlNode* axis = stages.find("axis"))
      for (const std::string& other : words_.axes)
        out_.replace("stages axis", axis->span, other);
    for (const char* end : {"first", "last"})
      if (const YamlNode* list = stages.find(end))
        out_.list(std::string("stages ") + end, *list, words_.tensors);
  }

  void mutate_padding(const YamlNode& pad) {
    for_all("llama");
    for (const YamlNode::Entry& entry : pad.entries) {
      const std::string where = "pad " + entry.key.scalar;
      for (const std::string& axis : words_.axes)
        out_.replace(where, entry.key.span, axis);
      if (const YamlNode* fill = entry.value.find("fill"))
        out_.replace(where, fill->span, fill->scalar == "last" ? "zero" : "last");
      const YamlNode* to = entry.value.find("to");
      if (to == nullptr) continue;
      out_.replace(where, to->span, "(" + to->scalar + ") + 1");
      for (const std::string& part :
           {std::string(" * tp.size"), std::string("make_vocab_size_divisible_by * ")})
        if (const std::size_t at = to->scalar.find(part); at != std::string::npos)
          out_.replace(where, to->span,
                       to->scalar.substr(0, at) + to->scalar.substr(at + part.size()));
    }
  }

  RuleText out_;
  const Vocabulary& words_;
  std::string own_;  // the family of the page; empty for a framework's
};

}  // namespace

std::vector<RuleMutant> mutants_of_rules(const std::string& path, const std::string& text,
                                         const Vocabulary& words) {
  return RuleMutator(path, text, words).run();
}

}  // namespace recast::mutation
