#include "engine/checkpoint/target.hpp"

#include <algorithm>
#include <map>

#include "engine/base/byte_size.hpp"
#include "engine/checkpoint/args_file.hpp"
#include "engine/checkpoint/carry.hpp"
#include "engine/checkpoint/json.hpp"
#include "engine/checkpoint/rank_buffers.hpp"
#include "engine/checkpoint/target_files.hpp"
#include "engine/checkpoint/target_grid.hpp"
#include "engine/checkpoint/target_notes.hpp"
#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

using tensor::Value;

class ConversionPlanner {
 public:
  ConversionPlanner(const io::FileSystem& files, const rules::Library& library,
                    const Opened& opened, const Bound& source, const TargetOptions& options,
                    DiagnosticSink& sink)
      : files_(files),
        library_(library),
        opened_(opened),
        source_(source),
        options_(options),
        sink_(sink),
        same_framework_(options.framework == opened.framework.dialect.framework) {}

  std::optional<Conversion> run() {
    auto rules = library_.rule_set(source_.rules.family, options_.framework, sink_);
    if (!rules) return std::nullopt;
    out_.rules = std::move(*rules);
    if (options_.max_shard_nbytes && out_.rules.dialect.weights.empty()) {
      sink_.add(make_diagnostic(Code::usage_set, cat("'", options_.framework,
                                                     "' keeps a file per rank, of no other size"))
                    .suggest("leave --max-shard-size out"));
      return std::nullopt;
    }
    if (!choose_ranks() || !settle() || !choose_layers()) return std::nullopt;
    if (!place()) return std::nullopt;
    if (!solve()) return std::nullopt;
    if (!write_documents()) return std::nullopt;
    return std::move(out_);
  }

 private:
  bool choose_ranks() {
    auto grid = choose_grid(out_.rules.dialect, source_, options_, sink_);
    if (grid) out_.grid = std::move(*grid);
    return grid.has_value();
  }

  bool choose_layers() {
    std::vector<std::string> unknown;
    extents_ = rules::axis_extents(out_.rules, out_.sizes, unknown, sink_);
    if (sink_.has_errors()) return false;
    const auto& rule = out_.rules.dialect.stages;
    auto stages = choose_stages(out_.rules, out_.grid, rule ? extents_[rule->axis] : 0, source_,
                                options_, sink_);
    if (stages) out_.stages = std::move(*stages);
    return stages.has_value();
  }

  bool settle() {
    rules::ValueMap set;
    for (const auto& [name, value] : options_.set)
      if (out_.rules.size(name) != nullptr) set.emplace(name, value);
    args_ = read_args();
    out_.sizes =
        rules::settle_sizes(out_.rules, set, args_ ? &*args_ : nullptr, &source_.sizes, sink_);
    // A model is what its checkpoint says; a file of further arguments only adds what is of its
    // training alone, and must not say another model.
    std::vector<std::string> conflicts;
    for (std::size_t i = 0; i < out_.rules.family_size_count; ++i) {
      const rules::SizeRule& rule = out_.rules.sizes[i];
      if (set.contains(rule.name)) continue;
      const Value* known = source_.sizes.find(rule.name);
      if (known == nullptr || known->is_null()) continue;
      const bool told_here = out_.sizes.origins[rule.name] == rules::Origin::Config;
      if (told_here && rule.training) continue;
      Value& value = out_.sizes.values[rule.name];
      if (told_here && !value.is_null() && value != *known && is_said(rule.name))
        conflicts.push_back(cat("'", rule.name, "' is ", tensor::print(value),
                                " by the arguments, ", tensor::print(*known), " in the model"));
      value = *known;
    }
    if (args_)
      for (std::string& other : rules::not_held(source_.rules, out_.sizes))
        conflicts.push_back(std::move(other));
    if (!conflicts.empty()) {
      Diagnostic diagnostic =
          make_diagnostic(Code::plan_args_differ, "the file of arguments is of another model");
      for (std::string& conflict : conflicts)
        diagnostic.note(std::move(conflict));
      sink_.add(
          std::move(diagnostic)
              .in(args_place_)
              .suggest("give the arguments of this model with --args, or take the file away"));
    }
    return !sink_.has_errors();
  }

