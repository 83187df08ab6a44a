#include "engine/checkpoint/bind.hpp"

#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "engine/base/spell.hpp"
#include "engine/checkpoint/names.hpp"
#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

using tensor::Value;

std::string print_shape(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (const std::int64_t extent : shape) out += (out.size() > 1 ? ", " : "") + std::to_string(extent);
  return out + "]";
}

class Binder {
 public:
  Binder(const Opened& opened, const BindOptions& options, rules::RuleSet rules, DiagnosticSink& sink)
      : opened_(opened), options_(options), names_(opened), sink_(sink) {
    bound_.rules = std::move(rules);
    bound_.grid = opened.grid;
  }

  std::optional<Bound> run() {
    for (const OpenedFile& file : opened_.files) bound_.file_paths.push_back(io::join(opened_.folder, file.path));
    const Value* config = opened_.config ? &*opened_.config : nullptr;
    if (config != nullptr) rules::check_config(bound_.rules, *config, opened_.config_place, sink_);
    if (sink_.has_errors()) return std::nullopt;
    rules::ValueMap set = options_.set;
    for (const auto& [name, value] : opened_.told)
      if (bound_.rules.size(name) != nullptr) set.emplace(name, value);
    if (!settle(set) || !settle_options(set)) return std::nullopt;
    match_all();
    if (sink_.has_errors()) return std::nullopt;
    return std::move(bound_);
  }

 private:
  /// Sizes, stages, extents and placement under one choice of house options.
  bool settle(const rules::ValueMap& set) {
    const Value* config = opened_.config ? &*opened_.config : nullptr;
    bound_.sizes = rules::settle_sizes(bound_.rules, set, config, options_.carried, sink_);
    if (sink_.has_errors()) return false;
    if (!find_stages()) return false;
    std::vector<std::string> unknown;
    std::vector<std::int64_t> extents = rules::axis_extents(bound_.rules, bound_.sizes, unknown, sink_);
    if (!solve_padding(extents, unknown)) return false;
    for (const std::string& name : unknown)
      sink_.add(make_diagnostic(Code::plan_size_unknown, cat("size '", name, "' is not known"))
                    .in(opened_.config_place)
                    .suggest(cat("give --set ", name, "=VALUE")));
    if (sink_.has_errors()) return false;
    const rules::ValueMap values = rules::grid_values(bound_.rules, bound_.sizes, bound_.grid, bound_.stages, extents);
    bound_.live = rules::live_tensors(bound_.rules, rules::environment_of(values), sink_);
    bound_.placement = rules::place(bound_.rules, bound_.sizes, bound_.grid, bound_.stages, extents, sink_);
    return !sink_.has_errors();
  }

  /// House options that the names contradict take the value under which the names fit.
  bool settle_options(const rules::ValueMap& set) {
    if (opened_.files.empty()) return true;
    std::size_t best = misfits();
    if (best == 0) return true;
    std::vector<const rules::SizeRule*> free;
    for (const rules::SizeRule& rule : bound_.rules.sizes)
      if (rule.option && !options_.set.contains(rule.name)) free.push_back(&rule);
    rules::ValueMap best_set = set, trial = set;
    try_options(free, 0, trial, best, best_set);
    if (best_set != set)
      for (const auto& [name, value] : best_set)
        if (!set.contains(name))
          bound_.notes.push_back(cat(name, " = ", tensor::print(value), ": told by the tensors' names"));
    return settle(best_set);
  }

  void try_options(const std::vector<const rules::SizeRule*>& free, std::size_t index, rules::ValueMap& trial,
                   std::size_t& best, rules::ValueMap& best_set) {
    if (best == 0) return;
    if (index == free.size()) {
      DiagnosticSink quiet;
      Binder other(opened_, options_, bound_.rules, quiet);
      if (!other.settle(trial)) return;
      if (const std::size_t count = other.misfits(); count < best) {
        best = count;
        best_set = trial;
      }
      return;
    }
    for (const Value& value : free[index]->values) {
      trial[free[index]->name] = value;
      try_options(free, index + 1, trial, best, best_set);
    }
    trial.erase(free[index]->name);
  }

