#include "engine/checkpoint/open.hpp"

#include <algorithm>
#include <set>

#include "engine/base/join.hpp"
#include "engine/base/spell.hpp"
#include "engine/checkpoint/file_patterns.hpp"
#include "engine/checkpoint/json.hpp"
#include "engine/checkpoint/parallel.hpp"
#include "engine/checkpoint/rank_buffers.hpp"
#include "engine/checkpoint/weights_index.hpp"
#include "engine/formats/container.hpp"
#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

using rules::Dialect;
using tensor::Value;

class Opener {
 public:
  Opener(const io::FileSystem& files, const OpenOptions& options, DiagnosticSink& sink)
      : files_(files), options_(options), sink_(sink) {}

  std::optional<Opened> run(const std::string& path, rules::RuleSet framework) {
    opened_.path = path;
    opened_.framework = std::move(framework);
    if (!check_files(path)) return std::nullopt;
    const bool found = dialect().weights.empty() ? open_ranks() : open_weights();
    if (!found || sink_.has_errors()) return std::nullopt;
    if (!read_config()) return std::nullopt;
    if (sink_.has_errors()) return std::nullopt;
    return std::move(opened_);
  }

 private:
  const Dialect& dialect() const { return opened_.framework.dialect; }

  bool fail(Diagnostic diagnostic) {
    sink_.add(std::move(diagnostic));
    return false;
  }

  /// Whether no file or folder there is one that the framework refuses.
  bool check_files(const std::string& path) {
    const auto& rules = dialect().refuse_files;
    if (rules.empty()) return true;
    const auto refused = pattern_set(names_of(rules), {}, sink_);
    if (!refused) return false;
    auto below = files_below(files_, path);
    if (!below) return fail(below.error());
    below_ = std::move(below).value();
    for (const std::string& file : below_)
      for (const std::string& name : {file, file.substr(0, file.find('/'))})
        if (const auto found = refused->matching(name); !found.empty())
          return fail(make_diagnostic(Code::plan_refused, rules[found.front()].say)
                          .in(io::join(path, file))
                          .suggest(rules[found.front()].hint));
    return true;
  }

  /// Whether the file is there; false after an error as well, which is in the sink.
  bool is_there(const std::string& path) {
    const auto there = files_.is_there(path);
    return there ? *there : fail(there.error());
  }

  // ---- one set of weights, whole or sharded

  bool open_weights() {
    opened_.folder = opened_.path;
    if (options_.config_only) return true;
    for (const rules::WeightsRule& rule : dialect().weights) {
      if (is_there(io::join(opened_.path, rule.one))) {
        opened_.container = rule.container;
        return read_catalogs({rule.one});
      }
      if (sink_.has_errors()) return false;  // nor is another taken for it
      if (is_there(io::join(opened_.path, rule.index))) {
        opened_.container = rule.container;
        opened_.sharded = true;
        return open_index(rule.index);
      }
      if (sink_.has_errors()) return false;
    }
    if (options_.allow_no_tensors) return true;
    std::vector<std::string> names;
    for (const rules::WeightsRule& rule : dialect().weights) {
      names.push_back(rule.one);
      names.push_back(rule.index);
    }
    return fail(make_diagnostic(Code::format_no_weights,
                                cat("folder '", opened_.path, "' holds no weights"))
                    .in(opened_.path)
                    .suggest(cat("expected one of ", joined(names))));
  }

  bool open_index(const std::string& name) {
    const std::string place = io::join(opened_.path, name);
    auto text = io::read_text(files_, place);
    if (!text) return fail(std::move(text).error());
    auto index = parse_weights_index(*text, place);
    if (!index) return fail(std::move(index).error());
    std::set<std::string> shards;
    for (const auto& [tensor, shard] : *index)
      shards.insert(shard);
    for (const std::string& shard : shards) {
      const auto there = files_.is_there(io::join(opened_.path, shard));
      if (!there)
        fail(there.error());
      else if (!*there)
        fail(
            make_diagnostic(Code::format_missing_file,
                            cat("the index names '", shard, "', which is not there"))
                .in(place)
                .suggest("fetch the missing shard; a checkpoint is converted whole or not at all"));
    }
    if (sink_.has_errors()) return false;
    if (!read_catalogs({shards.begin(), shards.end()})) return false;
    compare_index(std::move(*index), opened_.files, place, sink_);
    return !sink_.has_errors();
  }

