#include "tests/conversion/refusal_checks.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "engine/rules/grid.hpp"
#include "engine/rules/sizes.hpp"

namespace recast::conversion {
namespace {

using tensor::Value;

std::pair<std::string, Value> setting(const std::string& text) {
  auto parsed = rules::parse_setting(text);
  if (!parsed) throw std::invalid_argument("'" + text + "' is no setting");
  return std::move(parsed).value();
}

}  // namespace

std::string top_of(const std::string& path) {
  return path.substr(0, path.find('.'));
}

bool names(const std::string& message, const std::string& word) {
  const auto part = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); };
  for (std::size_t at = message.find(word); at != std::string::npos;
       at = message.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !part(message[at - 1])) && (end == message.size() || !part(message[end])))
      return true;
  }
  return false;
}

std::vector<std::string> fields_of(const ReadingCase& one) {
  std::vector<std::string> out = one.with;
  out.push_back(one.argument + "=" + one.value);
  return out;
}

std::vector<std::string> said(const rules::RuleSet& rules, const std::vector<std::string>& fields) {
  Value config{tensor::Mapping{}};
  for (const std::string& field : fields) {
    auto [name, value] = setting(field);
    tensor::set_field(config, name, std::move(value), '.');
  }
  DiagnosticSink sink;
  rules::check_config(rules, config, "somewhere", sink);
  std::vector<std::string> out;
  for (const Diagnostic& each : sink.all())
    out.push_back(each.message);
  return out;
}

std::vector<std::string> not_written(const rules::RuleSet& rules, const WritingCase& one) {
  rules::ValueMap set;
  for (const auto& [name, value] : rules.demo)
    set.insert_or_assign(name, value);
  for (const std::string& size : one.sizes) {
    auto [name, value] = setting(size);
    if (rules.size(name) == nullptr) throw std::invalid_argument(name + " is no size");
    set.insert_or_assign(name, std::move(value));
  }
  DiagnosticSink sink;
  const rules::Sizes sizes = rules::settle_sizes(rules, set, nullptr, nullptr, sink);
  rules::Grid grid;
  for (const rules::MeshRule& dim : rules.dialect.mesh)
    grid.set(dim.name, 1);
  for (const std::string& dim : one.mesh) {
    const auto [name, value] = setting(dim);
    grid.set(name, *value.get_if<std::int64_t>());
    if (name == "tp") grid.set("etp", *value.get_if<std::int64_t>());
  }
  std::vector<std::string> unknown;
  const std::vector<std::int64_t> extents = rules::axis_extents(rules, sizes, unknown, sink);
  const rules::ValueMap values = rules::grid_values(rules, sizes, grid, {one.stages}, extents);
  std::vector<std::string> out;
  for (const rules::RefuseRule& rule : rules.dialect.refuse_writing) {
    const auto holds = lang::evaluate(rule.when, rules::environment_of(values));
    if (!holds) throw std::runtime_error(holds.error().message);
    if (lang::is_true(*holds)) out.push_back(rule.say);
  }
  if (!sink.all().empty()) throw std::runtime_error(sink.all().front().message);
  return out;
}

bool is_named(const ReadingCase& one, const std::vector<std::string>& messages) {
  const std::string inner = one.argument.substr(one.argument.rfind('.') + 1);
  return std::any_of(messages.begin(), messages.end(), [&](const std::string& message) {
    return names(message, top_of(one.argument)) || names(message, inner);
  });
}

bool is_named(const WritingCase& one, const std::vector<std::string>& messages) {
  return std::any_of(messages.begin(), messages.end(),
                     [&](const std::string& message) { return names(message, one.word); });
}

}  // namespace recast::conversion
