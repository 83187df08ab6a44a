#pragma once
// Finds rule files in one or more folders and reads a family's rules for a framework.
//
//   dialects/<framework>.yaml      a framework: files, mesh, shards, configuration, tensor table
//   <family>/model.yaml            sizes, axes, inventory
//   <family>/<framework>.yaml      what is this family's own there
//
// A later folder adds files, or replaces those of the same path.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/io/file_system.hpp"
#include "engine/rules/rule_set.hpp"
#include "engine/rules/yaml_source.hpp"

namespace recast::rules {

class Library {
 public:
  /// Reads and checks every file below the folders, in their order; everything that is wrong is
  /// reported. Codes: yaml.*, rule.*, io.*.
  static Result<Library> open(const io::FileSystem& files, const std::vector<std::string>& folders,
                              DiagnosticSink& sink);

  /// Families and frameworks, sorted.
  std::vector<std::string> families() const;
  std::vector<std::string> frameworks() const;
  /// Whether the family has a page for the framework.
  bool has(const std::string& family, const std::string& framework) const;

  /// Codes: rule.*, expr.*, layout.*; nullopt if anything was reported as an error.
  std::optional<RuleSet> rule_set(const std::string& family, const std::string& framework,
                                  DiagnosticSink& sink) const;
  /// The framework alone, without a family: what finding and opening a checkpoint needs.
  std::optional<RuleSet> framework(const std::string& framework, DiagnosticSink& sink) const;

  /// path below its folder -> text, of all files, sorted: what the rules digest is made of.
  const std::map<std::string, std::shared_ptr<const SourceText>>& texts() const { return texts_; }

 private:
  const YamlNode* document(const std::string& path) const;
  std::map<std::string, std::shared_ptr<const SourceText>> texts_;
  std::map<std::string, YamlNode> documents_;
};

}  // namespace recast::rules
