#include "engine/checkpoint/match.hpp"

#include <unordered_set>

#include "engine/base/join.hpp"
#include "engine/base/spell.hpp"
#include "engine/checkpoint/rank_buffers.hpp"

namespace recast::checkpoint {
namespace {

using tensor::Value;

std::string print_shape(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (const std::int64_t extent : shape)
    out += (out.size() > 1 ? ", " : "") + std::to_string(extent);
  return out + "]";
}

/// What a shape says of the memory: dimensions of 1 say nothing.
std::vector<std::int64_t> without_units(std::vector<std::int64_t> shape) {
  std::erase(shape, 1);
  return shape;
}

class Matcher {
 public:
  Matcher(const Opened& opened, const NameTable& names, const IgnoreSet& ignore, Bound& bound,
          DiagnosticSink& sink)
      : opened_(opened), names_(names), ignore_(ignore), bound_(bound), sink_(sink) {}

  void run() {
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
    for (const OpenedFile& file : opened_.files)
      used.emplace_back(file.catalog.tensors.size(), false);
    for (const rules::PlacedFile& file : placement.files) {
      const auto names = names_.of(file.path);
      if (names == nullptr) {
        missing_files_.push_back(&file);
        continue;
      }
      for (std::uint32_t i = 0; i < file.tensor_count; ++i)
        match(file.first_tensor + i, *names, used);
    }
    bound_.rank_buffers = find_rank_buffers(opened_, names_, bound_, sink_);
    for (const RankBuffer& buffer : bound_.rank_buffers)
      used[buffer.file][buffer.index] = true;
    report_unused(used);
    if (!missing_files_.empty()) check_missing_files();
  }

 private:
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
    if (placed.rule->any_unit_dims && without_units(stored.shape) == without_units(placed.shape))
      placed.shape = stored.shape;
    if (stored.shape != placed.shape) {
      report_shape(placed, stored, found->second);
      return;
    }
    if (placed.rule->shape && !tensor::is_row_major(stored)) {
      report_view(placed, stored);
      return;
    }
    bound_.present[index] = true;
    bound_.dtypes[index] = stored.dtype;
    bound_.stored_file[index] = found->second.file;
    bound_.stored_index[index] = found->second.index;
    if (!tensor::is_row_major(stored)) restride(placed, stored);
  }

  /// Row-major addresses become those of a view: a flat index is split into the tensor's
  /// coordinates and weighed anew.
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

  /// Where a line declares another shape over the same memory, a view of the shape says nothing of
  /// the memory.
  void report_view(const rules::PlacedTensor& placed, const tensor::StoredTensor& stored) {
    sink_.add(make_diagnostic(Code::plan_shape_differs,
                              cat("tensor '", stored.name, "' is a view, not stored in its order"))
                  .in(io::join(opened_.folder, bound_.placement.files[placed.file].path))
                  .note("this rule says how it is stored", placed.rule->span)
                  .suggest("save the checkpoint again with contiguous tensors"));
  }

  void report_missing_tensor(const rules::PlacedTensor& placed) {
    if (++missing_tensors_ > kMostReports) return;
    sink_.add(
        make_diagnostic(Code::plan_missing_tensor, cat("tensor '", placed.name, "' is missing"))
            .in(io::join(opened_.folder, bound_.placement.files[placed.file].path))
            .note("this rule expects it", placed.rule->span)
            .suggest("the checkpoint is not complete, or it is of another family (--family)"));
  }

  void report_shape(const rules::PlacedTensor& placed, const tensor::StoredTensor& stored,
                    const NameMap::mapped_type& where) {
    if (++wrong_shapes_ > kMostReports) return;
    Diagnostic diagnostic =
        make_diagnostic(Code::plan_shape_differs,
                        cat("tensor '", placed.name, "' has shape ", print_shape(stored.shape),
                            ", expected ", print_shape(placed.shape)));
    diagnostic.in(bound_.file_paths[where.file]);
    diagnostic.note(cat("its layout is ", placed.rule->layout_text), placed.rule->span);
    if (stored.shape.size() == placed.shape.size())
      for (std::size_t dim = 0; dim < stored.shape.size(); ++dim)
        if (stored.shape[dim] != placed.shape[dim])
          diagnostic.note(cat("dimension ", dim, " is ", stored.shape[dim], ", expected ",
                              placed.shape[dim], " from ",
                              print_axes(placed.rule->layout.dims[dim])));
    sink_.add(
        std::move(diagnostic)
            .suggest("a size is wrong (--set SIZE=VALUE), or the file belongs to another model"));
  }

  std::string print_axes(const layout::Item& item) const {
    if (item.kind == layout::Item::Kind::Axis) {
      const rules::AxisRule& axis = bound_.rules.axes[item.axis];
      const auto with_value = [&](const std::string& size) {
        const Value* value = bound_.sizes.find(size);
        return cat(size, " = ", value == nullptr ? "?" : tensor::print(*value));
      };
      return cat("axis '", axis.name, "' (", joined(lang::names_in(axis.extent), ", ", with_value),
                 ")");
    }
    const auto product = [&](const std::vector<layout::Item>& items) {
      return joined(items, " × ", [&](const layout::Item& child) { return print_axes(child); });
    };
    if (item.parts.empty()) return product(item.items);
    return joined(item.parts, " + ", [&](const layout::Part& part) { return product(part.items); });
  }

