#include "engine/rules/yaml_source.hpp"

#include "engine/base/utf8.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace recast::rules {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The library replaces what is not UTF-8, which would shift every later position, and takes
/// control bytes for ends. Returns the offset of the first byte that a rule file may not hold.
std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    const bool control = (c.value < 0x20 && !is_space(text[i])) || c.value == 0x7F;
    if (!c.valid || control) return i;
    i += c.nbytes;
  }
  return std::nullopt;
}

/// Thrown from the callbacks through the library; caught in parse_yaml.
struct Refusal {
  Diagnostic diagnostic;
};

/// Builds the tree from events. The library's own tree keeps duplicate keys silently and gives an
/// alias the position of its anchor; events are seen where they stand. An event says where a node
/// begins; where it ends is found in the text.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const SourceText> source, std::size_t skipped)
      : source_(std::move(source)), text_(source_->text), skipped_(skipped), cursor_(skipped) {
    root_.span = span(skipped, skipped);
  }

  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    refuse(Code::yaml_documents, span(offset(mark), offset(mark)),
           "a second document begins here, but a rule file is one document",
           "put it into a file of its own");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    const std::size_t at = offset(mark);
    check_properties(at);
    YamlNode node;
    node.plain = true;
    for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
      if (text_.substr(at, word.size()) != word) continue;
      node.span = span(at, at + word.size());
      add(std::move(node));
      return;
    }
    const std::size_t empty = place_of_nothing();
    node.span = span(empty, empty);
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { check_properties(offset(mark)); }

  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string& value) override {
    const std::size_t at = offset(mark);
    check_properties(at);
    YamlNode node;
    node.kind = YamlNode::Kind::Scalar;
    node.scalar = value;
    const char first = at < text_.size() ? text_[at] : '\0';
    if (first == '"' || first == '\'') {
      const std::size_t end = closing_quote(at);
      node.span = span(at + 1, end);
      cursor_ = end + 1;
    } else if (first == '|' || first == '>') {
      node.span = folded_span(std::min(text_.find('\n', at), text_.size()), value);
      cursor_ = node.span.end;
    } else {
      node.plain = true;
      node.span = folded_span(at, value);
      cursor_ = node.span.end;
    }
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::Sequence, offset(mark));
  }
  void OnSequenceEnd() override { close(']'); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::Mapping, offset(mark));
  }
  void OnMapEnd() override { close('}'); }

  SourceSpan span(std::size_t begin, std::size_t end) const {
    return SourceSpan{source_, std::min(begin, text_.size()), std::min(end, text_.size())};
  }
  std::size_t offset(const YAML::Mark& mark) const {
    return mark.pos < 0 ? skipped_ : skipped_ + static_cast<std::size_t>(mark.pos);
  }

  /// Anchors, aliases and tags stand where their node begins; no plain scalar begins with these
  /// signs.
  void check_properties(std::size_t at) const {
    if (at >= text_.size()) return;
    std::size_t end = at + 1;
    while (end < text_.size() && !is_space(text_[end]) &&
           std::string_view(",]}").find(text_[end]) == std::string_view::npos)
      ++end;
    const SourceSpan where = span(at, end);
    const std::string name(where.text());
    if (name.front() == '*')
      refuse(Code::yaml_alias, where, cat("alias '", name, "' is not allowed in a rule file"),
             "write the value out where it is used");
    if (name.front() == '&')
      refuse(Code::yaml_alias, where, cat("anchor '", name, "' is not allowed in a rule file"),
             "write the value out where it is used");
    if (name.front() == '!')
      refuse(Code::yaml_tag, where, cat("tag '", name, "' is not allowed in a rule file"),
             "put the value in quotes to make it text");
  }

 private:
  struct Level {
    YamlNode node;
    std::set<std::string, std::less<>> keys;
    bool flow = false;
    bool has_key = false;  // the last entry waits for its value
  };

  [[noreturn]] static void refuse(Code code, SourceSpan where, std::string message,
                                  std::string hint) {
    throw Refusal{make_diagnostic(code, std::move(message)).at(where).suggest(std::move(hint))};
  }

  bool expects_key() const {
    return !levels_.empty() && levels_.back().node.kind == YamlNode::Kind::Mapping &&
           !levels_.back().has_key;
  }

  void open(YamlNode::Kind kind, std::size_t at) {
    check_properties(at);
    const bool flow = at < text_.size() && (text_[at] == '[' || text_[at] == '{');
    if (expects_key())
      refuse(Code::yaml_key, span(at, at + 1), "a collection is used as a key, expected text",
             "write the key as one scalar");
    if (levels_.size() == kMaxDepth)
      refuse(Code::yaml_depth, span(at, at + 1),
             cat("collections are nested more than ", kMaxDepth, " deep"), "flatten the structure");
    Level level;
    level.node.kind = kind;
    level.node.span = span(at, at);
    level.flow = flow;
    levels_.push_back(std::move(level));
    cursor_ = flow ? at + 1 : at;
  }

  void close(char bracket) {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    if (level.flow) {
      cursor_ = skip_blank(cursor_, true);
      if (cursor_ < text_.size() && text_[cursor_] == bracket) ++cursor_;
    }
    level.node.span.end = std::max(level.node.span.begin, cursor_);
    add(std::move(level.node));
  }

  void add(YamlNode node) {
    cursor_ = std::max(cursor_, node.span.end);
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == YamlNode::Kind::Sequence) {
      level.node.items.push_back(std::move(node));
    } else if (level.has_key) {
      level.node.entries.back().value = std::move(node);
      level.has_key = false;
    } else {
      check_key(level, node);
      level.node.entries.push_back({std::move(node), {}});
      level.has_key = true;
    }
  }

  static void check_key(Level& level, const YamlNode& key) {
    if (key.kind != YamlNode::Kind::Scalar)
      refuse(Code::yaml_key, key.span, "null is used as a key, expected text",
             "put the key in quotes if its name is 'null'");
    if (key.plain && key.scalar == "<<")
      refuse(Code::yaml_merge_key, key.span, "merge key '<<' is not allowed in a rule file",
             "write the entries out where they are used");
    if (level.keys.insert(key.scalar).second) return;
    const auto first =
        std::find_if(level.node.entries.begin(), level.node.entries.end(),
                     [&](const YamlNode::Entry& entry) { return entry.key.scalar == key.scalar; });
    throw Refusal{make_diagnostic(Code::yaml_duplicate_key,
                                  cat("key '", key.scalar, "' stands twice in the same mapping"))
                      .at(key.span)
                      .note("it stands here first", first->key.span)
                      .suggest("remove or rename one of them")};
  }

  /// Where a value that is not written would stand: behind the ':' or '-' that announces it.
  std::size_t place_of_nothing() const {
    if (levels_.empty()) return cursor_;
    const bool in_sequence = levels_.back().node.kind == YamlNode::Kind::Sequence;
    const std::size_t sign = skip_blank(cursor_, false);
    const bool found = sign < text_.size() && text_[sign] == (in_sequence ? '-' : ':');
    return found ? sign + 1 : cursor_;
  }

  /// Skips white space and comments, in flow collections also commas.
  std::size_t skip_blank(std::size_t at, bool commas) const {
    while (at < text_.size()) {
      const bool comment = text_[at] == '#' && (at == 0 || is_space(text_[at - 1]));
      if (comment) {
        at = std::min(text_.find('\n', at), text_.size());
      } else if (is_space(text_[at]) || (commas && text_[at] == ',')) {
        ++at;
      } else {
        break;
      }
    }
    return at;
  }

  std::size_t closing_quote(std::size_t at) const {
    const char quote = text_[at];
    for (std::size_t i = at + 1; i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        if (quote == '\'' && i + 1 < text_.size() && text_[i + 1] == '\'') {
          ++i;
        } else {
          return i;
        }
      }
    }
    return text_.size();
  }

  /// The bytes of a scalar without escapes: folding changes white space only, so the rest is met in
  /// order.
  SourceSpan folded_span(std::size_t from, const std::string& value) const {
    std::size_t at = from;
    std::size_t begin = from;
    bool started = false;
    for (const char c : value) {
      if (is_space(c)) continue;
      while (at < text_.size() && text_[at] != c)
        ++at;
      if (!started) begin = at;
      started = true;
      ++at;
    }
    return span(begin, at);
  }

  std::shared_ptr<const SourceText> source_;
  std::string_view text_;
  std::size_t skipped_;
  std::size_t cursor_;  // behind everything that belongs to a node so far
  std::size_t documents_ = 0;
  std::vector<Level> levels_;
  YamlNode root_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key.scalar == key) return &entry.value;
  return nullptr;
}

