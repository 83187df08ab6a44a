#include "engine/rules/dialect_reader.hpp"

#include "engine/base/byte_size.hpp"
#include "engine/base/spell.hpp"
#include "engine/rules/model_reader.hpp"
#include "engine/rules/tensor_reader.hpp"

namespace recast::rules {
namespace {

std::vector<layout::LabelId> labels(const YamlNode* node, NodeReader& reader,
                                    const RuleSet& rules) {
  std::vector<layout::LabelId> out;
  for (const std::string& name : reader.texts(node))
    if (const layout::LabelId label = rules.label(name); label != layout::kNoLabel)
      out.push_back(label);
  return out;
}

std::vector<lang::NameTemplate> patterns(const YamlNode* node, NodeReader& reader,
                                         lang::TemplateKind kind = lang::TemplateKind::Ignore) {
  std::vector<lang::NameTemplate> out;
  if (node == nullptr) return out;
  for (const YamlNode& item : node->items)
    if (auto name = reader.name(item, kind)) out.push_back(std::move(*name));
  return out;
}

ArgsFileRule read_args_file(const YamlNode& node, NodeReader& reader) {
  ArgsFileRule rule;
  rule.file = reader.text(node.find("file"));
  rule.symbols = reader.texts(node.find("symbols"));
  rule.numbers = reader.texts(node.find("numbers"));
  if (const YamlNode* classes = node.find("classes"))
    for (const YamlNode::Entry& entry : classes->entries) {
      const std::string& name = entry.key.scalar;
      const std::size_t dot = name.rfind('.');
      if (dot == std::string::npos) {
        reader.report(Code::rule_value, entry.key, cat("class '", name, "' has no module"),
                      "write module.Class");
        continue;
      }
      ArgsClass known{{name.substr(0, dot), name.substr(dot + 1)}, {}};
      for (const YamlNode::Entry& value : entry.value.entries)
        if (const tensor::Value number = to_value(value.value);
            const auto* n = number.get_if<std::int64_t>())
          known.values.emplace_back(value.key.scalar, *n);
      rule.classes.push_back(std::move(known));
    }
  return rule;
}

void read_files(const YamlNode& document, NodeReader& reader, Dialect& dialect) {
  dialect.recognise = patterns(document.find("recognise"), reader);
  if (const YamlNode* refused = document.find("refuse_files"))
    for (const YamlNode& item : refused->items)
      if (const YamlNode* name = item.find("name"))
        if (auto pattern = reader.name(*name, lang::TemplateKind::Ignore))
          dialect.refuse_files.push_back(
              {std::move(*pattern), reader.text(item.find("say")), reader.text(item.find("hint"))});
  dialect.container = reader.text(document.find("container"));
  if (const YamlNode* weights = document.find("weights"))
    for (const YamlNode& item : weights->items)
      if (const YamlNode* part = item.find("part"))
        if (auto pattern = reader.name(*part, lang::TemplateKind::File))
          dialect.weights.push_back({reader.text(item.find("container")),
                                     reader.text(item.find("one")), std::move(*pattern),
                                     reader.text(item.find("index"))});
  dialect.max_shard_size = reader.text(document.find("max_shard_size"));
  if (const YamlNode* metadata = document.find("metadata")) dialect.metadata = to_value(*metadata);
  if (const YamlNode* tracker = document.find("tracker")) {
    dialect.tracker_file = reader.text(tracker->find("file"));
    dialect.tracker_size = reader.text(tracker->find("size"));
    dialect.tracker_words = reader.texts(tracker->find("words"));
  }
  if (const YamlNode* node = document.find("folder"))
    dialect.folder = reader.name(*node, lang::TemplateKind::File);
  if (const YamlNode* node = document.find("file"))
    dialect.file = reader.name(*node, lang::TemplateKind::File);
  dialect.file_also = patterns(document.find("file_also"), reader, lang::TemplateKind::File);
  if (const YamlNode* node = document.find("root"))
    dialect.root = reader.name(*node, lang::TemplateKind::File);
  dialect.config_file = reader.text(document.find("config_file"));
  dialect.config_at = reader.text(document.find("config_at"));
  dialect.config_class = reader.text(document.find("config_class"));
  if (const YamlNode* args = document.find("args_file"))
    dialect.args_file = read_args_file(*args, reader);
  if (const YamlNode* entries = document.find("document"))
    for (const YamlNode::Entry& entry : entries->entries) {
      const bool detailed = entry.value.kind == YamlNode::Kind::Mapping;
      if (auto write = reader.scalar(detailed ? entry.value.find("write") : &entry.value))
        dialect.document.emplace_back(entry.key.scalar, std::move(*write));
      if (detailed)
        if (auto read = reader.scalar(entry.value.find("read")))
          dialect.document_read.emplace_back(entry.key.scalar, std::move(*read));
    }
  if (const YamlNode* drop = document.find("drop"))
    for (const YamlNode& item : drop->items)
      dialect.drop.push_back({reader.text(item.find("name")), reader.text(item.find("why"))});
  if (const YamlNode* carry = document.find("carry")) {
    CarryRule rule;
    rule.except = patterns(carry->find("except"), reader);
    rule.folders = reader.texts(carry->find("folders"));
    if (const YamlNode* limit = carry->find("up_to")) {
      if (const auto nbytes = parse_byte_size(limit->scalar))
        rule.up_to = *nbytes;
      else
        reader.report(Code::rule_value, *limit, cat("'", limit->scalar, "' is no size in bytes"),
                      "write 64MB");
    }
    dialect.carry = std::move(rule);
  }
}

void read_grid(const YamlNode& document, NodeReader& reader, RuleSet& rules) {
  Dialect& dialect = rules.dialect;
  if (const YamlNode* mesh = document.find("mesh"))
    for (const YamlNode::Entry& entry : mesh->entries)
      if (auto size = reader.scalar(entry.value.find("size")))
        dialect.mesh.push_back({entry.key.scalar, std::move(*size),
                                reader.scalar(entry.value.find("index")),
                                reader.scalar(entry.value.find("default"))});
  if (const YamlNode* shard = document.find("shard"))
    dialect.shard = read_cuts(*shard, reader, rules);
  if (const YamlNode* stages = document.find("stages"))
    if (const auto axis = rules.axis(reader.text(stages->find("axis"))))
      dialect.stages = StageRule{*axis, reader.texts(stages->find("over")),
                                 labels(stages->find("first"), reader, rules),
                                 labels(stages->find("last"), reader, rules)};
  for (const std::string& name : reader.texts(document.find("local")))
    if (const auto axis = rules.axis(name)) dialect.local.push_back(*axis);
  if (const YamlNode* pad = document.find("pad"))
    for (const YamlNode::Entry& entry : pad->entries) {
      const auto axis = rules.axis(entry.key.scalar);
      auto to = reader.scalar(entry.value.find("to"));
      if (!axis || !to) continue;
      const std::string fill = reader.text(entry.value.find("fill"));
      if (fill != "last" && fill != "zero")
        reader.report(Code::rule_value, entry.value, cat("fill '", fill, "' is unknown"),
                      "write last or zero");
      dialect.pad.push_back({*axis, std::move(*to), fill == "last"});
    }
}

std::vector<RefuseRule> read_refusals(const YamlNode* node, NodeReader& reader) {
  std::vector<RefuseRule> out;
  if (node == nullptr) return out;
  for (const YamlNode& item : node->items)
    if (auto when = reader.scalar(item.find("when")))
      out.push_back(
          {std::move(*when), reader.text(item.find("say")), reader.text(item.find("hint"))});
  return out;
}

/// Whether a node stands in the page that may name only what its family has.
bool is_of(const YamlNode& node, const std::string& page) {
  return node.span.source != nullptr && node.span.source->name == page;
}

void unknown_size(const YamlNode& at, NodeReader& reader, const RuleSet& rules) {
  std::vector<std::string> known;
  for (const SizeRule& size : rules.sizes)
    known.push_back(size.name);
  const auto near = nearest(at.scalar, known);
  reader.report(Code::rule_unknown_size, at,
                cat("neither family nor framework has a size '", at.scalar, "'"),
                near ? cat("did you mean '", *near, "'?")
                     : "declare it under sizes in the family's model.yaml");
}

void read_config(const YamlNode& document, const std::string& family_page, NodeReader& reader,
                 RuleSet& rules) {
  Dialect& dialect = rules.dialect;
  if (const YamlNode* config = document.find("config"))
    for (const YamlNode::Entry& entry : config->entries) {
      ConfigRule rule;
      rule.size = entry.key.scalar;
      rule.span = entry.key.span;
      if (is_of(entry.key, family_page) && rules.size(rule.size) == nullptr)
        unknown_size(entry.key, reader, rules);
      const bool detailed = entry.value.kind == YamlNode::Kind::Mapping;
      const YamlNode* field = detailed ? entry.value.find("field") : &entry.value;
      if (field != nullptr) {
        rule.read = reader.scalar(field);
        lang::ScalarExpr self;
        self.nodes.push_back({lang::ScalarName{rule.size}, field->span});
        self.span = field->span;
        rule.write.emplace_back(field->scalar, std::move(self));
      }
      if (detailed) {
        if (const YamlNode* read = entry.value.find("read")) rule.read = reader.scalar(read);
        if (const YamlNode* write = entry.value.find("write")) rule.write = reader.scalars(write);
        rule.fallback = reader.scalar(entry.value.find("default"));
        rule.needed = reader.scalar(entry.value.find("needed"));
        rule.prefer_carried = reader.text(entry.value.find("prefer")) == "carried";
        rule.note = reader.text(entry.value.find("note"));
      }
      dialect.config.push_back(std::move(rule));
    }
  if (const YamlNode* constants = document.find("constants"))
    for (const YamlNode::Entry& entry : constants->entries)
      dialect.constants.emplace_back(entry.key.scalar, to_value(entry.value));
  dialect.check = reader.texts(document.find("check"));
  dialect.replaces = reader.texts(document.find("replaces"));
  dialect.fields = reader.scalars(document.find("fields"));
  if (const YamlNode* defaults = document.find("defaults"))
    for (const YamlNode::Entry& entry : defaults->entries)
      dialect.defaults.emplace_back(entry.key.scalar, to_value(entry.value));
  dialect.refuse = read_refusals(document.find("refuse"), reader);
  dialect.refuse_writing = read_refusals(document.find("refuse_writing"), reader);
  dialect.tell = read_refusals(document.find("tell"), reader);
}

std::vector<IgnoreRule> read_ignore(const YamlNode* node, NodeReader& reader) {
  std::vector<IgnoreRule> out;
  if (node == nullptr) return out;
  for (const YamlNode& item : node->items) {
    const YamlNode* name = item.find("name");
    if (name == nullptr) continue;
    IgnoreRule rule;
    rule.text = name->scalar;
    rule.why = reader.text(item.find("why"));
    SourceSpan span = name->expression();
    rule.from_root = !rule.text.empty() && rule.text.front() == '/';
    if (rule.from_root) span = span.sub(1, span.end - span.begin);
    auto pattern = reader.name(span, lang::TemplateKind::Ignore);
    if (!pattern) continue;
    rule.name = std::move(*pattern);
    out.push_back(std::move(rule));
  }
  return out;
}

void read_rank_buffers(const YamlNode* node, NodeReader& reader, Dialect& dialect) {
  if (node == nullptr) return;
  for (const YamlNode::Entry& entry : node->entries) {
    const YamlNode* tensors = entry.value.find("tensors");
    if (tensors == nullptr) continue;
    auto name = reader.name(*tensors, lang::TemplateKind::Name);
    if (!name) continue;
    RankBufferRule rule;
    rule.name = entry.key.scalar;
    rule.tensors = {std::move(*name), false, tensors->scalar,
                    reader.text(entry.value.find("about"))};
    rule.kind = reader.text(entry.value.find("kind"));
    rule.file = reader.text(entry.value.find("file"));
    rule.keys = reader.texts(entry.value.find("keys"));
    dialect.rank_buffers.push_back(std::move(rule));
  }
}

}  // namespace

void read_dialect(const YamlNode& document, const std::string& family_page, NodeReader& reader,
                  RuleSet& rules) {
  Dialect& dialect = rules.dialect;
  dialect.framework = reader.text(document.find("framework"));
  dialect.about = reader.text(document.find("about"));
  dialect.detect = reader.scalar(document.find("detect"));
  dialect.identify = reader.texts(document.find("identify"));
  read_sizes(document.find("sizes"), reader, rules);
  read_files(document, reader, dialect);
  read_grid(document, reader, rules);
  read_config(document, family_page, reader, rules);
  read_tensors(document.find("tensors"), 0, family_page, reader, rules);
  if (const YamlNode* tables = document.find("tables"))
    for (const YamlNode::Entry& entry : tables->entries)
      if (auto when = reader.scalar(entry.value.find("when"))) {
        dialect.tables.push_back(std::move(*when));
        read_tensors(entry.value.find("tensors"), dialect.tables.size(), family_page, reader,
                     rules);
      }
  read_rank_buffers(document.find("rank_buffers"), reader, dialect);
  dialect.ignore = read_ignore(document.find("ignore"), reader);
  dialect.ignore_files = read_ignore(document.find("ignore_files"), reader);
}

}  // namespace recast::rules