  /// Names that are expected and not there, or there and not expected, in the first placed file.
  std::size_t misfits() {
    const rules::PlacedFile& file = bound_.placement.files.front();
    const auto names = names_.of(file.path);
    if (names == nullptr) return 0;
    std::size_t found = 0, missing = 0;
    for (std::uint32_t i = 0; i < file.tensor_count; ++i) {
      const rules::PlacedTensor& placed = bound_.placement.tensors[file.first_tensor + i];
      if (names->contains(placed.name))
        ++found;
      else if (placed.required && !placed.rule->created)
        ++missing;
    }
    std::size_t unknown = 0;
    std::unordered_map<std::string_view, bool> expected;
    for (std::uint32_t i = 0; i < file.tensor_count; ++i)
      expected[bound_.placement.tensors[file.first_tensor + i].name] = true;
    for (const auto& [name, where] : *names)
      if (!expected.contains(name) && ignored_by(std::string(name)) == nullptr) ++unknown;
    return missing + unknown;
  }

  // ---- stages

  /// Text of a name up to the layer's number, for lines whose first place is the staged axis.
  std::vector<std::string> layer_prefixes() const {
    std::vector<std::string> prefixes;
    for (const rules::TensorRule& rule : bound_.rules.dialect.tensors) {
      if (rule.name_axes.empty() || rule.name_axes.front() != bound_.rules.dialect.stages->axis) continue;
      const auto* text = rule.name.items.empty() ? nullptr : std::get_if<lang::TemplateText>(&rule.name.items.front());
      if (text != nullptr && std::find(prefixes.begin(), prefixes.end(), text->text) == prefixes.end())
        prefixes.push_back(text->text);
    }
    return prefixes;
  }

  bool find_stages() {
    const rules::Dialect& dialect = bound_.rules.dialect;
    bound_.stages.counts.clear();
    if (!dialect.stages || opened_.files.empty()) {
      if (!dialect.stages) return true;
      std::vector<std::string> unknown;
      const auto extents = rules::axis_extents(bound_.rules, bound_.sizes, unknown, sink_);
      bound_.stages = rules::even_stages(bound_.rules, bound_.grid, extents[dialect.stages->axis], sink_);
      return !sink_.has_errors();
    }
    // The names in the files tell how many layers each chunk has; the configuration must agree in the sum.
    bound_.stages.counts.assign(rules::chunk_count(dialect, bound_.grid), 0);
    const std::vector<std::string> prefixes = layer_prefixes();
    for (const rules::ChunkFile& rank : rules::list_chunks(bound_.rules.dialect, bound_.grid, sink_)) {
      const auto names = names_.of(rank.path);
      if (names == nullptr) continue;
      for (const rules::Chunk& chunk : rank.chunks)
        for (const auto& [name, where] : *names)
          for (const std::string& prefix : prefixes) {
            const std::string start = chunk.root.empty() ? prefix : chunk.root + '/' + prefix;
            if (name.size() <= start.size() || name.compare(0, start.size(), start) != 0) continue;
            std::int64_t index = 0;
            std::size_t i = start.size();
            while (i < name.size() && std::isdigit(static_cast<unsigned char>(name[i])) != 0 && index < 1'000'000)
              index = index * 10 + (name[i++] - '0');
            if (i == start.size()) continue;
            auto& count = bound_.stages.counts[chunk.stage];
            count = std::max(count, index + 1);
          }
    }
    std::int64_t sum = 0;
    for (const std::int64_t count : bound_.stages.counts) sum += count;
    std::vector<std::string> unknown;
    const auto extents = rules::axis_extents(bound_.rules, bound_.sizes, unknown, sink_);
    const std::int64_t told = extents[dialect.stages->axis];
    if (sum == told || told == 0) return true;
    find_missing_files();
    if (!bound_.missing_files.empty()) return false;
    sink_.add(make_diagnostic(Code::plan_layers_differ,
                              cat("the tensors' names give ", sum, " layers, the configuration ", told))
                  .in(opened_.config_place)
                  .suggest("a stage may be missing, or the configuration belongs to another checkpoint"));
    return false;
  }

  void find_missing_files() {
    for (const rules::ChunkFile& rank : rules::list_chunks(bound_.rules.dialect, bound_.grid, sink_))
      if (names_.of(rank.path) == nullptr) report_missing(rank.path);
  }

