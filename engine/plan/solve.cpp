#include "engine/plan/solve.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "engine/plan/kept_sources.hpp"
#include "engine/plan/region.hpp"
#include "engine/plan/region_index.hpp"
#include "engine/plan/target_dtypes.hpp"

namespace recast::plan {
namespace {

using layout::LabelId;
using rules::Region;
using tensor::Box;

class Solver {
 public:
  Solver(const Source& source, const Target& target, DiagnosticSink& sink)
      : source_(source), target_(target), rules_(target.side.rules), sink_(sink) {}

  Solution run() {
    describe();
    compare_extents();
    std::vector<LabelId> elements;
    for (const rules::LiveTensor& tensor : target_.side.live)
      elements.push_back(tensor.elements);
    written_ = make_indexes();
    kept_.emplace(source_, std::move(elements), written_);
    kept_->take(plan().replicas);
    for (const Replica& replica : plan().replicas)
      solution_.replica_elements += static_cast<std::uint64_t>(tensor::volume(replica.box));
    for (std::size_t label = 0; label < rules_.tensors.size(); ++label)
      check_complete(static_cast<LabelId>(label));
    if (sink_.has_errors()) return std::move(solution_);
    write_targets();
    account_for_sources();
    choose_dtypes(plan(), rules_, target_.dtype, constants_, sink_);
    return std::move(solution_);
  }

 private:
  Plan& plan() { return solution_.plan; }

  void describe() {
    for (const rules::LogicalRule& rule : rules_.tensors) {
      LogicalTensor logical{rule.name, {}};
      for (const layout::AxisId axis : rule.axes)
        logical.axes.push_back(rules_.axes[axis].name);
      plan().logical.push_back(std::move(logical));
    }
    plan().source_files = source_.files;
    const rules::Placement& from = source_.side.placement;
    for (std::size_t i = 0; i < from.tensors.size(); ++i) {
      const rules::PlacedTensor& tensor = from.tensors[i];
      plan().sources.push_back({tensor.name, source_.stored_file[i], source_.stored_index[i],
                                source_.dtypes[i], tensor.shape});
    }
    const rules::Placement& into = target_.side.placement;
    for (std::size_t i = 0; i < into.tensors.size(); ++i)
      plan().targets.push_back({into.tensors[i].name, into.tensors[i].file,
                                static_cast<std::uint32_t>(i), into.tensors[i].rule->created_dtype,
                                into.tensors[i].shape});
  }

  bool padded(const rules::RuleSet& rules, layout::AxisId axis) const {
    return std::any_of(rules.dialect.pad.begin(), rules.dialect.pad.end(),
                       [&](const rules::PadRule& pad) { return pad.axis == axis; });
  }

  void compare_extents() {
    const auto& from = source_.side.placement.extents;
    const auto& into = target_.side.placement.extents;
    for (std::size_t i = 0; i < into.size(); ++i) {
      const auto axis = static_cast<layout::AxisId>(i);
      if (from[i] == into[i]) continue;
      const bool allowed = from[i] < into[i]
                               ? padded(rules_, axis)
                               : padded(source_.side.rules, axis) || padded(rules_, axis);
      if (allowed) continue;
      sink_.add(make_diagnostic(Code::plan_extent_differs,
                                cat("axis '", rules_.axes[i].name, "' has ", from[i],
                                    " indices in the source and ", into[i], " in the target"))
                    .suggest("only a padded axis may differ; give the size with --set"));
    }
  }

  LabelId elements_of(LabelId label) const { return target_.side.live[at(label)].elements; }

  /// One index per logical tensor over the axes that stand in names on either side.
  std::vector<RegionIndex> make_indexes() const {
    std::vector<std::set<std::size_t>> keys(rules_.tensors.size());
    const auto collect = [&](const rules::Placement& placement) {
      std::set<const rules::TensorRule*> seen;
      for (const rules::PlacedTensor& tensor : placement.tensors) {
        if (!seen.insert(tensor.rule).second) continue;
        for (const LabelId label : tensor.rule->labels) {
          const auto& axes = rules_.tensors[at(label)].axes;
          for (std::size_t i = 0; i < axes.size(); ++i)
            if (std::find(tensor.rule->name_axes.begin(), tensor.rule->name_axes.end(), axes[i]) !=
                tensor.rule->name_axes.end())
              keys[at(elements_of(label))].insert(i);
        }
      }
    };
    collect(source_.side.placement);
    collect(target_.side.placement);
    std::vector<RegionIndex> indexes;
    for (std::size_t label = 0; label < rules_.tensors.size(); ++label) {
      std::vector<std::size_t> positions(keys[label].begin(), keys[label].end());
      std::vector<std::int64_t> extents;
      for (const std::size_t position : positions) {
        const layout::AxisId axis = rules_.tensors[label].axes[position];
        extents.push_back(
            std::max(source_.side.placement.extents[axis], target_.side.placement.extents[axis]));
      }
      indexes.emplace_back(std::move(positions), std::move(extents));
    }
    return indexes;
  }