  /// Whether the file of arguments has a field for the size, and what is read is not a constant of
  /// the code or less than what was carried along.
  bool is_said(const std::string& size) const {
    for (const rules::ConfigRule& rule : out_.rules.dialect.config) {
      if (rule.size != size || !rule.read) continue;
      const std::vector<std::string> names = lang::names_in(*rule.read);
      return !rule.prefer_carried && rule.note.empty() &&
             std::any_of(names.begin(), names.end(), [&](const std::string& name) {
               return tensor::field_at(*args_, name, '.') != nullptr;
             });
    }
    return false;
  }

  /// The file that was asked for, else the one that an earlier conversion left beside the source's
  /// weights.
  std::optional<Value> read_args() {
    const auto& rule = out_.rules.dialect.args_file;
    std::string path = options_.args_file;
    if (path.empty() && rule && !same_framework_) {
      path = io::join(opened_.path, rule->file);
      const auto there = files_.is_there(path);
      if (!there) sink_.add(there.error());
      if (!there || !*there) return std::nullopt;
      out_.notes.push_back(cat("arguments: based on '", rule->file, "' of the source"));
    }
    if (path.empty()) return std::nullopt;
    args_place_ = path;
    auto text = io::read_text(files_, path);
    if (!text) {
      sink_.add(std::move(text).error());
      return std::nullopt;
    }
    auto args = rule ? parse_args(*rule, *text, path) : parse_json(*text, path);
    if (!args) {
      sink_.add(std::move(args).error());
      return std::nullopt;
    }
    rules::check_config(out_.rules, *args, path, sink_);
    return std::move(args).value();
  }

  bool place() {
    for (const rules::PadRule& pad : out_.rules.dialect.pad) {
      const rules::ValueMap values =
          rules::grid_values(out_.rules, out_.sizes, out_.grid, out_.stages, extents_);
      const auto padded = lang::evaluate(pad.to, rules::environment_of(values));
      if (!padded) {
        sink_.add(padded.error());
        return false;
      }
      if (const auto* extent = padded->get_if<std::int64_t>()) extents_[pad.axis] = *extent;
    }
    values_ = rules::grid_values(out_.rules, out_.sizes, out_.grid, out_.stages, extents_);
    if (!check_writing()) return false;
    out_.live = rules::live_tensors(out_.rules, rules::environment_of(values_), sink_);
    out_.placement = rules::place(out_.rules, out_.sizes, out_.grid, out_.stages, extents_, sink_);
    // A target holds what is required; what is merely accepted is for readers.
    return !sink_.has_errors() && drop_accepted();
  }

  /// What the framework cannot hold of this model, or not on this grid.
  bool check_writing() {
    for (const rules::RefuseRule& rule : out_.rules.dialect.refuse_writing) {
      const auto holds = lang::evaluate(rule.when, rules::environment_of(values_));
      if (!holds)
        sink_.add(holds.error());
      else if (lang::is_true(*holds))
        sink_.add(make_diagnostic(Code::plan_refused, rule.say)
                      .in(opened_.path)
                      .note("this rule refuses it", rule.when.span)
                      .suggest(rule.hint.empty()
                                   ? cat("nothing in '", options_.framework, "' can hold it")
                                   : rule.hint));
    }
    return !sink_.has_errors();
  }