  void report_missing(const std::string& path) {
    bound_.missing_files.push_back(path);
    sink_.add(make_diagnostic(Code::format_missing_file, cat("'", path, "' is not there, but the grid ", grid_text(),
                                                             " has it"))
                  .in(opened_.folder)
                  .suggest("fetch the missing rank's folder; a checkpoint is converted whole or not at all"));
  }

  std::string grid_text() const {
    std::string out;
    for (const auto& [name, size] : bound_.grid.sizes) out += (out.empty() ? "" : " ") + name + " " + std::to_string(size);
    return out;
  }

  // ---- padded axes

  /// Takes the extent of each padded axis from the tensors where it stands alone in a dimension.
  bool solve_padding(std::vector<std::int64_t>& extents, std::vector<std::string>& unknown) {
    for (const rules::PadRule& pad : bound_.rules.dialect.pad) {
      const std::int64_t known = extents[pad.axis];
      const std::string& name = bound_.rules.axes[pad.axis].name;
      if (opened_.files.empty()) {
        if (known == 0) continue;
        const rules::ValueMap values =
            rules::grid_values(bound_.rules, bound_.sizes, bound_.grid, bound_.stages, extents);
        const auto padded = lang::evaluate(pad.to, rules::environment_of(values));
        if (!padded) {
          sink_.add(padded.error());
          return false;
        }
        if (const auto* extent = padded->get_if<std::int64_t>()) extents[pad.axis] = *extent;
        continue;
      }
      const std::int64_t stored = stored_extent(pad.axis);
      if (stored == 0) continue;
      if (known > stored) {
        sink_.add(make_diagnostic(Code::plan_extent_differs, cat("axis '", name, "' has ", stored,
                                                                 " indices in the tensors, but its size is ", known))
                      .in(opened_.config_place)
                      .suggest(cat("the true size cannot exceed what is stored; give --set ",
                                   lang::names_in(bound_.rules.axes[pad.axis].extent).front(), "=N with N up to ",
                                   stored)));
        return false;
      }
      extents[pad.axis] = stored;
      if (known != 0) continue;
      // Nothing tells the true size: the padding stays.
      for (const std::string& size : lang::names_in(bound_.rules.axes[pad.axis].extent)) {
        std::erase(unknown, size);
        bound_.sizes.values[size] = Value(stored);
        bound_.sizes.origins[size] = rules::Origin::Unknown;
        bound_.notes.push_back(cat(size, " = ", stored, ": the true size is not known, so the padding is kept; give --set ",
                                   size, "=N to cut it off"));
      }
    }
    return true;
  }

  std::int64_t stored_extent(layout::AxisId axis) {
    for (const rules::TensorRule& rule : bound_.rules.dialect.tensors)
      for (std::size_t dim = 0; dim < rule.layout.dims.size(); ++dim) {
        const layout::Item& item = rule.layout.dims[dim];
        if (item.kind != layout::Item::Kind::Axis || item.axis != axis || !rule.name_axes.empty()) continue;
        for (const rules::ChunkFile& rank : rules::list_chunks(bound_.rules.dialect, bound_.grid, sink_)) {
          const auto names = names_.of(rank.path);
          if (names == nullptr) continue;
          for (const rules::Chunk& chunk : rank.chunks) {
            const auto found = names->find(chunk.root.empty() ? rule.name_text : chunk.root + '/' + rule.name_text);
            if (found == names->end()) continue;
            const auto& shape = names_.tensor(found->second).shape;
            if (dim >= shape.size()) continue;
            return shape[dim] * ranks_sharing(axis, rule);
          }
        }
      }
    return 0;
  }

  std::int64_t ranks_sharing(layout::AxisId axis, const rules::TensorRule& rule) const {
    std::int64_t ranks = 1;
    for (const rules::ShardCut& cut : bound_.rules.dialect.shard)
      if (std::find(cut.axes.begin(), cut.axes.end(), axis) != cut.axes.end() &&
          std::find(rule.whole.begin(), rule.whole.end(), cut.mesh) == rule.whole.end())
        ranks *= bound_.grid.size(cut.mesh);
    return ranks;
  }

  // ---- names and shapes

