#include "engine/rules/loader.hpp"

#include <algorithm>
#include <set>

#include "engine/base/join.hpp"
#include "engine/base/spell.hpp"
#include "engine/rules/dialect_reader.hpp"
#include "engine/rules/merge.hpp"
#include "engine/rules/model_reader.hpp"
#include "engine/rules/schema.hpp"
#include "engine/rules/word_check.hpp"

namespace recast::rules {
namespace {

constexpr std::string_view kModelFile = "model.yaml";
constexpr std::string_view kDialects = "dialects";

bool is_rule_file(const std::string& name) {
  return name.size() > 5 && name.compare(name.size() - 5, 5, ".yaml") == 0;
}

/// Paths of the rule files below a folder: <group>/<name>.yaml.
Result<std::vector<std::string>> rule_files(const io::FileSystem& files,
                                            const std::string& folder) {
  std::vector<std::string> paths;
  RECAST_ASSIGN(const std::vector<io::Entry> groups, files.list(folder));
  for (const io::Entry& group : groups) {
    if (group.kind != io::EntryKind::Folder || group.name.front() == '.') continue;
    RECAST_ASSIGN(const std::vector<io::Entry> entries, files.list(io::join(folder, group.name)));
    for (const io::Entry& entry : entries)
      if (entry.kind == io::EntryKind::File && is_rule_file(entry.name))
        paths.push_back(io::join(group.name, entry.name));
  }
  return paths;
}

std::string stem(const std::string& path) {
  const std::string name = io::base_name(path);
  return name.substr(0, name.size() - 5);
}

}  // namespace

Result<Library> Library::open(const io::FileSystem& files, const std::vector<std::string>& folders,
                              DiagnosticSink& sink) {
  Library library;
  for (const std::string& folder : folders) {
    RECAST_ASSIGN(const std::vector<std::string> paths, rule_files(files, folder));
    if (paths.empty())
      return make_diagnostic(Code::rule_no_rules, cat("folder '", folder, "' holds no rule files"))
          .in(folder)
          .suggest(
              "rules stand in <family>/model.yaml, <family>/<framework>.yaml and "
              "dialects/<framework>.yaml");
    for (const std::string& path : paths) {
      const std::string full = io::join(folder, path);
      RECAST_ASSIGN(std::string text, io::read_text(files, full, 16U << 20));
      library.texts_[path] = std::make_shared<const SourceText>(SourceText{full, std::move(text)});
    }
  }
  for (const auto& [path, source] : library.texts_) {
    auto parsed = parse_yaml(source);
    if (!parsed) {
      sink.add(std::move(parsed).error());
      continue;
    }
    const bool model = io::base_name(path) == kModelFile;
    check_schema(*parsed, model ? "model" : "dialect", sink);
    library.documents_.emplace(path, std::move(parsed).value());
  }
  if (!sink.has_errors()) check_words(library.documents_, sink);
  return library;
}

std::vector<std::string> Library::families() const {
  std::vector<std::string> names;
  for (const auto& [path, document] : documents_)
    if (io::base_name(path) == kModelFile) names.push_back(io::parent(path));
  return names;
}

std::vector<std::string> Library::frameworks() const {
  std::vector<std::string> names;
  for (const auto& [path, document] : documents_)
    if (io::parent(path) == kDialects) names.push_back(stem(path));
  return names;
}

bool Library::has(const std::string& family, const std::string& framework) const {
  return document(cat(family, "/", framework, ".yaml")) != nullptr;
}

const YamlNode* Library::document(const std::string& path) const {
  const auto found = documents_.find(path);
  return found == documents_.end() ? nullptr : &found->second;
}

namespace {

/// Documents from the root of an `extends:` chain to its end, merged.
template <class Find>
std::optional<YamlNode> merged(const std::string& first, const Find& find, DiagnosticSink& sink) {
  std::vector<const YamlNode*> chain;
  std::set<std::string> seen;
  for (std::string name = first; !name.empty();) {
    const YamlNode* document = find(name);
    if (document == nullptr) return std::nullopt;
    chain.push_back(document);
    const YamlNode* parent = document->find("extends");
    if (parent == nullptr) break;
    if (!seen.insert(name).second) {
      sink.add(
          make_diagnostic(Code::rule_extends, cat("'", name, "' extends itself")).at(parent->span));
      return std::nullopt;
    }
    name = parent->scalar;
    if (find(name) == nullptr) {
      sink.add(
          make_diagnostic(Code::rule_extends, cat("'", name, "' is extended here and is not there"))
              .at(parent->span));
      return std::nullopt;
    }
  }
  YamlNode result = *chain.back();
  for (auto document = chain.rbegin() + 1; document != chain.rend(); ++document)
    result = merge(std::move(result), **document);
  return result;
}

void unknown(const char* what, const std::string& name, const std::vector<std::string>& known,
             DiagnosticSink& sink) {
  const auto near = nearest(name, known);
  sink.add(
      make_diagnostic(Code::rule_not_found,
                      cat("there are no rules for the ", what, " '", name, "'"))
          .suggest(near ? cat("did you mean '", *near, "'?") : cat("known are: ", joined(known))));
}

}  // namespace

std::optional<RuleSet> Library::framework(const std::string& framework,
                                          DiagnosticSink& sink) const {
  const auto find = [&](const std::string& name) {
    return document(cat(kDialects, "/", name, ".yaml"));
  };
  if (find(framework) == nullptr) {
    unknown("framework", framework, frameworks(), sink);
    return std::nullopt;
  }
  const std::size_t errors = sink.error_count();
  const auto page = merged(framework, find, sink);
  if (!page) return std::nullopt;
  RuleSet rules;
  NodeReader reader(sink);
  read_dialect(*page, "", reader, rules);
  if (sink.error_count() != errors) return std::nullopt;
  return rules;
}

std::optional<RuleSet> Library::rule_set(const std::string& family, const std::string& framework,
                                         DiagnosticSink& sink) const {
  const auto find_model = [&](const std::string& name) {
    return document(cat(name, "/", kModelFile));
  };
  const auto find_dialect = [&](const std::string& name) {
    return document(cat(kDialects, "/", name, ".yaml"));
  };
  if (find_model(family) == nullptr) {
    unknown("family", family, families(), sink);
    return std::nullopt;
  }
  if (find_dialect(framework) == nullptr) {
    unknown("framework", framework, frameworks(), sink);
    return std::nullopt;
  }
  const std::string own_path = cat(family, "/", framework, ".yaml");
  const YamlNode* own = document(own_path);
  if (own == nullptr) {
    sink.add(make_diagnostic(Code::rule_not_found,
                             cat("family '", family, "' has no rules for '", framework, "'"))
                 .suggest(cat("add ", own_path, " (see rules/README.md)")));
    return std::nullopt;
  }
  const std::size_t errors = sink.error_count();
  const auto model = merged(family, find_model, sink);
  const auto base = merged(framework, find_dialect, sink);
  // A page of a family may extend the page of another family for the same framework.
  const auto page = merged(
      family, [&](const std::string& name) { return document(cat(name, "/", framework, ".yaml")); },
      sink);
  if (!model || !base || !page) return std::nullopt;
  RuleSet rules;
  NodeReader reader(sink);
  read_model(*model, reader, rules);
  read_dialect(merge(*base, *page), texts_.at(own_path)->name, reader, rules);
  if (sink.error_count() != errors) return std::nullopt;
  return rules;
}

}  // namespace recast::rules