  bool drop_accepted() {
    rules::Placement& placement = out_.placement;
    std::vector<rules::PlacedTensor> tensors;
    std::vector<rules::Region> regions;
    for (rules::PlacedFile& file : placement.files) {
      const std::uint32_t first = file.first_tensor, count = file.tensor_count;
      file.first_tensor = static_cast<std::uint32_t>(tensors.size());
      for (std::uint32_t i = first; i < first + count; ++i) {
        rules::PlacedTensor tensor = placement.tensors[i];
        if (!tensor.required) continue;
        const std::uint32_t first_region = tensor.first_region;
        tensor.first_region = static_cast<std::uint32_t>(regions.size());
        for (std::uint32_t r = 0; r < tensor.region_count; ++r) {
          regions.push_back(placement.regions[first_region + r]);
          regions.back().tensor = static_cast<std::uint32_t>(tensors.size());
        }
        tensors.push_back(std::move(tensor));
      }
      file.tensor_count = static_cast<std::uint32_t>(tensors.size()) - file.first_tensor;
    }
    placement.tensors = std::move(tensors);
    placement.regions = std::move(regions);
    return true;
  }

  bool solve() {
    const plan::Source source = source_of(source_);
    const plan::Target target{{out_.rules, out_.placement, out_.live}, options_.dtype, out_.sizes};
    out_.solution = plan::solve(source, target, sink_);
    if (sink_.has_errors()) return false;
    plan::prove(out_.solution.plan, sink_);
    return !sink_.has_errors();
  }

  // ---- everything that is not a tensor of the model