  void match_all() {
    const rules::Placement& placement = bound_.placement;
    bound_.present.assign(placement.tensors.size(), false);
    bound_.dtypes.assign(placement.tensors.size(), tensor::DType::BF16);
    bound_.stored_file.assign(placement.tensors.size(), 0);
    bound_.stored_index.assign(placement.tensors.size(), 0);
    if (opened_.files.empty()) {
      synthesise();
      return;
    }
    std::vector<std::vector<bool>> used;
    for (const OpenedFile& file : opened_.files) used.emplace_back(file.catalog.tensors.size(), false);
    for (const rules::PlacedFile& file : placement.files) {
      const auto names = names_.of(file.path);
      if (names == nullptr) {
        bound_.missing_files.push_back(file.path);
        continue;
      }
      for (std::uint32_t i = 0; i < file.tensor_count; ++i) match(file.first_tensor + i, *names, used);
    }
    report_unused(used);
    if (!bound_.missing_files.empty()) check_missing_files();
  }

  void synthesise() {
    bound_.synthetic = true;
    const auto dtype = tensor::dtype_of(bound_.sizes.text("dtype"));
    for (std::size_t i = 0; i < bound_.present.size(); ++i) {
      bound_.present[i] = bound_.placement.tensors[i].required;
      bound_.dtypes[i] = dtype.value_or(tensor::DType::BF16);
    }
    bound_.file_paths.push_back(opened_.config_place);
  }

  void match(std::uint32_t index, const NameMap& names, std::vector<std::vector<bool>>& used) {
    rules::PlacedTensor& placed = bound_.placement.tensors[index];
    const auto found = names.find(placed.name);
    if (found == names.end()) {
      if (placed.required && !placed.rule->created) report_missing_tensor(placed);
      return;
    }
    const tensor::StoredTensor& stored = names_.tensor(found->second);
    used[found->second.file][found->second.index] = true;
    if (placed.rule->created) return;
    if (stored.shape != placed.shape) {
      report_shape(placed, stored, found->second);
      return;
    }
    bound_.present[index] = true;
    bound_.dtypes[index] = stored.dtype;
    bound_.stored_file[index] = found->second.file;
    bound_.stored_index[index] = found->second.index;
    if (!tensor::is_row_major(stored)) restride(placed, stored);
  }

  /// Row-major addresses become those of a view: a flat index is split into the tensor's coordinates and weighed anew.
  void restride(const rules::PlacedTensor& placed, const tensor::StoredTensor& stored) {
    const std::vector<std::int64_t> plain = tensor::row_major(stored.shape);
    const auto weigh = [&](std::int64_t flat) {
      std::int64_t out = 0;
      for (std::size_t i = 0; i < plain.size(); ++i) {
        out += flat / plain[i] * stored.strides[i];
        flat %= plain[i];
      }
      return out;
    };
    for (std::uint32_t i = 0; i < placed.region_count; ++i) {
      rules::Region& region = bound_.placement.regions[placed.first_region + i];
      region.offset = weigh(region.offset);
      for (std::size_t axis = 0; axis < region.box.rank; ++axis)
        region.stride[axis] = region.box.extent[axis] > 1 ? weigh(region.stride[axis]) : 0;
    }
  }

  const rules::IgnoreRule* ignored_by(const std::string& name) {
    if (ignore_ == nullptr) ignore_ = std::make_unique<IgnoreSet>(bound_.rules, bound_.grid, sink_);
    return ignore_->match(name);
  }

  void report_missing_tensor(const rules::PlacedTensor& placed) {
    if (++missing_tensors_ > kMostReports) return;
    sink_.add(make_diagnostic(Code::plan_missing_tensor, cat("tensor '", placed.name, "' is missing"))
                  .in(io::join(opened_.folder, bound_.placement.files[placed.file].path))
                  .note("this rule expects it", placed.rule->span)
                  .suggest("the checkpoint is not complete, or it is of another family (--family)"));
  }