  // ---- one file per rank

  bool open_ranks() {
    if (!find_folder()) return false;
    std::vector<std::string> coordinates;
    for (const rules::MeshRule& dim : dialect().mesh)
      coordinates.push_back(dim.name);
    std::vector<std::string> ranks;
    if (opened_.folder != opened_.path || dialect().refuse_files.empty()) {
      auto below = files_below(files_, opened_.folder);
      if (!below) return fail(below.error());
      below_ = std::move(below).value();
    }
    const std::vector<std::string>& paths = below_;
    std::vector<lang::NameTemplate> names{*dialect().file};
    names.insert(names.end(), dialect().file_also.begin(), dialect().file_also.end());
    for (const lang::NameTemplate& name : names) {
      const auto set = pattern_set({name}, coordinates, sink_);
      if (!set) return false;
      for (const std::string& path : paths)
        if (!set->matching(path).empty()) ranks.push_back(path);
      if (ranks.empty()) continue;
      opened_.framework.dialect.file = name;
      break;
    }
    const auto ignored = pattern_set(names_of(dialect().ignore_files), {}, sink_);
    if (!ignored) return false;
    const std::set<std::string_view> is_rank(ranks.begin(), ranks.end());
    for (const std::string& path : paths)
      if (!is_rank.contains(path))
        for (const std::size_t rule : ignored->matching(path))
          opened_.ignored_files.push_back(cat(path, ": ", dialect().ignore_files[rule].why));
    if (ranks.empty())
      return fail(
          make_diagnostic(Code::format_no_weights,
                          cat("folder '", opened_.folder, "' holds no rank's file"))
              .in(opened_.folder)
              .suggest("give the folder that holds the tracker file or the ranks' folders"));
    std::sort(ranks.begin(), ranks.end());
    opened_.container = dialect().container;
    return read_catalogs(ranks);
  }

  bool find_folder() {
    const Dialect& rules = dialect();
    opened_.folder = opened_.path;
    if (!rules.folder) return true;
    const auto given = options_.set.find(rules.tracker_size);
    const std::string tracker = io::join(opened_.path, rules.tracker_file);
    if (given != options_.set.end()) {
      opened_.told[rules.tracker_size] = given->second;
    } else if (is_there(tracker)) {
      auto text = io::read_text(files_, tracker, 4096);
      if (!text) return fail(std::move(text).error());
      std::string word = *text;
      word.erase(0, word.find_first_not_of(" \t\r\n"));
      word.erase(word.find_last_not_of(" \t\r\n") + 1);
      const bool digits = !word.empty() && word.size() < 18 &&
                          word.find_first_not_of("0123456789") == std::string::npos;
      const auto& known = rules.tracker_words;
      if (!digits && std::find(known.begin(), known.end(), word) == known.end()) {
        std::string expected = "a number";
        for (const std::string& other : known)
          expected += cat(" or '", other, "'");
        return fail(
            make_diagnostic(Code::format_tracker,
                            cat("the tracker says '", word.substr(0, 40), "', expected ", expected))
                .in(tracker)
                .suggest(cat("write the iteration to convert into it, or give --set ",
                             rules.tracker_size, "=N")));
      }
      opened_.told[rules.tracker_size] =
          digits ? Value(static_cast<std::int64_t>(std::stoll(word))) : Value(word);
    } else {
      if (sink_.has_errors()) return false;
      return find_folder_by_name();
    }
    const auto name = lang::expand(*rules.folder, rules::environment_of(opened_.told));
    if (!name) return fail(name.error());
    opened_.folder = io::join(opened_.path, *name);
    if (is_there(opened_.folder)) return true;
    if (sink_.has_errors()) return false;
    return fail(make_diagnostic(Code::format_missing_file, cat("there is no folder '", *name, "'"))
                    .in(opened_.path)
                    .suggest(cat("the tracker file or --set ", rules.tracker_size, " names it")));
  }

