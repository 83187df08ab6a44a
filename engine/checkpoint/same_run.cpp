#include "engine/checkpoint/same_run.hpp"

#include <unordered_set>

namespace recast::checkpoint {
namespace {

using tensor::Value;
using Names = std::unordered_set<std::string>;

/// Names of entries that say something of the run.
Names entries_of(const rules::Dialect& dialect) {
  Names out;
  for (const auto& [name, expr] : dialect.document)
    out.insert(name);
  for (const auto& [name, expr] : dialect.document_read)
    out.insert(name);
  return out;
}

/// Fields of the configuration that say something of the model or of the grid; of an object that
/// is read field by field the object.
Names fields_of(const rules::Dialect& dialect) {
  Names out;
  const auto add = [&](const lang::ScalarExpr& expr) {
    for (const std::string& name : lang::names_in(expr))
      out.insert(name.substr(0, name.find('.')));
  };
  for (const rules::ConfigRule& rule : dialect.config)
    if (rule.read) add(*rule.read);
  for (const rules::MeshRule& dim : dialect.mesh)
    add(dim.size);
  return out;
}

/// The first of the named entries that is not the same; its name, or empty.
std::string first_difference(const Value& first, const Value& other, const Names& names) {
  const auto* entries = tensor::fields_of(other);
  std::size_t met = 0;
  if (entries != nullptr)
    for (const auto& [key, value] : *entries) {
      const auto* name = key.get_if<std::string>();
      if (name == nullptr || !names.contains(*name)) continue;
      ++met;
      const Value* expected = tensor::field(first, *name);
      if (expected == nullptr || *expected != value) return *name;
    }
  const auto* expected = tensor::fields_of(first);
  if (expected == nullptr) return {};
  for (const auto& [key, value] : *expected)
    if (const auto* name = key.get_if<std::string>(); name != nullptr && names.contains(*name)) {
      if (met == 0) return *name;
      --met;
    }
  return {};
}

}  // namespace

void check_same_run(const Opened& opened, const rules::RuleSet& rules, DiagnosticSink& sink) {
  const rules::Dialect& dialect = rules.dialect;
  if (dialect.config_at.empty() || opened.files.empty()) return;
  const Names entries = entries_of(dialect), fields = fields_of(dialect);
  const OpenedFile& first = opened.files.front();
  const Value none;
  const auto config_of = [&](const OpenedFile& file) -> const Value& {
    const Value* config = tensor::field(file.catalog.root, dialect.config_at);
    return config == nullptr ? none : *config;
  };
  for (const OpenedFile& file : opened.files) {
    if (&file == &first || !file.rank_buffers.empty()) continue;
    std::string name = first_difference(first.catalog.root, file.catalog.root, entries);
    const bool is_entry = !name.empty();
    if (!is_entry) name = first_difference(config_of(first), config_of(file), fields);
    if (name.empty()) continue;
    const auto said = [&](const OpenedFile& of) {
      const Value* value = tensor::field(is_entry ? of.catalog.root : config_of(of), name);
      return value == nullptr ? std::string("nothing") : tensor::print(*value);
    };
    sink.add(make_diagnostic(Code::plan_ranks_differ, cat("'", name, "' is ", said(file), ", but ",
                                                          said(first), " in '", first.path, "'"))
                 .in(io::join(opened.folder, file.path))
                 .suggest("the files are of different saves or runs; fetch all of one"));
    return;
  }
}

}  // namespace recast::checkpoint