  bool is_wanted(LabelId label) const {
    const rules::LiveTensor& tensor = target_.side.live[at(label)];
    return tensor.live && tensor.elements == label && !rules_.tensors[at(label)].value;
  }

  /// Every element of a tensor that is wanted must have a source.
  void check_complete(LabelId label) {
    if (!is_wanted(label)) return;
    const Box all = whole_box(rules_.tensors[at(label)], source_.side.placement.extents);
    if (kept_->volume(label) == tensor::volume(all)) return;
    const std::vector<Box> missing = kept_->missing(label, all);
    if (missing.empty()) return;
    Diagnostic diagnostic = make_diagnostic(
        Code::plan_no_source,
        cat("nothing in the source holds ", print_box(rules_, label, missing.front())));
    for (std::size_t i = 1; i < std::min<std::size_t>(missing.size(), 4); ++i)
      diagnostic.note(cat("nor ", print_box(rules_, label, missing[i])));
    if (missing.size() > 4) diagnostic.note(cat("and ", missing.size() - 4, " more boxes"));
    sink_.add(
        std::move(diagnostic)
            .suggest(
                "the checkpoint is not complete: look for missing files or tensors named above"));
  }

  void write_targets() {
    const rules::Placement& placement = target_.side.placement;
    covered_volume_.assign(rules_.tensors.size(), 0);
    for (const Region& region : placement.regions) {
      const LabelId label = elements_of(region.label);
      if (rules_.tensors[at(label)].value) {
        fill_constant(region, label);
        continue;
      }
      cover(region, label);
      const std::int64_t written = copy_box(region, label, region.box, region.box, std::nullopt) +
                                   fill_padding(region, label);
      if (written != tensor::volume(region.box))
        sink_.add(make_diagnostic(
            Code::plan_no_source,
            cat("'", plan().targets[region.tensor].name, "' needs ",
                print_box(rules_, label, region.box), ", of which the source holds ", written,
                " of ", tensor::volume(region.box), " elements")));
    }
  }

  /// Copies what the sources hold of `wanted` to where `region` keeps it. With `repeat`, the axis
  /// at that position is read at one index and written along `into_box`.
  std::int64_t copy_box(const Region& region, LabelId label, const Box& wanted, const Box& into_box,
                        std::optional<std::size_t> repeat) {
    std::int64_t volume = 0;
    kept_->for_each_in(label, wanted, [&](const Region& from, const Box& common) {
      Copy copy;
      copy.from = from.tensor;
      copy.into = region.tensor;
      copy.logical = static_cast<std::uint32_t>(label);
      copy.from_offset = offset_of(from, common);
      copy.box = common;
      if (repeat) {
        copy.box.start[*repeat] = into_box.start[*repeat];
        copy.box.extent[*repeat] = into_box.extent[*repeat];
      }
      copy.into_offset = offset_of(region, copy.box);
      copy.from_stride = from.stride;
      copy.into_stride = region.stride;
      if (repeat) copy.from_stride[*repeat] = 0;
      volume += tensor::volume(copy.box);
      plan().copies.push_back(copy);
    });
    return volume;
  }

  /// The part of a region that lies past the source's extent of a padded axis.
  std::int64_t fill_padding(const Region& region, LabelId label) {
    std::int64_t volume = 0;
    const auto& axes = rules_.tensors[at(label)].axes;
    for (const rules::PadRule& pad : rules_.dialect.pad) {
      const auto position = std::find(axes.begin(), axes.end(), pad.axis);
      if (position == axes.end()) continue;
      const auto i = static_cast<std::size_t>(position - axes.begin());
      const std::int64_t have = source_.side.placement.extents[pad.axis];
      const std::int64_t end = region.box.start[i] + region.box.extent[i];
      if (end <= have) continue;
      Box beyond = region.box;
      beyond.start[i] = std::max(region.box.start[i], have);
      beyond.extent[i] = end - beyond.start[i];
      if (!target_.fill_padding) {
        volume += tensor::volume(beyond);
        continue;
      }
      if (!pad.repeat_last) {
        add_fill(region, label, beyond, 0);
        volume += tensor::volume(beyond);
        continue;
      }
      Box last = beyond;
      last.start[i] = last_index(pad.axis, have);
      last.extent[i] = 1;
      volume += copy_box(region, label, last, beyond, i);
      note_fill(pad, label, have);
    }
    return volume;
  }

  /// The last index that means something: of the true extent where it is known, else of what the
  /// source has.
  std::int64_t last_index(layout::AxisId axis, std::int64_t have) const {
    const auto value =
        lang::evaluate(rules_.axes[axis].extent, rules::environment_of(target_.sizes.values));
    const auto* known = value ? value->get_if<std::int64_t>() : nullptr;
    return (known == nullptr ? have : std::min(*known, have)) - 1;
  }