  bool find_folder_by_name() {
    const Dialect& rules = dialect();
    const auto entries = files_.list(opened_.path);
    if (!entries) return fail(entries.error());
    std::vector<std::string> folders;
    const auto set = pattern_set({*rules.folder}, {}, sink_);
    if (!set) return false;
    for (const io::Entry& entry : *entries)
      if (entry.kind == io::EntryKind::Folder && !entry.name.empty() &&
          !set->matching(entry.name).empty())
        folders.push_back(entry.name);
    if (folders.empty()) return true;  // the ranks' folders themselves
    if (folders.size() > 1)
      return fail(
          make_diagnostic(Code::format_tracker,
                          cat("there is no tracker file, and several folders could be meant: ",
                              joined(folders)))
              .in(opened_.path)
              .suggest("give one of them as the source"));
    opened_.folder = io::join(opened_.path, folders.front());
    opened_.notes.push_back(cat("no tracker file; the only folder is ", folders.front()));
    return true;
  }

  // ---- both

  bool read_catalogs(const std::vector<std::string>& paths) {
    std::vector<std::optional<Diagnostic>> errors(paths.size());
    opened_.files.resize(paths.size());
    in_parallel(paths.size(), [&](std::size_t i) {
      auto catalog = formats::read_catalog(files_, io::join(opened_.folder, paths[i]));
      if (catalog)
        opened_.files[i] = {paths[i], std::move(catalog).value(), {}};
      else
        errors[i] = std::move(catalog).error();
    });
    for (std::optional<Diagnostic>& error : errors)
      if (error) fail(std::move(*error));
    return !sink_.has_errors();
  }

  bool fail_config(std::string message) {
    return fail(
        make_diagnostic(Code::format_config, std::move(message))
            .in(opened_.config_place)
            .suggest("the configuration is damaged, or belongs to another kind of checkpoint"));
  }

  bool read_config() {
    const Dialect& rules = dialect();
    if (!rules.config_file.empty()) {
      opened_.config_place = io::join(opened_.path, rules.config_file);
      if (!is_there(opened_.config_place)) {
        if (sink_.has_errors()) return false;
        return fail(
            make_diagnostic(Code::format_missing_file, cat("there is no '", rules.config_file, "'"))
                .in(opened_.path)
                .suggest("the configuration tells the model's sizes; copy it from where the "
                         "weights came from"));
      }
      auto text = io::read_text(files_, opened_.config_place);
      if (!text) return fail(std::move(text).error());
      auto config = parse_json(*text, opened_.config_place);
      if (!config) return fail(std::move(config).error());
      opened_.config = std::move(config).value();
    } else if (!opened_.files.empty()) {
      const OpenedFile& first = opened_.files.front();
      opened_.config_place = io::join(opened_.folder, first.path);
      if (const Value* config = tensor::field(first.catalog.root, rules.config_at))
        opened_.config = *config;
      for (const auto& [name, expr] : rules.document_read) {
        auto value = lang::evaluate(expr, rules::config_environment(&first.catalog.root, nullptr));
        if (!value) return fail(std::move(value).error());
        // An entry that is not there says something too, which the rule knows.
        if (!value->is_null()) opened_.stated.emplace(name, std::move(value).value());
      }
    }
    const Value* config = opened_.config ? &*opened_.config : nullptr;
    for (const rules::MeshRule& dim : rules.mesh) {
      const auto size = lang::evaluate(dim.size, rules::config_environment(config, nullptr));
      if (!size) return fail(size.error());
      const auto* integer = size->get_if<std::int64_t>();
      if (integer == nullptr || *integer < 1)
        return fail_config(cat("the configuration gives ", tensor::print(*size),
                               " as the size of '", dim.name, "', expected 1 or more"));
      opened_.grid.set(dim.name, *integer);
    }
    if (!rules::chunks_can_be_listed(rules, opened_.grid))
      return fail_config(cat("the configuration gives the grid ", rules::print_grid(opened_.grid),
                             ", expected ", rules::kMostChunks, " ranks and chunks at most"));
    return true;
  }