  void report_shape(const rules::PlacedTensor& placed, const tensor::StoredTensor& stored, const NameMap::mapped_type& where) {
    if (++wrong_shapes_ > kMostReports) return;
    Diagnostic diagnostic = make_diagnostic(
        Code::plan_shape_differs, cat("tensor '", placed.name, "' has shape ", print_shape(stored.shape), ", expected ",
                                      print_shape(placed.shape)));
    diagnostic.in(bound_.file_paths[where.file]);
    diagnostic.note(cat("its layout is ", placed.rule->layout_text), placed.rule->span);
    if (stored.shape.size() == placed.shape.size())
      for (std::size_t dim = 0; dim < stored.shape.size(); ++dim)
        if (stored.shape[dim] != placed.shape[dim])
          diagnostic.note(cat("dimension ", dim, " is ", stored.shape[dim], ", expected ",
                              placed.shape[dim], " from ", print_axes(placed.rule->layout.dims[dim])));
    sink_.add(std::move(diagnostic).suggest("a size is wrong (--set SIZE=VALUE), or the file belongs to another model"));
  }

  std::string print_axes(const layout::Item& item) const {
    if (item.kind == layout::Item::Kind::Axis) {
      const rules::AxisRule& axis = bound_.rules.axes[item.axis];
      std::string sizes;
      for (const std::string& size : lang::names_in(axis.extent)) {
        const Value* value = bound_.sizes.find(size);
        sizes += (sizes.empty() ? "" : ", ") + size + " = " + (value == nullptr ? "?" : tensor::print(*value));
      }
      return cat("axis '", axis.name, "' (", sizes, ")");
    }
    std::string out;
    for (const layout::Item& child : item.items) out += (out.empty() ? "" : " × ") + print_axes(child);
    for (const layout::Part& part : item.parts) {
      std::string inner;
      for (const layout::Item& child : part.items) inner += (inner.empty() ? "" : " × ") + print_axes(child);
      out += (out.empty() ? "" : " + ") + inner;
    }
    return out;
  }

  void report_unused(const std::vector<std::vector<bool>>& used) {
    std::vector<std::string> expected;
    std::size_t unknown = 0;
    for (std::size_t file = 0; file < used.size(); ++file) {
      if (!names_.is_placed(file, bound_.placement)) {
        sink_.add(make_diagnostic(Code::plan_unexpected_file, cat("'", opened_.files[file].path,
                                                                  "' does not belong to the grid ", grid_text()))
                      .in(opened_.folder)
                      .suggest("two checkpoints may lie in one folder, or the first file's arguments are of another run"));
        continue;
      }
      for (std::size_t i = 0; i < used[file].size(); ++i) {
        if (used[file][i]) continue;
        const std::string& name = opened_.files[file].catalog.tensors[i].name;
        if (const rules::IgnoreRule* rule = ignored_by(name)) {
          auto& entry = bound_.ignored[rule->text];
          ++entry.first;
          entry.second = rule->why;
          continue;
        }
        if (++unknown > kMostReports) continue;
        if (expected.empty())
          for (const rules::PlacedTensor& placed : bound_.placement.tensors) {
            expected.push_back(placed.name);
            if (expected.size() >= 5000) break;
          }
        const auto near = nearest(name, expected);
        sink_.add(make_diagnostic(Code::plan_unknown_tensor,
                                  cat("no rule of '", bound_.rules.family, "' knows tensor '", name, "'"))
                      .in(bound_.file_paths[file])
                      .suggest(near ? cat("the nearest known name is '", *near, "'")
                                    : "give its family with --family, or add a rule for it; nothing is left out silently"));
      }
    }
    const std::size_t more = (unknown > kMostReports ? unknown - kMostReports : 0) +
                             (missing_tensors_ > kMostReports ? missing_tensors_ - kMostReports : 0) +
                             (wrong_shapes_ > kMostReports ? wrong_shapes_ - kMostReports : 0);
    if (more > 0) bound_.notes.push_back(cat("and ", more, " more tensors that do not fit"));
  }

