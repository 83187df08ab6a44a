#include "engine/rules/word_check.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "engine/base/spell.hpp"
#include "engine/io/file_system.hpp"
#include "engine/lang/parser.hpp"

namespace recast::rules {
namespace {

using Words = std::vector<std::string>;

bool has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void add_keys(const YamlNode* mapping, Words& out) {
  if (mapping != nullptr)
    for (const YamlNode::Entry& entry : mapping->entries)
      out.push_back(entry.key.scalar);
}

class WordChecker {
 public:
  WordChecker(const std::map<std::string, YamlNode>& documents, DiagnosticSink& sink)
      : documents_(documents), sink_(sink) {}

  void run() {
    for (const auto& [path, document] : documents_) {
      if (!is_model(path)) continue;
      add_keys(document.find("axes"), axes_);
      add_keys(document.find("tensors"), tensors_);
    }
    if (axes_.empty()) return;
    for (const auto& [path, document] : documents_) {
      if (is_model(path)) continue;
      mesh_.clear();
      collect_mesh(io::base_name(path));
      check_page(document, io::parent(path) == "dialects");
    }
  }

 private:
  static bool is_model(const std::string& path) { return io::base_name(path) == "model.yaml"; }

  /// The mesh of a framework and of those that it extends.
  void collect_mesh(const std::string& file) {
    std::set<std::string> seen;
    for (std::string name = file; seen.insert(name).second;) {
      const auto found = documents_.find("dialects/" + name);
      if (found == documents_.end()) return;
      add_keys(found->second.find("mesh"), mesh_);
      const YamlNode* parent = found->second.find("extends");
      if (parent == nullptr) return;
      name = parent->scalar + ".yaml";
    }
  }

  void unknown(Code code, SourceSpan at, const std::string& message, const std::string& word,
               const Words& known, const char* otherwise) {
    const auto near = nearest(word, known);
    sink_.add(make_diagnostic(code, message)
                  .at(std::move(at))
                  .suggest(near ? cat("did you mean '", *near, "'?") : std::string(otherwise)));
  }
  void axis(const std::string& word, const SourceSpan& at) {
    if (!has(axes_, word))
      unknown(Code::rule_unknown_axis, at, cat("no family has an axis '", word, "'"), word, axes_,
              "declare it under axes in a family's model.yaml");
  }
  void tensor(const std::string& word, const SourceSpan& at) {
    if (!has(tensors_, word))
      unknown(Code::rule_unknown_tensor, at, cat("no family has a tensor '", word, "'"), word,
              tensors_, "add it to a family's model.yaml");
  }
  void mesh(const std::string& word, const SourceSpan& at) {
    if (!has(mesh_, word))
      unknown(Code::rule_unknown_mesh, at, cat("the mesh has no dimension '", word, "'"), word,
              mesh_, "declare it under mesh in the framework's page");
  }

  template <class Check>
  void each(const YamlNode* list, const Check& check) {
    if (list != nullptr)
      for (const YamlNode& item : list->items)
        check(item.scalar, item.span);
  }

  void check_page(const YamlNode& document, bool for_all_families) {
    const auto an_axis = [this](const std::string& word, const SourceSpan& at) { axis(word, at); };
    const auto a_tensor = [this](const std::string& word, const SourceSpan& at) {
      tensor(word, at);
    };
    const auto a_mesh = [this](const std::string& word, const SourceSpan& at) { mesh(word, at); };
    if (const YamlNode* shard = document.find("shard")) check_cuts(*shard);
    if (const YamlNode* stages = document.find("stages")) {
      if (const YamlNode* staged = stages->find("axis")) axis(staged->scalar, staged->span);
      each(stages->find("over"), a_mesh);
      each(stages->find("first"), a_tensor);
      each(stages->find("last"), a_tensor);
    }
    each(document.find("local"), an_axis);
    if (const YamlNode* pad = document.find("pad"))
      for (const YamlNode::Entry& entry : pad->entries)
        axis(entry.key.scalar, entry.key.span);
    check_table(document.find("tensors"), for_all_families);
    if (const YamlNode* tables = document.find("tables"))
      for (const YamlNode::Entry& entry : tables->entries)
        check_table(entry.value.find("tensors"), for_all_families);
  }

  /// Layouts of a family's own page are checked against that family when they are read.
  void check_table(const YamlNode* table, bool with_layouts) {
    if (table == nullptr) return;
    for (const YamlNode::Entry& line : table->entries) {
      if (with_layouts) check_layouts(line.value);
      each(line.value.find("whole"),
           [this](const std::string& word, const SourceSpan& at) { mesh(word, at); });
      each(line.value.find("global"),
           [this](const std::string& word, const SourceSpan& at) { axis(word, at); });
      if (const YamlNode* with = line.value.find("with")) tensor(with->scalar, with->span);
      if (const YamlNode* alternatives = line.value.find("shard"))
        for (const YamlNode& cuts : alternatives->items)
          check_cuts(cuts);
    }
  }

  void check_cuts(const YamlNode& cuts) {
    for (const YamlNode::Entry& cut : cuts.entries) {
      if (cut.key.scalar == "when") continue;
      mesh(cut.key.scalar, cut.key.span);
      if (cut.value.kind == YamlNode::Kind::Sequence) {
        for (const YamlNode& item : cut.value.items)
          axis(item.scalar, item.span);
      } else if (!cut.value.scalar.starts_with("dim ")) {
        axis(cut.value.scalar, cut.value.span);
      } else if (cut.value.scalar.find_first_not_of("0123456789", 4) != std::string::npos ||
                 cut.value.scalar.size() == 4) {
        sink_.add(make_diagnostic(Code::rule_value, cat("'", cut.value.scalar, "' is no dimension"))
                      .at(cut.value.span)
                      .suggest("write dim 0 for the first"));
      }
    }
  }

  void check_layouts(const YamlNode& line) {
    const YamlNode* layout = line.kind == YamlNode::Kind::Scalar ? &line : line.find("layout");
    if (layout == nullptr) return;
    if (layout->kind == YamlNode::Kind::Scalar) return check_layout(*layout);
    for (const YamlNode::Entry& entry : layout->entries)
      if (entry.value.kind == YamlNode::Kind::Scalar) check_layout(entry.value);
  }

  void check_layout(const YamlNode& text) {
    const auto expr = lang::parse_layout(text.expression());
    if (!expr) {
      sink_.add(expr.error());
      return;
    }
    if (!expr->label.empty() && !expr->optional) tensor(expr->label, expr->label_span);
    for (const lang::LayoutNode& node : expr->nodes) {
      if (const auto* name = std::get_if<lang::LayoutAxis>(&node.node)) axis(name->name, node.span);
      if (const auto* sum = std::get_if<lang::LayoutSum>(&node.node))
        for (const lang::LayoutPart& part : sum->parts)
          if (!part.label.empty() && !part.optional) tensor(part.label, part.label_span);
    }
  }

  const std::map<std::string, YamlNode>& documents_;
  DiagnosticSink& sink_;
  Words axes_, tensors_, mesh_;
};

}  // namespace

void check_words(const std::map<std::string, YamlNode>& documents, DiagnosticSink& sink) {
  WordChecker(documents, sink).run();
}

}  // namespace recast::rules
