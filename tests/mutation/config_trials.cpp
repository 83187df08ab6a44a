#include "tests/mutation/config_trials.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <stdexcept>

#include "engine/checkpoint/carry.hpp"
#include "engine/checkpoint/json.hpp"
#include "engine/rules/yaml_source.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/required.hpp"

namespace recast::mutation {
namespace {

using support::first_error;
using tensor::Value;

/// The page, read once.
const Value& page_at(const std::string& path) {
  static std::map<std::string, Value> pages;
  const auto [found, is_new] = pages.try_emplace(path);
  if (!is_new) return found->second;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto page = rules::parse_yaml(make_source(path, text).source);
  if (!page) throw std::runtime_error(path + ": " + page.error().message);
  return found->second = rules::to_value(*page);
}

const tensor::Mapping& mapping(const Value& value) {
  static const tensor::Mapping empty;
  if (value.is_null()) return empty;
  const auto* found = value.get_if<tensor::Mapping>();
  if (found == nullptr) throw std::runtime_error("not a mapping: " + tensor::print(value));
  return *found;
}

std::string text_of(const Value& row, const char* name) {
  const Value* value = tensor::field(row, name);
  return value == nullptr || value->is_null() ? "" : *value->get_if<std::string>();
}

/// The fields of `changes` in place of those of `document`; "absent" takes one away.
Value changed(Value document, const Value* changes) {
  if (changes == nullptr) return document;
  for (const auto& [key, value] : mapping(*changes).entries) {
    const std::string& name = *key.get_if<std::string>();
    if (value == Value("absent")) {
      auto& entries = document.get_if<tensor::Mapping>()->entries;
      std::erase_if(entries, [&, k = key](const auto& entry) { return entry.first == k; });
    } else {
      tensor::set_field(document, name, value, '.');
    }
  }
  return document;
}

/// What a framework says of a family's model: the fields of its page over those of the page that it
/// extends.
Value base(const std::string& folder, const std::string& family, const std::string& framework) {
  const Value& page = page_at(io::join(folder, family + ".yaml"));
  const std::string extended = text_of(page, "extends");
  return changed(extended.empty() ? Value(tensor::Mapping{}) : base(folder, extended, framework),
                 tensor::field(page, framework));
}

checkpoint::TargetOptions options_of(const std::string& to, const Value* told) {
  checkpoint::TargetOptions out;
  out.framework = to;
  if (told == nullptr) return out;
  for (const auto& [key, value] : mapping(*told).entries) {
    const std::string& name = *key.get_if<std::string>();
    if (name == "stages")
      for (const Value& count : value.get_if<tensor::Sequence>()->items)
        out.stages.push_back(*count.get_if<std::int64_t>());
    else if (name == "first")
      out.first_stage_layers = *value.get_if<std::int64_t>();
    else if (name == "last")
      out.last_stage_layers = *value.get_if<std::int64_t>();
    else if (name == "dtype")
      out.dtype = tensor::dtype_of(*value.get_if<std::string>());
    else if (name == "set")
      for (const auto& [size, given] : mapping(value).entries)
        out.set[*size.get_if<std::string>()] = given;
    else
      out.mesh.emplace_back(name, *value.get_if<std::int64_t>());
  }
  return out;
}

/// A symbol as its text: YAML has no other way to say one.
Value plain(const Value& value) {
  const auto* symbol = value.get_if<tensor::Symbol>();
  return symbol == nullptr ? value : Value(symbol->module + "." + symbol->name);
}

/// The configuration that was planned. Of one in a file of its own also the weights' container, as
/// "/container"; of one that lies in every rank's file the entries of the file beside it, as
/// "/NAME".
Value planned_config(const checkpoint::Conversion& planned) {
  const rules::Dialect& dialect = planned.rules.dialect;
  if (!dialect.config_file.empty()) {
    for (const checkpoint::OutputText& text : planned.texts)
      if (text.path == dialect.config_file) {
        Value out = *checkpoint::parse_json(text.text, text.path);
        tensor::set_field(out, "/container",
                          Value(planned.solution.plan.target_files.front().container), '\0');
        return out;
      }
    throw std::runtime_error("no configuration is written");
  }
  const Value& root = planned.solution.plan.target_files.front().root;
  for (const plan::TargetFile& file : planned.solution.plan.target_files)
    if (*tensor::field(file.root, dialect.config_at) != *tensor::field(root, dialect.config_at))
      throw std::runtime_error(file.path + " has another configuration");
  Value out{tensor::Mapping{}};
  for (const auto& [key, value] : *tensor::fields_of(*tensor::field(root, dialect.config_at)))
    tensor::set_field(out, *key.get_if<std::string>(), plain(value), '\0');
  for (const auto& [name, expr] : dialect.document)
    if (const Value* value = tensor::field(root, name))
      tensor::set_field(out, "/" + name, *value, '\0');
  return out;
}

std::map<std::string, std::string> lines_of(const Value& document) {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : *tensor::fields_of(document))
    out[*key.get_if<std::string>()] = tensor::print(value, 100000);
  return out;
}

std::string difference(const Value& have, const Value& expected) {
  const std::map<std::string, std::string> got = lines_of(have), want = lines_of(expected);
  std::string out;
  for (const auto& [name, value] : want)
    if (const auto found = got.find(name); found == got.end())
      out += cat("  ", name, ": ", value, " is missing\n");
    else if (found->second != value)
      out += cat("  ", name, ": ", found->second, ", expected ", value, "\n");
  for (const auto& [name, value] : got)
    if (!want.contains(name)) out += cat("  ", name, ": ", value, " is too much\n");
  return out;
}

/// As open_checkpoint() gives a checkpoint whose files were not looked at; nullopt where the rules
/// refuse the grid that the configuration tells.
std::optional<checkpoint::Opened> opened(const rules::Library& rules, const ConfigCase& one,
                                         DiagnosticSink& sink) {
  checkpoint::Opened out;
  auto framework = rules.framework(one.from, sink);
  if (!framework) return std::nullopt;
  out.path = out.folder = "in";
  out.framework = std::move(*framework);
  out.config = one.source;
  for (const rules::MeshRule& dim : out.framework.dialect.mesh) {
    const auto size = lang::evaluate(dim.size, rules::config_environment(&one.source, nullptr));
    const auto* integer = size ? size->get_if<std::int64_t>() : nullptr;
    if (integer == nullptr || *integer < 1) {
      sink.add(make_diagnostic(Code::format_config, cat("no size of ", dim.name)));
      return std::nullopt;
    }
    out.grid.set(dim.name, *integer);
  }
  return out;
}

}  // namespace

