#include "engine/checkpoint/carry.hpp"

#include <algorithm>

#include "engine/base/byte_size.hpp"
#include "engine/checkpoint/family.hpp"
#include "engine/checkpoint/json.hpp"

namespace recast::checkpoint {
namespace {

/// Collects what a carry rule takes from one folder.
class Collector {
 public:
  Collector(const io::FileSystem& files, const rules::CarryRule& rule, DiagnosticSink& sink)
      : files_(files), rule_(rule), sink_(sink) {
    std::vector<std::string> regexes;
    for (const lang::NameTemplate& pattern : rule.except)
      if (auto regex = lang::to_regex(pattern, {}))
        regexes.push_back(std::move(regex).value());
      else
        sink.add(std::move(regex).error());
    if (auto set = lang::TemplateSet::make(std::move(regexes)))
      except_.emplace(std::move(set).value());
  }

  void collect(const std::string& folder, const std::string& to, const std::string& skip,
               Carried& out) const {
    const auto entries = files_.list(folder);
    if (!entries) {
      sink_.add(entries.error());
      return;
    }
    for (const io::Entry& entry : *entries) {
      if (entry.name.front() == '.' || entry.name == skip) continue;
      const std::string target = to.empty() ? entry.name : io::join(to, entry.name);
      if (entry.kind == io::EntryKind::Folder) {
        if (std::find(rule_.folders.begin(), rule_.folders.end(), entry.name) !=
            rule_.folders.end())
          collect(io::join(folder, entry.name), target, "", out);
        continue;
      }
      if (except_ && !except_->matching(entry.name).empty()) continue;
      if (entry.kind != io::EntryKind::File) {
        // A link that leads nowhere could have been the tokenizer; sockets and the like could not.
        const auto looked = files_.stat(io::join(folder, entry.name));
        if (!looked) sink_.add(looked.error());
        continue;
      }
      if (entry.nbytes > rule_.up_to) {
        out.notes.push_back(cat("'", entry.name,
                                "' is not carried: ", print_byte_size(entry.nbytes),
                                " is more than ", print_byte_size(rule_.up_to)));
        continue;
      }
      const auto known = std::any_of(out.files.begin(), out.files.end(),
                                     [&](const CarriedFile& file) { return file.to == target; });
      if (!known) out.files.push_back({io::join(folder, entry.name), target, entry.nbytes});
    }
  }

 private:
  const io::FileSystem& files_;
  const rules::CarryRule& rule_;
  DiagnosticSink& sink_;
  std::optional<lang::TemplateSet> except_;
};

/// The folder of another framework's files inside a checkpoint; empty if there is none.
std::string carried_folder(const io::FileSystem& files, const Opened& opened,
                           const std::string& framework, DiagnosticSink& sink) {
  for (const std::string& base : {opened.path, io::parent(opened.path)}) {
    const std::string folder = io::join(base, framework);
    if (base != opened.path && opened.folder != opened.path) break;
    const auto entry = files.stat(folder);
    if (entry && entry->kind == io::EntryKind::Folder) return folder;
    if (!entry && entry.error().code != Code::io_not_found) sink.add(entry.error());
  }
  return {};
}

}  // namespace

Carried find_carried(const io::FileSystem& files, const rules::Library& library,
                     const Opened& opened, const std::string& target_framework,
                     const std::string& tokenizer, DiagnosticSink& sink) {
  Carried out;
  if (!tokenizer.empty())
    if (const auto there = files.list(tokenizer); !there) {
      sink.add(there.error());
      return out;
    }
  const std::string& from = opened.framework.dialect.framework;
  for (const std::string& name : library.frameworks()) {
    const auto framework = library.framework(name, sink);
    if (!framework || !framework->dialect.carry) continue;
    const Collector collector(files, *framework->dialect.carry, sink);
    const bool at_home = name == target_framework;
    const std::string to = at_home ? "" : name;
    const std::string& config = framework->dialect.config_file;
    if (!tokenizer.empty()) collector.collect(tokenizer, to, config, out);
    if (name == from) {
      // Where the configuration is written anew it does not go along as it is.
      collector.collect(opened.path, to, at_home ? config : "", out);
    } else if (const std::string folder = carried_folder(files, opened, name, sink);
               !folder.empty()) {
      collector.collect(folder, to, at_home ? config : "", out);
    }
  }
  return out;
}

std::optional<std::pair<tensor::Value, std::string>> carried_config(const io::FileSystem& files,
                                                                    const rules::Library& library,
                                                                    const Opened& opened,
                                                                    const std::string& framework,
                                                                    DiagnosticSink& sink) {
  const auto rules = library.framework(framework, sink);
  if (!rules || rules->dialect.config_file.empty()) return std::nullopt;
  const std::string folder = carried_folder(files, opened, framework, sink);
  if (folder.empty()) return std::nullopt;
  const std::string path = io::join(folder, rules->dialect.config_file);
  const auto there = files.is_there(path);
  if (!there) sink.add(there.error());
  if (!there || !*there) return std::nullopt;
  auto text = io::read_text(files, path);
  if (!text) {
    sink.add(std::move(text).error());
    return std::nullopt;
  }
  auto config = parse_json(*text, path);
  if (!config) {
    sink.add(std::move(config).error());
    return std::nullopt;
  }
  return std::pair(std::move(config).value(), path);
}

std::optional<CarriedModel> carried_model(const io::FileSystem& files,
                                          const rules::Library& library, const Opened& opened,
                                          const std::string& family, DiagnosticSink& sink) {
  std::optional<CarriedModel> out;
  for (const std::string& name : library.frameworks()) {
    if (name == opened.framework.dialect.framework) continue;
    const auto carried = carried_config(files, library, opened, name, sink);
    if (!carried) continue;
    DiagnosticSink quiet;  // a model that these rules do not know tells nothing
    const auto found = family.empty()
                           ? detect_family(library, name, &carried->first, carried->second, quiet)
                           : std::optional(family);
    if (!found) continue;
    if (const auto rules = library.rule_set(*found, name, quiet))
      out = {*found, rules::settle_sizes(*rules, {}, &carried->first, nullptr, quiet)};
  }
  return out;
}

}  // namespace recast::checkpoint
