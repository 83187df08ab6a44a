#pragma once
// A YAML file as a tree in which every node knows its bytes. Rules are plain YAML: one document,
// text as keys, and no anchors, aliases, tags or merge keys, so that what stands in a file is what
// it means.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/source.hpp"
#include "engine/tensor/value.hpp"

namespace recast::rules {

struct YamlNode {
  enum class Kind { Null, Scalar, Sequence, Mapping };
  struct Entry;

  Kind kind = Kind::Null;
  /// A scalar's value, folded and unescaped; empty for Null.
  std::string scalar;
  /// Written without quotes, so that `true`, `3` and `null` have their YAML meaning.
  bool plain = false;
  /// The node's bytes in the file: of a quoted scalar without its quotes, of a block scalar without
  /// its header, of a value that is not written the empty place behind its key.
  SourceSpan span;
  std::vector<YamlNode> items;  // of a Sequence
  std::vector<Entry> entries;   // of a Mapping, in the order of the file; keys are distinct

  /// The value under `key` of a mapping; null if there is none or this is no mapping.
  const YamlNode* find(std::string_view key) const;

  /// The scalar as text to be parsed as an expression. Where its bytes stand in the file as they
  /// are (one line, no escapes) the span lies in the file; otherwise it covers a text of its own,
  /// named "<file>:<line>".
  SourceSpan expression() const;
};

struct YamlNode::Entry {
  YamlNode key;  // a Scalar
  YamlNode value;
};

/// Reads one document; an empty text is Null. Stops at the first fault. Collections nest at most 64
/// deep. Errors: yaml.syntax, yaml.duplicate-key, yaml.merge-key, yaml.alias, yaml.tag, yaml.key,
/// yaml.documents, yaml.depth.
Result<YamlNode> parse_yaml(const std::shared_ptr<const SourceText>& source);

/// The node as a value: plain scalars as the core schema of YAML 1.2 resolves them (null, true,
/// 0x1f, 1e-6, .inf), all others as text; keys as text. An integer outside 64 bits stays text.
tensor::Value to_value(const YamlNode& node);

}  // namespace recast::rules