  void note_fill(const rules::PadRule& pad, LabelId label, std::int64_t have) {
    if (!noted_.insert({label, pad.axis}).second) return;
    const std::string& axis = rules_.axes[pad.axis].name;
    solution_.filled.push_back(cat(rules_.tensors[at(label)].name, ": ", axis, " ", have, "…",
                                   target_.side.placement.extents[pad.axis] - 1, " repeat ", axis,
                                   " ", last_index(pad.axis, have), " (padding)"));
  }

  void add_fill(const Region& region, LabelId label, const Box& box, double value) {
    Fill fill;
    fill.into = region.tensor;
    fill.logical = static_cast<std::uint32_t>(label);
    fill.into_offset = offset_of(region, box);
    fill.box = box;
    fill.into_stride = region.stride;
    fill.value = value;
    plan().fills.push_back(fill);
  }

  /// The value of a tensor that is a constant; nullopt after a report.
  std::optional<double> constant_of(LabelId label) {
    const auto value = lang::evaluate(*rules_.tensors[at(label)].value,
                                      rules::environment_of(target_.sizes.values));
    const auto* number = value ? value->get_if<double>() : nullptr;
    const auto* integer = value ? value->get_if<std::int64_t>() : nullptr;
    if (number == nullptr && integer == nullptr) {
      if (!bad_constants_.insert(label).second) return std::nullopt;
      sink_.add(value ? make_diagnostic(Code::rule_value,
                                        cat("the constant of '", rules_.tensors[at(label)].name,
                                            "' is no number"))
                            .at(rules_.tensors[at(label)].span)
                      : value.error());
      return std::nullopt;
    }
    return number != nullptr ? *number : static_cast<double>(*integer);
  }

  void fill_constant(const Region& region, LabelId label) {
    const auto value = constant_of(label);
    if (!value) return;
    add_fill(region, label, region.box, *value);
    constants_.insert(region.tensor);
  }

  /// Sources must hold the value that the target writes or computes with.
  void expect_constant(LabelId label) {
    const auto value = constant_of(label);
    if (!value) return;
    for (const Region& region : source_.side.placement.regions)
      if (region.label == label && source_.present[region.tensor])
        plan().constants.push_back({region.tensor, static_cast<std::uint32_t>(label), region.offset,
                                    region.box, region.stride, *value});
  }

  /// Counts each element once, whatever the number of ranks that hold it.
  void cover(const Region& region, LabelId label) {
    std::vector<Box> fresh{region.box};
    written_[at(label)].for_each_near(
        region.box, [&](std::uint32_t id) { fresh = without(fresh, covered_[id]); });
    for (const Box& box : fresh) {
      written_[at(label)].insert(box, static_cast<std::uint32_t>(covered_.size()));
      covered_.push_back(box);
      covered_volume_[at(label)] += tensor::volume(box);
    }
  }

  /// Every kept source element lies in a box that some target wrote, or is padding that the target
  /// does not have.
  void account_for_sources() {
    const auto& from = source_.side.placement.extents;
    const auto& into = target_.side.placement.extents;
    for (std::size_t i = 0; i < rules_.tensors.size(); ++i) {
      const auto label = static_cast<LabelId>(i);
      const std::int64_t kept = kept_->volume(label);
      if (kept == 0) continue;
      const rules::LogicalRule& tensor = rules_.tensors[i];
      if (tensor.value) {
        expect_constant(label);
        solution_.dropped.push_back({tensor.name, "a constant of the family", kept});
        continue;
      }
      if (covered_volume_[i] != tensor::volume(whole_box(tensor, into))) {
        sink_.add(make_diagnostic(Code::plan_source_unused,
                                  cat("'", target_.side.rules.dialect.framework, "' keeps ",
                                      covered_volume_[i] == 0 ? "nothing" : "only a part", " of '",
                                      tensor.name, "', which the source has"))
                      .note("the tensor is declared here", tensor.span)
                      .suggest("add a line for it to the target's tensor table; nothing is left "
                               "out silently"));
        continue;
      }
      for (const layout::AxisId axis : tensor.axes)
        if (from[axis] > into[axis])
          solution_.dropped.push_back(
              {cat(tensor.name, ": ", rules_.axes[axis].name, " ", into[axis], "…", from[axis] - 1),
               "padding", kept / from[axis] * (from[axis] - into[axis])});
    }
  }

  const Source& source_;
  const Target& target_;
  const rules::RuleSet& rules_;
  DiagnosticSink& sink_;
  Solution solution_;
  std::optional<KeptSources> kept_;
  std::vector<RegionIndex> written_;  // per logical tensor, like what follows
  std::vector<Box> covered_;
  std::vector<std::int64_t> covered_volume_;
  std::set<std::pair<LabelId, layout::AxisId>> noted_;
  std::set<TensorIndex> constants_;
  std::set<LabelId> bad_constants_;  // reported
};

}  // namespace

Solution solve(const Source& source, const Target& target, DiagnosticSink& sink) {
  return Solver(source, target, sink).run();
}

}  // namespace recast::plan