SourceSpan YamlNode::expression() const {
  if (span.text() == scalar) return span;
  if (!span) return make_source("", scalar);
  const std::size_t line = line_column(*span.source, span.begin).line;
  return make_source(cat(span.source->name, ":", line), scalar);
}

Result<YamlNode> parse_yaml(const std::shared_ptr<const SourceText>& source) {
  const std::string_view text = source->text;
  if (const auto bad = first_bad_byte(text))
    return make_diagnostic(Code::yaml_syntax, "this byte is neither text nor white space")
        .at(SourceSpan{source, *bad, *bad + 1})
        .suggest("save the file as UTF-8");
  const std::size_t skipped = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  TreeBuilder builder(source, skipped);
  try {
    std::istringstream input(source->text);
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (Refusal& refusal) {
    return std::move(refusal.diagnostic);
  } catch (const YAML::Exception& fault) {
    const std::size_t at = builder.offset(fault.mark);
    try {
      // An alias without its anchor: ours to name, not a fault of syntax.
      builder.check_properties(at);
    } catch (Refusal& refusal) {
      if (refusal.diagnostic.code == Code::yaml_alias) return std::move(refusal.diagnostic);
    }
    return make_diagnostic(Code::yaml_syntax, cat("not valid YAML: ", fault.msg))
        .at(builder.span(at, at + 1));
  }
  return builder.take_root();
}

}  // namespace recast::rules
