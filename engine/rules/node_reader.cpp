#include "engine/rules/node_reader.hpp"

namespace recast::rules {

void NodeReader::report(Code code, const YamlNode& at, std::string message, std::string hint) {
  sink_.add(make_diagnostic(code, std::move(message)).at(at.span).suggest(std::move(hint)));
}

std::string NodeReader::text(const YamlNode* node) {
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return {};
  if (node->kind == YamlNode::Kind::Scalar) return node->scalar;
  report(Code::rule_value, *node, "expected a text here");
  return {};
}

bool NodeReader::flag(const YamlNode* node) {
  if (node == nullptr) return false;
  if (const tensor::Value value = to_value(*node); const bool* flag = value.get_if<bool>())
    return *flag;
  report(Code::rule_value, *node, "expected true or false here");
  return false;
}

std::vector<std::string> NodeReader::texts(const YamlNode* node) {
  std::vector<std::string> out;
  if (node == nullptr) return out;
  if (node->kind != YamlNode::Kind::Sequence) {
    report(Code::rule_value, *node, "expected a list here", "write [a, b]");
    return out;
  }
  for (const YamlNode& item : node->items)
    out.push_back(text(&item));
  return out;
}

std::optional<lang::ScalarExpr> NodeReader::scalar(const YamlNode* node) {
  if (node == nullptr) return std::nullopt;
  if (node->kind == YamlNode::Kind::Null) {
    lang::ScalarExpr null;
    null.span = node->span;
    null.nodes.push_back({lang::ScalarLiteral{tensor::Null{}}, node->span});
    return null;
  }
  if (node->kind != YamlNode::Kind::Scalar) {
    report(Code::rule_value, *node, "expected an expression here",
           "put the expression into quotes: commas and brackets end a value inside { }");
    return std::nullopt;
  }
  auto parsed = lang::parse_scalar(node->expression());
  if (parsed) return std::move(parsed).value();
  sink_.add(std::move(parsed).error());
  return std::nullopt;
}

std::optional<lang::NameTemplate> NodeReader::name(SourceSpan text, lang::TemplateKind kind) {
  auto parsed = lang::parse_template(text, kind);
  if (parsed) return std::move(parsed).value();
  sink_.add(std::move(parsed).error());
  return std::nullopt;
}

std::optional<lang::NameTemplate> NodeReader::name(const YamlNode& node, lang::TemplateKind kind) {
  return name(node.expression(), kind);
}

std::optional<lang::LayoutExpr> NodeReader::layout(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::Scalar) {
    report(Code::rule_value, node, "expected a layout here", "write \"label: axis axis\"");
    return std::nullopt;
  }
  auto parsed = lang::parse_layout(node.expression());
  if (parsed) return std::move(parsed).value();
  sink_.add(std::move(parsed).error());
  return std::nullopt;
}

std::vector<std::pair<std::string, lang::ScalarExpr>> NodeReader::scalars(const YamlNode* node) {
  std::vector<std::pair<std::string, lang::ScalarExpr>> out;
  if (node == nullptr) return out;
  if (node->kind != YamlNode::Kind::Mapping) {
    report(Code::rule_value, *node, "expected a mapping from names to expressions here");
    return out;
  }
  for (const YamlNode::Entry& entry : node->entries)
    if (auto expr = scalar(&entry.value)) out.emplace_back(entry.key.scalar, std::move(*expr));
  return out;
}

}  // namespace recast::rules