  const io::FileSystem& files_;
  const OpenOptions& options_;
  DiagnosticSink& sink_;
  Opened opened_;
  std::vector<std::string> below_;  // files_below() the folder that was looked at last
};

}  // namespace

std::vector<std::string> recognise(const io::FileSystem& files, const rules::Library& library,
                                   const std::string& path, DiagnosticSink& sink) {
  std::vector<std::string> found;
  const auto entries = files.list(path);
  if (!entries) {
    sink.add(entries.error());
    return found;
  }
  for (const std::string& name : library.frameworks()) {
    const auto framework = library.framework(name, sink);
    if (!framework) continue;
    const auto patterns = pattern_set(framework->dialect.recognise, {}, sink);
    const bool known =
        patterns && std::any_of(entries->begin(), entries->end(), [&](const io::Entry& entry) {
          return !patterns->matching(entry.name).empty();
        });
    if (known) found.push_back(name);
  }
  return found;
}

namespace {

std::optional<Opened> open_model(const io::FileSystem& files, const rules::Library& library,
                                 const std::string& path, const OpenOptions& options,
                                 DiagnosticSink& sink) {
  const auto there = files.stat(path);
  if (!there) {
    sink.add(there.error());
    return std::nullopt;
  }
  if (there->kind != io::EntryKind::Folder) {
    // A configuration by itself: what it says of its folder's weights is not looked at.
    for (const std::string& name : library.frameworks()) {
      auto framework = library.framework(name, sink);
      if (!options.allow_no_tensors || !framework ||
          framework->dialect.config_file != io::base_name(path))
        continue;
      OpenOptions alone = options;
      alone.config_only = true;
      return Opener(files, alone, sink).run(io::parent(path), std::move(*framework));
    }
    sink.add(make_diagnostic(Code::plan_unknown_framework,
                             cat("'", path, "' is a file, expected a checkpoint's folder"))
                 .in(path)
                 .suggest("give the folder that holds it; `inspect` shows single files"));
    return std::nullopt;
  }
  std::string name = options.framework;
  if (name.empty()) {
    const std::vector<std::string> found = recognise(files, library, path, sink);
    if (sink.has_errors()) return std::nullopt;
    if (found.size() != 1) {
      sink.add(
          make_diagnostic(Code::plan_unknown_framework,
                          found.empty()
                              ? cat("no known framework keeps its files like '", path, "'")
                              : cat("'", path, "' could be of several frameworks: ", joined(found)))
              .in(path)
              .suggest(cat("give --from with one of ",
                           joined(found.empty() ? library.frameworks() : found))));
      return std::nullopt;
    }
    name = found.front();
  }
  auto framework = library.framework(name, sink);
  if (!framework) return std::nullopt;
  return Opener(files, options, sink).run(path, std::move(*framework));
}

}  // namespace

std::optional<Opened> open_checkpoint(const io::FileSystem& files, const rules::Library& library,
                                      const std::string& path, const OpenOptions& options,
                                      DiagnosticSink& sink) {
  auto opened = open_model(files, library, path, options, sink);
  if (opened) open_rank_buffers(files, library, *opened, sink);
  if (sink.has_errors()) return std::nullopt;
  return opened;
}

}  // namespace recast::checkpoint
