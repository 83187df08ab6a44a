#include "engine/plan/solve.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "engine/plan/region_index.hpp"

namespace recast::plan {
namespace {

using layout::LabelId;
using rules::Region;
using tensor::Box;

std::size_t at(LabelId label) { return static_cast<std::size_t>(label); }

/// The element offset of a box's first element inside a region.
std::int64_t offset_of(const Region& region, const Box& box) {
  std::int64_t offset = region.offset;
  for (std::size_t i = 0; i < box.rank; ++i) offset += region.stride[i] * (box.start[i] - region.box.start[i]);
  return offset;
}

std::string print_box(const rules::RuleSet& rules, LabelId label, const Box& box) {
  const rules::LogicalRule& tensor = rules.tensors[at(label)];
  std::string out = tensor.name + "[";
  for (std::size_t i = 0; i < box.rank; ++i) {
    if (i > 0) out += ", ";
    out += rules.axes[tensor.axes[i]].name + " " + std::to_string(box.start[i]);
    if (box.extent[i] != 1) out += "…" + std::to_string(box.start[i] + box.extent[i] - 1);
  }
  return out + "]";
}

class Solver {
 public:
  Solver(const Source& source, const Target& target, DiagnosticSink& sink)
      : source_(source), target_(target), rules_(target.side.rules), sink_(sink) {}

  Solution run() {
    describe();
    compare_extents();
    make_indexes();
    take_sources();
    if (sink_.has_errors()) return std::move(solution_);
    write_targets();
    account_for_sources();
    choose_dtypes();
    return std::move(solution_);
  }

 private:
  Plan& plan() { return solution_.plan; }

  void describe() {
    for (const rules::LogicalRule& rule : rules_.tensors) {
      LogicalTensor logical{rule.name, {}};
      for (const layout::AxisId axis : rule.axes) logical.axes.push_back(rules_.axes[axis].name);
      plan().logical.push_back(std::move(logical));
    }
    plan().source_files = source_.files;
    const rules::Placement& from = source_.side.placement;
    for (std::size_t i = 0; i < from.tensors.size(); ++i) {
      const rules::PlacedTensor& tensor = from.tensors[i];
      plan().sources.push_back(
          {tensor.name, source_.stored_file[i], source_.stored_index[i], source_.dtypes[i], tensor.shape});
    }
    const rules::Placement& into = target_.side.placement;
    for (std::size_t i = 0; i < into.tensors.size(); ++i)
      plan().targets.push_back({into.tensors[i].name, into.tensors[i].file, static_cast<std::uint32_t>(i),
                                into.tensors[i].rule->created_dtype, into.tensors[i].shape});
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
      const bool allowed = from[i] < into[i] ? padded(rules_, axis) : padded(source_.side.rules, axis) || padded(rules_, axis);
      if (allowed) continue;
      sink_.add(make_diagnostic(Code::plan_extent_differs,
                                cat("axis '", rules_.axes[i].name, "' has ", from[i], " indices in the source and ",
                                    into[i], " in the target"))
                    .suggest("only a padded axis may differ; give the size with --set"));
    }
  }

  LabelId elements_of(LabelId label) const { return target_.side.live[at(label)].elements; }

  void make_indexes() {
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
    for (std::size_t label = 0; label < rules_.tensors.size(); ++label) {
      std::vector<std::size_t> positions(keys[label].begin(), keys[label].end());
      std::vector<std::int64_t> extents;
      for (const std::size_t position : positions) {
        const layout::AxisId axis = rules_.tensors[label].axes[position];
        extents.push_back(std::max(source_.side.placement.extents[axis], target_.side.placement.extents[axis]));
      }
      sources_.emplace_back(positions, extents);
      written_.emplace_back(positions, extents);
    }
  }

  /// Keeps the first statement of each element; later ones are replicas.
  void take_sources() {
    const rules::Placement& placement = source_.side.placement;
    kept_volume_.assign(rules_.tensors.size(), 0);
    for (const Region& region : placement.regions) {
      if (!source_.present[region.tensor]) continue;
      const LabelId elements = elements_of(region.label);
      std::vector<Box> fresh{region.box};
      sources_[at(elements)].for_each_near(region.box, [&](std::uint32_t id) {
        const Region& kept = kept_[id];
        std::vector<Box> rest;
        for (const Box& box : fresh) {
          const auto common = tensor::intersect(box, kept.box);
          if (!common) {
            rest.push_back(box);
            continue;
          }
          add_replica(kept, region, elements, *common);
          for (const Box& piece : tensor::subtract(box, *common)) rest.push_back(piece);
        }
        fresh = std::move(rest);
      });
      for (const Box& box : fresh) {
        Region piece = region;
        piece.offset = offset_of(region, box);
        piece.box = box;
        sources_[at(elements)].insert(box, static_cast<std::uint32_t>(kept_.size()));
        kept_.push_back(piece);
        kept_volume_[at(elements)] += tensor::volume(box);
      }
    }
    for (std::size_t label = 0; label < rules_.tensors.size(); ++label) check_complete(static_cast<LabelId>(label));
  }