ConfigTrials::ConfigTrials(std::string family, const std::string& folder)
    : family_(std::move(family)) {
  const Value& page = page_at(io::join(folder, family_ + ".yaml"));
  std::map<std::string, std::size_t> counts;
  for (const Value& row : tensor::field(page, "cases")->get_if<tensor::Sequence>()->items) {
    ConfigCase one;
    one.from = text_of(row, "from");
    one.to = text_of(row, "to");
    const std::string way = one.from + " -> " + one.to;
    one.name = cat(family_, " ", way, " ", ++counts[way]);
    for (const auto& [key, value] : mapping(row).entries) {
      static const std::vector<std::string> kKeys = {
          "from", "to", "source", "options", "args", "refused", "target", "carried", "notes"};
      if (std::find(kKeys.begin(), kKeys.end(), *key.get_if<std::string>()) == kKeys.end())
        throw std::runtime_error(one.name + ": unknown key " + tensor::print(key));
    }
    one.source = changed(base(folder, family_, one.from), tensor::field(row, "source"));
    // Within one framework what is not named is expected to stay.
    one.target = changed(one.from == one.to ? one.source : base(folder, family_, one.to),
                         tensor::field(row, "target"));
    one.options = options_of(one.to, tensor::field(row, "options"));
    if (const Value* args = tensor::field(row, "args")) one.args = checkpoint::print_json(*args);
    if (const Value* carried = tensor::field(row, "carried"))
      one.carried = checkpoint::print_json(changed(base(folder, family_, "huggingface"), carried));
    one.refused = text_of(row, "refused");
    if (const Value* notes = tensor::field(row, "notes")) {
      one.notes.emplace();
      for (const Value& note : notes->get_if<tensor::Sequence>()->items)
        one.notes->push_back(*note.get_if<std::string>());
    }
    // What stands beside the configuration of a rank is no part of a source's.
    std::erase_if(one.source.get_if<tensor::Mapping>()->entries, [](const auto& entry) {
      return entry.first.template get_if<std::string>()->starts_with("/");
    });
    cases_.push_back(std::move(one));
  }
}

std::string ConfigTrials::run(const ConfigCase& one, const rules::Library& rules) const {
  DiagnosticSink sink;
  support::MemoryFileSystem disk;
  disk.put("in/empty", "");
  checkpoint::TargetOptions options = one.options;
  if (!one.args.empty()) {
    options.args_file = "args.json";
    disk.put(options.args_file, one.args);
  }
  if (!one.carried.empty()) disk.put("in/huggingface/config.json", one.carried);
  const auto source = opened(rules, one, sink);
  const auto carried =
      source ? checkpoint::carried_model(disk, rules, *source, family_, sink) : std::nullopt;
  const checkpoint::BindOptions wanted{family_, options.set, carried ? &carried->sizes : nullptr};
  const auto bound = source ? checkpoint::bind(*source, rules, wanted, sink) : std::nullopt;
  const auto planned =
      bound && !sink.has_errors()
          ? checkpoint::plan_conversion(disk, rules, *source, *bound, options, sink)
          : std::nullopt;
  const bool done = planned && !sink.has_errors();
  if (!one.refused.empty()) {
    if (done) return "  is not refused\n";
    const std::string said = first_error(sink);
    return said.find(one.refused) == std::string::npos ? "  " + said + "\n" : "";
  }
  if (!done) return "  " + first_error(sink) + "\n";
  if (one.notes && planned->notes != *one.notes) {
    std::string out = "  other notes:\n";
    for (const std::string& note : planned->notes)
      out += "    " + note + "\n";
    return out;
  }
  return difference(planned_config(*planned), one.target);
}

std::string ConfigTrials::run(const rules::Library& rules) {
  for (std::size_t i = 0; i < cases_.size(); ++i) {
    const std::size_t at = i == 0 ? last_ : i <= last_ ? i - 1 : i;
    const std::string said = run(cases_[at], rules);
    if (said.empty()) continue;
    last_ = at;
    return cases_[at].name + "\n" + said;
  }
  return {};
}

std::string ConfigTrials::run_all(const rules::Library& rules) const {
  std::string out;
  for (const ConfigCase& one : cases_)
    if (const std::string said = run(one, rules); !said.empty()) out += one.name + "\n" + said;
  return out;
}

}  // namespace recast::mutation