  std::string common_dtype() const {
    std::map<tensor::DType, std::uint64_t> nbytes;
    for (const plan::PlanTensor& tensor : out_.solution.plan.targets)
      nbytes[tensor.dtype] += static_cast<std::uint64_t>(tensor::element_count(tensor.shape)) *
                              tensor::dtype_nbytes(tensor.dtype);
    const auto most =
        std::max_element(nbytes.begin(), nbytes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == nbytes.end() ? std::string() : std::string(tensor::dtype_name(most->first));
  }

  bool write_documents() {
    if (out_.rules.size("dtype") != nullptr) values_["dtype"] = Value(common_dtype());
    const rules::Dialect& dialect = out_.rules.dialect;
    Value base;
    const Value* base_config = nullptr;
    if (args_) {
      base = *args_;
      base_config = &base;
    } else if (same_framework_ && opened_.config) {
      base = *opened_.config;
      base_config = &base;
    } else if (auto carried =
                   carried_config(files_, library_, opened_, options_.framework, sink_)) {
      base = std::move(carried->first);
      base_config = &base;
      out_.notes.push_back(cat("configuration: based on the carried ", carried->second));
    }
    std::vector<std::string> missing;
    Value config = rules::write_config(out_.rules, rules::environment_of(values_), base_config,
                                       missing, sink_);
    if (!missing.empty())
      sink_.add(rules::unknown_sizes(
                    out_.rules, missing,
                    cat("'", options_.framework, "' needs sizes that the source does not tell"))
                    .in(opened_.config_place));
    // What would be refused when it is read again is not written.
    rules::check_config(out_.rules, config, args_ ? args_place_ : opened_.config_place, sink_);
    if (sink_.has_errors()) return false;
    add_notes(source_, same_framework_, config, out_, sink_);
    TargetFileWriter writer(out_, values_, opened_, same_framework_, sink_);
    if (dialect.weights.empty())
      writer.write_ranks(config);
    else
      writer.write_weights(shard_limit(), std::move(config));
    if (sink_.has_errors()) return false;
    const std::size_t model_tensors = out_.solution.plan.targets.size();
    carry_rank_buffers(opened_, source_, values_, out_, sink_);
    if (out_.solution.plan.targets.size() != model_tensors) plan::prove(out_.solution.plan, sink_);
    if (same_framework_)
      for (const OpenedFile& file : opened_.files)
        if (!file.rank_buffers.empty())
          out_.carried.push_back(
              {io::join(opened_.folder, file.path), file.path, file.catalog.nbytes});
    const auto& source_args = opened_.framework.dialect.args_file;
    if (source_args && !same_framework_ && opened_.config)
      out_.texts.insert(out_.texts.begin(),
                        {source_args->file, print_args(*source_args, *opened_.config)});
    Carried carried =
        find_carried(files_, library_, opened_, options_.framework, options_.tokenizer, sink_);
    out_.carried.insert(out_.carried.end(), carried.files.begin(), carried.files.end());
    out_.notes.insert(out_.notes.end(), carried.notes.begin(), carried.notes.end());
    const auto made_here = [&](const CarriedFile& file) {
      // The target holds these arguments itself.
      if (dialect.args_file && io::base_name(file.to) == dialect.args_file->file) return true;
      return std::any_of(out_.texts.begin(), out_.texts.end(),
                         [&](const OutputText& text) { return text.path == file.to; });
    };
    std::erase_if(out_.carried, made_here);
    name_dropped_entries();
    for (const auto& [pattern, entry] : source_.ignored)
      out_.dropped.push_back({cat(entry.first, " entries ", pattern), entry.second, 0});
    return !sink_.has_errors();
  }

  /// Entries of the source's documents that are neither configuration nor model, and have no place
  /// in another framework.
  void name_dropped_entries() {
    const rules::Dialect& from = source_.rules.dialect;
    if (same_framework_ || from.config_at.empty() || opened_.files.empty()) return;
    const auto* fields = tensor::fields_of(opened_.files.front().catalog.root);
    if (fields == nullptr) return;
    const std::set<std::string> chunks = rules::chunk_entries(from, source_.grid, sink_);
    for (const auto& [key, value] : *fields) {
      const auto* name = key.get_if<std::string>();
      if (name == nullptr || *name == from.config_at || chunks.contains(*name)) continue;
      const auto is_root = [&](const rules::PlacedTensor& tensor) {
        return tensor.name.compare(0, name->size() + 1, *name + "/") == 0;
      };
      const auto& placed = source_.placement.tensors;
      const bool document =
          std::any_of(from.document.begin(), from.document.end(),
                      [&, n = name](const auto& entry) { return entry.first == *n; });
      if (document || std::any_of(placed.begin(), placed.end(), is_root)) continue;
      const auto drop =
          std::find_if(from.drop.begin(), from.drop.end(),
                       [&, n = name](const rules::DropRule& rule) { return rule.name == *n; });
      out_.dropped.push_back(
          {cat("entry '", *name, "'"),
           drop == from.drop.end() ? cat("has no place in '", options_.framework, "'") : drop->why,
           0});
    }
  }

  std::uint64_t shard_limit() const {
    return options_.max_shard_nbytes.value_or(
        parse_byte_size(out_.rules.dialect.max_shard_size).value_or(5'000'000'000));
  }

  const io::FileSystem& files_;
  const rules::Library& library_;
  const Opened& opened_;
  const Bound& source_;
  const TargetOptions& options_;
  DiagnosticSink& sink_;
  const bool same_framework_;
  std::optional<Value> args_;
  std::string args_place_;
  std::vector<std::int64_t> extents_;
  rules::ValueMap values_;
  Conversion out_;
};

}  // namespace

std::uint64_t Conversion::payload_nbytes() const {
  std::uint64_t nbytes = 0;
  for (const plan::PlanTensor& tensor : solution.plan.targets)
    nbytes += static_cast<std::uint64_t>(tensor::element_count(tensor.shape)) *
              tensor::dtype_nbytes(tensor.dtype);
  return nbytes;
}

std::optional<Conversion> plan_conversion(const io::FileSystem& files,
                                          const rules::Library& library, const Opened& opened,
                                          const Bound& source, const TargetOptions& options,
                                          DiagnosticSink& sink) {
  return ConversionPlanner(files, library, opened, source, options, sink).run();
}

formats::FileSpec file_spec(const plan::Plan& plan, const plan::TargetFile& file) {
  formats::FileSpec spec;
  for (const plan::TensorIndex index : file.tensors) {
    const plan::PlanTensor& tensor = plan.targets[index];
    spec.tensors.push_back({tensor.name, tensor.dtype, tensor.shape});
  }
  spec.root = file.root;
  return spec;
}

}  // namespace recast::checkpoint