  /// A grid need not be full (experts over fewer ranks): a missing file matters only if its boxes have no other source.
  void check_missing_files() {
    const auto is_covered = [&](const rules::Region& lost) {
      std::vector<tensor::Box> left{lost.box};
      for (const rules::Region& region : bound_.placement.regions) {
        if (region.label != lost.label || !bound_.present[region.tensor]) continue;
        std::vector<tensor::Box> rest;
        for (const tensor::Box& box : left)
          for (const tensor::Box& piece : tensor::subtract(box, region.box)) rest.push_back(piece);
        left = std::move(rest);
        if (left.empty()) return true;
      }
      return false;
    };
    for (const std::string& path : std::vector<std::string>(bound_.missing_files)) {
      const auto file = std::find_if(bound_.placement.files.begin(), bound_.placement.files.end(),
                                     [&](const rules::PlacedFile& f) { return f.path == path; });
      bool covered = true;
      for (std::uint32_t t = 0; t < file->tensor_count && covered; ++t) {
        const rules::PlacedTensor& tensor = bound_.placement.tensors[file->first_tensor + t];
        for (std::uint32_t r = 0; r < tensor.region_count && covered; ++r)
          covered = is_covered(bound_.placement.regions[tensor.first_region + r]);
      }
      if (covered) {
        bound_.notes.push_back(cat("'", path, "' is not there; other ranks hold all that it would"));
        continue;
      }
      report_missing(path);
    }
  }

  static constexpr std::size_t kMostReports = 8;

  const Opened& opened_;
  const BindOptions& options_;
  NameTable names_;
  DiagnosticSink& sink_;
  Bound bound_;
  std::unique_ptr<IgnoreSet> ignore_;
  std::size_t missing_tensors_ = 0, wrong_shapes_ = 0;
};

}  // namespace

std::optional<std::string> detect_family(const rules::Library& library, const std::string& framework,
                                         const Value* config, const std::string& place, DiagnosticSink& sink) {
  std::vector<std::string> found, known;
  std::string asked;
  for (const std::string& family : library.families()) {
    if (!library.has(family, framework)) continue;
    const auto rules = library.rule_set(family, framework, sink);
    if (!rules) continue;
    for (const auto& [name, value] : rules->dialect.constants)
      if (!rules->dialect.identify.empty() && name == rules->dialect.identify.front())
        known.push_back(tensor::print(value));
    if (asked.empty() && config != nullptr)
      for (const std::string& name : rules->dialect.identify)
        if (const Value* value = tensor::field_at(*config, name, '.'))
          asked += (asked.empty() ? "" : ", ") + name + " " + tensor::print(*value);
    if (!rules->dialect.detect) continue;
    const auto holds = lang::evaluate(*rules->dialect.detect, rules::config_environment(config, nullptr));
    if (!holds)
      sink.add(holds.error());
    else if (lang::is_true(*holds))
      found.push_back(family);
  }
  if (found.size() == 1) return found.front();
  if (sink.has_errors()) return std::nullopt;
  std::string list;
  for (const std::string& name : found.empty() ? library.families() : found) list += (list.empty() ? "" : ", ") + name;
  const std::vector<std::string> near = nearest_names(asked, known, 3);
  std::string nearest_text;
  for (const std::string& name : near) nearest_text += (nearest_text.empty() ? "" : ", ") + name;
  Diagnostic diagnostic =
      make_diagnostic(Code::plan_unknown_family, found.empty() ? cat("no family of the rules is a model with ", asked)
                                                               : cat("several families fit: ", list))
          .in(place);
  if (found.empty() && !nearest_text.empty()) diagnostic.note(cat("the nearest known are ", nearest_text));
  sink.add(std::move(diagnostic).suggest(cat("give --family with one of ", list, ", or add rules with --rules DIR")));
  return std::nullopt;
}

std::optional<Bound> bind(const Opened& opened, const rules::Library& library, const BindOptions& options,
                          DiagnosticSink& sink) {
  const std::string& framework = opened.framework.dialect.framework;
  std::string family = options.family;
  if (family.empty()) {
    const auto found = detect_family(library, framework, opened.config ? &*opened.config : nullptr,
                                     opened.config_place, sink);
    if (!found) return std::nullopt;
    family = *found;
  }
  auto rules = library.rule_set(family, framework, sink);
  if (!rules) return std::nullopt;
  return Binder(opened, options, std::move(*rules), sink).run();
}

plan::Source source_of(const Bound& bound) {
  return {{bound.rules, bound.placement, bound.live}, bound.dtypes, bound.present, bound.file_paths,
          bound.stored_file, bound.stored_index};
}

}  // namespace recast::checkpoint