  void report_unused(const std::vector<std::vector<bool>>& used) {
    const std::vector<bool> is_placed = names_.placed_files(bound_.placement);
    std::vector<std::string> expected;
    std::size_t unknown = 0;
    for (std::size_t file = 0; file < used.size(); ++file) {
      if (!opened_.files[file].rank_buffers.empty()) continue;
      if (!is_placed[file]) {
        sink_.add(make_diagnostic(Code::plan_unexpected_file, cat("'", opened_.files[file].path,
                                                                  "' does not belong to the grid ",
                                                                  rules::print_grid(bound_.grid)))
                      .in(opened_.folder)
                      .suggest("two checkpoints may lie in one folder, or the first file's "
                               "arguments are of another run"));
        continue;
      }
      for (std::size_t i = 0; i < used[file].size(); ++i) {
        if (used[file][i]) continue;
        const std::string& name = opened_.files[file].catalog.tensors[i].name;
        if (const rules::IgnoreRule* rule = ignore_.match(name)) {
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
        sink_.add(
            make_diagnostic(Code::plan_unknown_tensor,
                            cat("no rule of '", bound_.rules.family, "' knows tensor '", name, "'"))
                .in(bound_.file_paths[file])
                .suggest(near ? cat("the nearest known name is '", *near, "'")
                              : "give its family with --family, or add a rule for it; nothing is "
                                "left out silently"));
      }
    }
    const std::size_t more =
        (unknown > kMostReports ? unknown - kMostReports : 0) +
        (missing_tensors_ > kMostReports ? missing_tensors_ - kMostReports : 0) +
        (wrong_shapes_ > kMostReports ? wrong_shapes_ - kMostReports : 0);
    if (more > 0) bound_.notes.push_back(cat("and ", more, " more tensors that do not fit"));
  }

  /// A grid need not be full (experts over fewer ranks): a missing file matters only if its boxes
  /// have no other source.
  void check_missing_files() {
    // Nearly always another rank states the very same box; only else is there something to add up.
    std::unordered_set<std::string> stated;
    for (const rules::Region& region : bound_.placement.regions)
      if (bound_.present[region.tensor]) stated.insert(key_of(region));
    const auto is_covered = [&](const rules::Region& lost) {
      if (stated.contains(key_of(lost))) return true;
      std::vector<tensor::Box> left{lost.box};
      for (const rules::Region& region : bound_.placement.regions) {
        if (region.label != lost.label || !bound_.present[region.tensor]) continue;
        std::vector<tensor::Box> rest;
        for (const tensor::Box& box : left)
          for (const tensor::Box& piece : tensor::subtract(box, region.box))
            rest.push_back(piece);
        left = std::move(rest);
        if (left.empty()) return true;
      }
      return false;
    };
    for (const rules::PlacedFile* file : missing_files_) {
      bool covered = true;
      for (std::uint32_t t = 0; t < file->tensor_count && covered; ++t) {
        const rules::PlacedTensor& tensor = bound_.placement.tensors[file->first_tensor + t];
        for (std::uint32_t r = 0; r < tensor.region_count && covered; ++r)
          covered = is_covered(bound_.placement.regions[tensor.first_region + r]);
      }
      if (covered) {
        bound_.notes.push_back(
            cat("'", file->path, "' is not there; other ranks hold all that it would"));
        continue;
      }
      report_missing_file(opened_, bound_, file->path, sink_);
    }
  }

  static std::string key_of(const rules::Region& region) {
    std::string key = std::to_string(region.label);
    for (std::size_t i = 0; i < region.box.rank; ++i)
      key += cat(' ', region.box.start[i], '+', region.box.extent[i]);
    return key;
  }

  static constexpr std::size_t kMostReports = 8;

  const Opened& opened_;
  const NameTable& names_;
  const IgnoreSet& ignore_;
  Bound& bound_;
  DiagnosticSink& sink_;
  std::vector<const rules::PlacedFile*> missing_files_;  // that the grid expects
  std::size_t missing_tensors_ = 0, wrong_shapes_ = 0;
};

}  // namespace

void report_missing_file(const Opened& opened, const Bound& bound, const std::string& path,
                         DiagnosticSink& sink) {
  sink.add(
      make_diagnostic(Code::format_missing_file, cat("'", path, "' is not there, but the grid ",
                                                     rules::print_grid(bound.grid), " has it"))
          .in(opened.folder)
          .suggest(
              "fetch the missing rank's folder; a checkpoint is converted whole or not at all"));
}

void match_tensors(const Opened& opened, const NameTable& names, const IgnoreSet& ignore,
                   Bound& bound, DiagnosticSink& sink) {
  Matcher(opened, names, ignore, bound, sink).run();
}

}  // namespace recast::checkpoint