  void add_replica(const Region& kept, const Region& other, LabelId elements, const Box& common) {
    Replica replica;
    replica.kept = kept.tensor;
    replica.other = other.tensor;
    replica.logical = static_cast<std::uint32_t>(elements);
    replica.kept_offset = offset_of(kept, common);
    replica.other_offset = offset_of(other, common);
    replica.box = common;
    replica.kept_stride = kept.stride;
    replica.other_stride = other.stride;
    plan().replicas.push_back(replica);
    solution_.replica_elements += static_cast<std::uint64_t>(tensor::volume(common));
  }

  Box whole(LabelId label, const std::vector<std::int64_t>& extents) const {
    Box box;
    const auto& axes = rules_.tensors[at(label)].axes;
    box.rank = static_cast<std::uint8_t>(axes.size());
    for (std::size_t i = 0; i < axes.size(); ++i) box.extent[i] = extents[axes[i]];
    return box;
  }

  bool is_wanted(LabelId label) const {
    const rules::LiveTensor& tensor = target_.side.live[at(label)];
    return tensor.live && tensor.elements == label && !rules_.tensors[at(label)].value;
  }

  /// Every element of a tensor that is wanted must have a source.
  void check_complete(LabelId label) {
    if (!is_wanted(label)) return;
    const Box all = whole(label, source_.side.placement.extents);
    if (kept_volume_[at(label)] == tensor::volume(all)) return;
    std::vector<Box> missing{all};
    for (const Region& piece : kept_) {
      if (elements_of(piece.label) != label) continue;
      std::vector<Box> rest;
      for (const Box& box : missing)
        for (const Box& left : tensor::subtract(box, piece.box)) rest.push_back(left);
      missing = std::move(rest);
      if (missing.size() > 10'000) break;
    }
    if (missing.empty()) return;
    Diagnostic diagnostic = make_diagnostic(
        Code::plan_no_source, cat("nothing in the source holds ", print_box(rules_, label, missing.front())));
    for (std::size_t i = 1; i < std::min<std::size_t>(missing.size(), 4); ++i)
      diagnostic.note(cat("nor ", print_box(rules_, label, missing[i])));
    if (missing.size() > 4) diagnostic.note(cat("and ", missing.size() - 4, " more boxes"));
    sink_.add(std::move(diagnostic).suggest(
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
        sink_.add(make_diagnostic(Code::plan_no_source,
                                  cat("'", plan().targets[region.tensor].name, "' needs ",
                                      print_box(rules_, label, region.box), ", of which the source holds ", written,
                                      " of ", tensor::volume(region.box), " elements")));
    }
  }

  /// Copies what the sources hold of `wanted` to where `region` keeps it. With `repeat`, the axis at that position is read
  /// at one index and written along `into_box`.
  std::int64_t copy_box(const Region& region, LabelId label, const Box& wanted, const Box& into_box,
                        std::optional<std::size_t> repeat) {
    std::int64_t volume = 0;
    sources_[at(label)].for_each_near(wanted, [&](std::uint32_t id) {
      const Region& from = kept_[id];
      const auto common = tensor::intersect(wanted, from.box);
      if (!common) return;
      Copy copy;
      copy.from = from.tensor;
      copy.into = region.tensor;
      copy.logical = static_cast<std::uint32_t>(label);
      copy.from_offset = offset_of(from, *common);
      copy.box = *common;
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

  /// The last index that means something: of the true extent where it is known, else of what the source has.
  std::int64_t last_index(layout::AxisId axis, std::int64_t have) const {
    const auto value = lang::evaluate(rules_.axes[axis].extent, rules::environment_of(target_.sizes.values));
    const auto* known = value ? value->get_if<std::int64_t>() : nullptr;
    return (known == nullptr ? have : std::min(*known, have)) - 1;
  }

  void note_fill(const rules::PadRule& pad, LabelId label, std::int64_t have) {
    if (!noted_.insert({label, pad.axis}).second) return;
    const std::string& axis = rules_.axes[pad.axis].name;
    solution_.filled.push_back(cat(rules_.tensors[at(label)].name, ": ", axis, " ", have, "…",
                                   target_.side.placement.extents[pad.axis] - 1, " repeat ", axis, " ",
                                   last_index(pad.axis, have), " (padding)"));
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

  void fill_constant(const Region& region, LabelId label) {
    const auto value = lang::evaluate(*rules_.tensors[at(label)].value, rules::environment_of(target_.sizes.values));
    const auto* number = value ? value->get_if<double>() : nullptr;
    const auto* integer = value ? value->get_if<std::int64_t>() : nullptr;
    if (number == nullptr && integer == nullptr) {
      sink_.add(value ? make_diagnostic(Code::rule_value, cat("the constant of '", rules_.tensors[at(label)].name,
                                                              "' is no number"))
                            .at(rules_.tensors[at(label)].span)
                      : value.error());
      return;
    }
    add_fill(region, label, region.box, number != nullptr ? *number : static_cast<double>(*integer));
    constants_.insert(region.tensor);
  }

  /// Counts each element once, whatever the number of ranks that hold it.
  void cover(const Region& region, LabelId label) {
    std::vector<Box> fresh{region.box};
    written_[at(label)].for_each_near(region.box, [&](std::uint32_t id) {
      std::vector<Box> rest;
      for (const Box& box : fresh)
        for (const Box& piece : tensor::subtract(box, covered_[id])) rest.push_back(piece);
      fresh = std::move(rest);
    });
    for (const Box& box : fresh) {
      written_[at(label)].insert(box, static_cast<std::uint32_t>(covered_.size()));
      covered_.push_back(box);
      covered_volume_[at(label)] += tensor::volume(box);
    }
  }

  /// Every kept source element lies in a box that some target wrote, or is padding that the target does not have.
  void account_for_sources() {
    const auto& from = source_.side.placement.extents;
    const auto& into = target_.side.placement.extents;
    for (std::size_t i = 0; i < rules_.tensors.size(); ++i) {
      const auto label = static_cast<LabelId>(i);
      if (kept_volume_[i] == 0) continue;
      const rules::LogicalRule& tensor = rules_.tensors[i];
      if (tensor.value) {
        solution_.dropped.push_back({tensor.name, "a constant of the family", kept_volume_[i]});
        continue;
      }
      if (covered_volume_[i] != tensor::volume(whole(label, into))) {
        sink_.add(make_diagnostic(Code::plan_source_unused,
                                  cat("'", target_.side.rules.dialect.framework, "' keeps ",
                                      covered_volume_[i] == 0 ? "nothing" : "only a part", " of '", tensor.name,
                                      "', which the source has"))
                      .note("the tensor is declared here", tensor.span)
                      .suggest("add a line for it to the target's tensor table; nothing is left out silently"));
        continue;
      }
      for (const layout::AxisId axis : tensor.axes)
        if (from[axis] > into[axis])
          solution_.dropped.push_back({cat(tensor.name, ": ", rules_.axes[axis].name, " ", into[axis], "…", from[axis] - 1),
                                       "padding",
                                       kept_volume_[i] / from[axis] * (from[axis] - into[axis])});
    }
  }

  /// A target keeps the dtype of its sources, or takes the one asked for.
  void choose_dtypes() {
    std::vector<std::optional<tensor::DType>> wanted(plan().targets.size());
    std::vector<bool> keep(plan().targets.size(), false);
    std::set<TensorIndex> reported;
    for (const Copy& copy : plan().copies) {
      const tensor::DType have = plan().sources[copy.from].dtype;
      auto& want = wanted[copy.into];
      if (rules_.tensors[copy.logical].keep_dtype) keep[copy.into] = true;
      if (!want || tensor::widens(*want, have)) {
        want = have;
      } else if (!tensor::widens(have, *want) && !target_.dtype && reported.insert(copy.into).second) {
        sink_.add(make_diagnostic(Code::plan_mixed_dtypes,
                                  cat("'", plan().targets[copy.into].name, "' would mix ", tensor::dtype_name(*want),
                                      " and ", tensor::dtype_name(have)))
                      .suggest("choose one with --dtype"));
      }
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i])
        plan().targets[i].dtype =
            target_.dtype && !keep[i] && tensor::is_castable(*wanted[i]) ? *target_.dtype : *wanted[i];
      else if (constants_.contains(static_cast<TensorIndex>(i)))
        plan().targets[i].dtype = target_.dtype.value_or(common_dtype());
    }
  }

  /// What most of the model has: constants are written in it.
  tensor::DType common_dtype() const {
    std::map<tensor::DType, std::int64_t> volumes;
    for (const Copy& copy : solution_.plan.copies)
      volumes[solution_.plan.sources[copy.from].dtype] += tensor::volume(copy.box);
    tensor::DType most = tensor::DType::F32;
    std::int64_t largest = -1;
    for (const auto& [dtype, volume] : volumes)
      if (volume > largest) {
        most = dtype;
        largest = volume;
      }
    return most;
  }

  const Source& source_;
  const Target& target_;
  const rules::RuleSet& rules_;
  DiagnosticSink& sink_;
  Solution solution_;
  std::vector<RegionIndex> sources_, written_;  // per logical tensor
  std::vector<Region> kept_;
  std::vector<Box> covered_;
  std::vector<std::int64_t> kept_volume_, covered_volume_;
  std::set<std::pair<LabelId, layout::AxisId>> noted_;
  std::set<TensorIndex> constants_;
};

}  // namespace

Solution solve(const Source& source, const Target& target, DiagnosticSink& sink) {
  return Solver(source, target, sink).run();
}

}  // namespace recast::plan
