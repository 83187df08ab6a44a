#include "tests/mutation/config_mutants.hpp"

#include "tests/mutation/rule_text.hpp"

namespace recast::mutation {
namespace {

using rules::YamlNode;

/// A page's text with the families that it is of, its own first.
RuleText text_of(const std::string& path, const std::string& text,
                 const std::vector<std::string>& families) {
  RuleText out(path, text);
  out.for_families(first_of(families, path.substr(0, path.find('/'))));
  return out;
}

void mutate_write(RuleText& out, const std::string& where, const YamlNode& write) {
  for (const YamlNode::Entry& field : write.entries) {
    out.drop_field(where, write, field.key.scalar);
    out.expression(where + " " + field.key.scalar, &field.value);
  }
}

void mutate_config(RuleText& out, const YamlNode& config) {
  for (std::size_t i = 0; i < config.entries.size(); ++i) {
    const std::string where = "config " + config.entries[i].key.scalar;
    const YamlNode& rule = config.entries[i].value;
    out.drop_field("config", config, config.entries[i].key.scalar);
    if (rule.kind == YamlNode::Kind::Scalar && !(rule.plain && rule.scalar == "null"))
      out.replace(where, rule.span, rule.scalar + "_");
    if (const YamlNode* field = rule.find("field"))
      out.replace(where + " field", field->span, field->scalar + "_");
    for (const char* part : {"read", "default", "needed"})
      out.expression(where + " " + part, rule.find(part));
    for (const char* part : {"read", "default", "needed", "prefer"})
      if (rule.entries.size() > 1) out.drop_field(where, rule, part);
    if (const YamlNode* write = rule.find("write")) mutate_write(out, where + " write", *write);
  }
}

/// Entries left out, and with another value.
void mutate_values(RuleText& out, const std::string& section, const YamlNode& values) {
  for (const YamlNode::Entry& entry : values.entries) {
    out.drop_field(section, values, entry.key.scalar);
    if (entry.value.kind == YamlNode::Kind::Scalar || entry.value.kind == YamlNode::Kind::Null)
      out.replace(section + " " + entry.key.scalar, entry.value.span, "another");
  }
}

void mutate_sizes(RuleText& out, const YamlNode& sizes) {
  for (const YamlNode::Entry& size : sizes.entries) {
    const std::string where = "size " + size.key.scalar;
    out.expression(where + " default", size.value.find("default"));
    for (const char* part : {"default", "optional", "training", "with"})
      out.drop_field(where, size.value, part);
    if (const YamlNode* values = size.value.find("values"))
      if (values->items.size() > 1) out.list(where + " values", *values, {});
  }
}

/// Rules left out, and with another condition.
void mutate_rules(RuleText& out, const std::string& section, const YamlNode* list) {
  if (list == nullptr) return;
  for (const YamlNode& rule : list->items) {
    const std::string where = section + " '" + rule.find("say")->scalar.substr(0, 60) + "'";
    out.drop_item(where, rule);
    out.expression(where, rule.find("when"));
  }
}

void mutate_name(RuleText& out, const std::string& where, const YamlNode* name) {
  if (name == nullptr) return;
  const std::string& text = name->scalar;
  out.replace(where, name->span, text + "_");
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto without = [&](std::size_t end, const std::string& by) {
      out.replace(where, name->span, text.substr(0, at) + by + text.substr(end));
    };
    if (text[at] == '[') {
      without(text.find(']', at) + 1, "");
      without(text.find(']', at) + 1,  // always there
              text.substr(at + 1, text.find(" if ", at) - at - 1));
    }
    if (text.compare(at, 2, ":0") == 0) without(at + 3, ":01");
    if (text[at] == '*') without(at + 1, "");
  }
}

void mutate_patterns(RuleText& out, const std::string& section, const YamlNode* list) {
  if (list == nullptr) return;
  if (list->items.front().kind == YamlNode::Kind::Scalar) out.list(section, *list, {});
  for (const YamlNode& item : list->items) {
    const bool is_rule = item.kind == YamlNode::Kind::Mapping;
    const YamlNode* name = is_rule ? item.find("name") : &item;
    if (is_rule) out.drop_item(section + " " + name->scalar, item);
    mutate_name(out, section, name);
  }
}

}  // namespace

std::vector<RuleMutant> mutants_of_config(const std::string& path, const std::string& text,
                                          const std::vector<std::string>& families) {
  RuleText out = text_of(path, text, families);
  const YamlNode page = out.parsed();
  if (const YamlNode* config = page.find("config")) mutate_config(out, *config);
  if (const YamlNode* sizes = page.find("sizes")) mutate_sizes(out, *sizes);
  for (const char* section : {"constants", "defaults"})
    if (const YamlNode* values = page.find(section)) mutate_values(out, section, *values);
  if (const YamlNode* fields = page.find("fields"))
    for (std::size_t i = 0; i < fields->entries.size(); ++i) {
      out.drop_field("fields", *fields, fields->entries[i].key.scalar);
      out.expression("fields " + fields->entries[i].key.scalar, &fields->entries[i].value);
    }
  for (const char* section : {"check", "replaces"})
    if (const YamlNode* list = page.find(section)) out.list(section, *list, {});
  mutate_rules(out, "tell", page.find("tell"));
  if (const YamlNode* mesh = page.find("mesh"))
    for (const YamlNode::Entry& dimension : mesh->entries) {
      const std::string where = "mesh " + dimension.key.scalar;
      out.expression(where + " size", dimension.value.find("size"));
      out.expression(where + " default", dimension.value.find("default"));
    }
  if (const YamlNode* document = page.find("document"))
    for (std::size_t i = 0; i < document->entries.size(); ++i) {
      const YamlNode& value = document->entries[i].value;
      out.drop_field("document", *document, document->entries[i].key.scalar);
      out.expression("document " + document->entries[i].key.scalar,
                     value.kind == YamlNode::Kind::Mapping ? value.find("write") : &value);
    }
  return out.take();
}

std::vector<RuleMutant> mutants_of_detection(const std::string& path, const std::string& text,
                                             const std::vector<std::string>& families) {
  RuleText out = text_of(path, text, families);
  out.expression("detect", out.parsed().find("detect"));
  return out.take();
}

std::vector<RuleMutant> mutants_of_refusals(const std::string& path, const std::string& text,
                                            const std::vector<std::string>& families) {
  RuleText out = text_of(path, text, families);
  const YamlNode page = out.parsed();
  for (const char* section : {"refuse", "refuse_writing"})
    mutate_rules(out, section, page.find(section));
  return out.take();
}

std::vector<RuleMutant> mutants_of_names(const std::string& path, const std::string& text,
                                         const std::vector<std::string>& families) {
  RuleText out = text_of(path, text, families);
  const YamlNode page = out.parsed();
  for (const char* section : {"recognise", "refuse_files", "ignore", "ignore_files", "file_also"})
    mutate_patterns(out, section, page.find(section));
  if (const YamlNode* carry = page.find("carry"))
    mutate_patterns(out, "carry except", carry->find("except"));
  for (const char* section : {"folder", "file", "root"})
    mutate_name(out, section, page.find(section));
  for (const char* section : {"container", "max_shard_size", "config_file", "config_at"})
    if (const YamlNode* word = page.find(section))
      out.replace(section, word->span, word->scalar + "_");
  for (const char* section : {"tracker", "metadata"})
    if (const YamlNode* entries = page.find(section)) {
      for (const YamlNode::Entry& entry : entries->entries) {
        out.drop_field(section, *entries, entry.key.scalar);
        if (entry.value.kind == YamlNode::Kind::Scalar)
          out.replace(section, entry.value.span, entry.value.scalar + "_");
      }
    }
  if (const YamlNode* weights = page.find("weights"))
    for (const YamlNode& rule : weights->items) {
      out.drop_item("weights " + rule.find("one")->scalar, rule);
      for (const YamlNode::Entry& entry : rule.entries)
        mutate_name(out, "weights " + entry.key.scalar, &entry.value);
    }
  return out.take();
}

}  // namespace recast::mutation
