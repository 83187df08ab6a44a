#include "engine/rules/placement.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "engine/layout/affine.hpp"
#include "engine/layout/decompose.hpp"
#include "engine/rules/chunks.hpp"

namespace recast::rules {
namespace {

using layout::AxisId;
using layout::LabelId;
using tensor::Value;

/// Names written out quickly: text and plain places of axes. What else a name has, sizes and
/// options over them, is the same in all names of a line and becomes text here.
struct NamePieces {
  std::vector<std::string> texts;  // one more than places
  std::vector<AxisId> places;

  static std::optional<NamePieces> of(const RuleSet& rules, const lang::NameTemplate& name,
                                      const lang::Environment& environment) {
    NamePieces pieces;
    pieces.texts.emplace_back();
    for (const lang::TemplateItem& item : name.items) {
      const auto* place = std::get_if<lang::TemplatePlace>(&item);
      const auto axis = place == nullptr ? std::nullopt : rules.axis(lang::place_name(*place));
      if (axis && place->width == 0) {
        pieces.places.push_back(*axis);
        pieces.texts.emplace_back();
        continue;
      }
      const auto text =
          lang::expand({{item}, name.span}, environment);  // fails if an axis is in it
      if (!text) return std::nullopt;
      pieces.texts.back() += *text;
    }
    return pieces;
  }
};

/// A line of the table on one rank: shape and parts, all but the axes that stand in the name.
struct RankPart {
  LabelId label;
  tensor::Box
      box;  // in the order of the label's axes; name axes have extent 1 and are set per tensor
  std::int64_t offset;
  std::array<std::int64_t, tensor::kMaxRank> stride;
  std::vector<std::pair<std::size_t, AxisId>> name_axes;  // position in the box, axis
};
struct RankLine {
  const TensorRule* rule = nullptr;
  const NamePieces* pieces = nullptr;
  bool required = true;
  std::vector<std::int64_t> shape;
  std::vector<RankPart> parts;
};

class Placer {
 public:
  Placer(const RuleSet& rules, const Sizes& sizes, const Grid& grid, const Stages& stages,
         const std::vector<std::int64_t>& extents, DiagnosticSink& sink)
      : rules_(rules),
        grid_(grid),
        stages_(stages),
        sink_(sink),
        values_(grid_values(rules, sizes, grid, stages, extents)) {
    placement_.extents = extents;
    const lang::Environment environment = environment_of(values_);
    live_ = live_tensors(rules, environment, sink);
    std::size_t table = 0;
    for (std::size_t i = 0; i < rules.dialect.tables.size() && table == 0; ++i)
      if (holds(rules.dialect.tables[i], environment)) table = i + 1;
    for (const TensorRule& rule : rules.dialect.tensors) {
      if (rule.table != table) continue;
      if (std::any_of(rule.labels.begin(), rule.labels.end(),
                      [&](LabelId label) { return !live_[static_cast<std::size_t>(label)].live; }))
        continue;
      if (rule.with != layout::kNoLabel && !live_[static_cast<std::size_t>(rule.with)].live)
        continue;
      const bool wanted = !rule.when || holds(*rule.when, environment);
      const bool accepted = rule.accept && holds(*rule.accept, environment);
      if (!wanted && !accepted) continue;
      lines_.push_back({&rule, wanted, NamePieces::of(rules, rule.name, environment)});
    }
  }

  Placement run(std::size_t most_files) {
    for (const ChunkFile& chunks : list_chunks(rules_.dialect, grid_, sink_)) {
      if (placement_.files.size() == most_files) break;
      PlacedFile file;
      file.path = chunks.path;
      file.first_tensor = static_cast<std::uint32_t>(placement_.tensors.size());
      for (const Chunk& chunk : chunks.chunks) {
        ValueMap values = values_;
        for (const auto& [name, index] : chunk.at)
          values[name] = Value(index);
        place_chunk(values, chunk);
      }
      file.tensor_count = static_cast<std::uint32_t>(placement_.tensors.size()) - file.first_tensor;
      placement_.files.push_back(std::move(file));
    }
    return std::move(placement_);
  }

 private:
  struct Line {
    const TensorRule* rule;
    bool required;
    std::optional<NamePieces> pieces;
  };

  bool holds(const lang::ScalarExpr& condition, const lang::Environment& environment) {
    const auto value = lang::evaluate(condition, environment);
    if (value) return lang::is_true(*value);
    sink_.add(value.error());
    return false;
  }

  std::string text(const lang::NameTemplate& name, const ValueMap& values) {
    auto expanded = lang::expand(name, environment_of(values));
    if (expanded) return std::move(expanded).value();
    sink_.add(std::move(expanded).error());
    return {};
  }

  static std::int64_t integer(const ValueMap& values, const std::string& name) {
    const auto found = values.find(name);
    const auto* integer = found == values.end() ? nullptr : found->second.get_if<std::int64_t>();
    return integer == nullptr ? 0 : *integer;
  }

  layout::Range layers_of(const Chunk& chunk) const {
    layout::Range layers;
    for (std::size_t i = 0; i < chunk.stage; ++i)
      layers.start += stages_.counts[i];
    layers.extent = stages_.counts[chunk.stage];
    return layers;
  }

  bool in_stage(const TensorRule& rule, const Chunk& chunk) const {
    if (!rules_.dialect.stages) return true;
    const auto& stages = *rules_.dialect.stages;
    const auto any_of = [&](const std::vector<LabelId>& list) {
      const auto listed = [&](LabelId label) {
        return std::find(list.begin(), list.end(), label) != list.end();
      };
      return std::any_of(rule.labels.begin(), rule.labels.end(), listed) ||
             (rule.with != layout::kNoLabel && listed(rule.with));
    };
    if (any_of(stages.first)) return chunk.stage == 0;
    if (any_of(stages.last)) return chunk.stage + 1 == stages_.counts.size();
    return true;
  }

  layout::Range cut(AxisId axis, layout::Range range, const std::string& mesh,
                    const ValueMap& values) {
    const std::int64_t size = grid_.size(mesh);
    if (size == 1) return range;
    if (range.extent % size != 0) {
      does_not_divide(cat("axis '", rules_.axes[axis].name, "'"), range.extent, mesh, size);
      return range;
    }
    const std::int64_t extent = range.extent / size;
    return {range.start + integer(values, mesh) * extent, extent};
  }

  void does_not_divide(const std::string& what, std::int64_t extent, const std::string& mesh,
                       std::int64_t size) {
    if (!reported_.insert(what + mesh).second) return;
    sink_.add(make_diagnostic(Code::layout_does_not_divide,
                              cat(what, " has ", extent, " indices, which ", size, " ranks along '",
                                  mesh, "' cannot share equally"))
                  .suggest(cat("choose a ", mesh, " size that divides ", extent)));
  }

  RankLine rank_line(const Line& line, const ValueMap& values, const Chunk& chunk) {
    const TensorRule& rule = *line.rule;
    RankLine out;
    out.rule = &rule;
    out.pieces = line.pieces ? &*line.pieces : nullptr;
    out.required = line.required;
    out.shape = rule.created_shape;
    layout::Ranges& ranges = ranges_of_line_;
    ranges.assign(placement_.extents.size(), {});
    for (std::size_t axis = 0; axis < ranges.size(); ++axis)
      ranges[axis] = {0, placement_.extents[axis]};
    if (rules_.dialect.stages) ranges[rules_.dialect.stages->axis] = layers_of(chunk);
    const ShardAlternative* chosen = nullptr;
    for (const ShardAlternative& alternative : rule.shard)
      if (!alternative.when || holds(*alternative.when, environment_of(values))) {
        chosen = &alternative;
        break;
      }
    std::vector<const ShardCut*> cuts;
    for (const ShardCut& cut : rules_.dialect.shard) {
      const bool replaced =
          chosen != nullptr && std::any_of(chosen->cuts.begin(), chosen->cuts.end(),
                                           [&](const ShardCut& c) { return c.mesh == cut.mesh; });
      const bool whole =
          std::find(rule.whole.begin(), rule.whole.end(), cut.mesh) != rule.whole.end();
      if (!replaced && !whole) cuts.push_back(&cut);
    }
    if (chosen != nullptr)
      for (const ShardCut& cut : chosen->cuts)
        cuts.push_back(&cut);
    const ShardCut* packed = nullptr;
    for (const ShardCut* each : cuts) {
      if (each->dimension) packed = grid_.size(each->mesh) > 1 ? each : packed;
      for (const AxisId axis : each->axes)
        if (mentions(rule, axis)) ranges[axis] = cut(axis, ranges[axis], each->mesh, values);
    }
    if (rule.created) return out;

    layout::Affine affine = layout::affine(rule.layout, ranges);
    out.shape = rule.shape ? layout::shape_of(*rule.shape, ranges) : affine.shape;
    if (packed == nullptr) {
      for (const layout::AffinePart& part : affine.parts)
        out.parts.push_back(rank_part(part, ranges, ranges, 0, rule));
      return out;
    }
    const std::size_t dim = *packed->dimension;
    const std::int64_t size = grid_.size(packed->mesh);
    if (dim >= affine.shape.size() || affine.shape[dim] % size != 0) {
      does_not_divide(cat("dimension ", dim, " of '", rule.name_text, "'"),
                      dim < affine.shape.size() ? affine.shape[dim] : 0, packed->mesh, size);
      return out;
    }
    // Pack, then cut: the rank's elements are a range of the packed dimension; strides inside the
    // slice are those of a tensor whose dimension is that much shorter.
    const std::int64_t slice = affine.shape[dim] / size;
    const std::int64_t begin = integer(values, packed->mesh) * slice;
    std::vector<std::int64_t> sliced_shape = affine.shape;
    sliced_shape[dim] = slice;
    std::vector<std::int64_t> strides(sliced_shape.size(), 1);
    for (std::size_t i = strides.size(); i-- > 1;)
      strides[i - 1] = strides[i] * sliced_shape[i];
    affine = layout::affine(rule.layout, ranges, strides);
    out.shape = sliced_shape;
    for (const layout::PartBox& box :
         layout::cut_dimension(rule.layout, ranges, dim, begin, begin + slice))
      for (const layout::AffinePart& part : affine.parts)
        if (part.label == box.label)
          out.parts.push_back(rank_part(part, ranges, box.ranges, -begin * strides[dim], rule));
    return out;
  }

  bool mentions(const TensorRule& rule, AxisId axis) const {
    for (const LabelId label : rule.labels) {
      const auto& axes = rules_.tensors[static_cast<std::size_t>(label)].axes;
      if (std::find(axes.begin(), axes.end(), axis) != axes.end()) return true;
    }
    return std::find(rule.name_axes.begin(), rule.name_axes.end(), axis) != rule.name_axes.end();
  }

  RankPart rank_part(const layout::AffinePart& part, const layout::Ranges& full,
                     const layout::Ranges& ranges, std::int64_t shift,
                     const TensorRule& rule) const {
    const LogicalRule& tensor = rules_.tensors[static_cast<std::size_t>(part.label)];
    RankPart out{part.label, {}, part.offset + shift, {}, {}};
    out.box.rank = static_cast<std::uint8_t>(tensor.axes.size());
    for (std::size_t i = 0; i < tensor.axes.size(); ++i) {
      const AxisId axis = tensor.axes[i];
      if (std::find(rule.name_axes.begin(), rule.name_axes.end(), axis) != rule.name_axes.end()) {
        out.box.extent[i] = 1;
        out.name_axes.emplace_back(i, axis);
        continue;
      }
      out.box.start[i] = ranges[axis].start;
      out.box.extent[i] = ranges[axis].extent;
      for (const auto& [strided, stride] : part.strides)
        if (strided == axis) {
          out.stride[i] = stride;
          out.offset += stride * (ranges[axis].start - full[axis].start);
        }
    }
    return out;
  }

  void place_chunk(const ValueMap& values, const Chunk& chunk) {
    std::vector<RankLine> lines;
    std::vector<layout::Ranges> ranges;
    for (const Line& line : lines_) {
      if (!in_stage(*line.rule, chunk)) continue;
      lines.push_back(rank_line(line, values, chunk));
      ranges.push_back(ranges_of_line_);
    }
    indices_.assign(placement_.extents.size(), {0, 0});
    emit(lines, ranges, 0, lines.size(), 0, chunk.root);
  }

  /// Lines [begin, end) whose names share `depth` outer axes; neighbours with the same next axis,
  /// of which the rank holds the same indices, are written layer by layer.
  void emit(const std::vector<RankLine>& lines, const std::vector<layout::Ranges>& ranges,
            std::size_t begin, std::size_t end, std::size_t depth, const std::string& root) {
    for (std::size_t i = begin; i < end;) {
      const auto& axes = lines[i].rule->name_axes;
      if (axes.size() <= depth) {
        emit_tensor(lines[i], root);
        ++i;
        continue;
      }
      const AxisId axis = axes[depth];
      std::size_t stop = i + 1;
      const bool local = is_local(*lines[i].rule, axis);
      const layout::Range range = ranges[i][axis];
      while (stop < end && lines[stop].rule->name_axes.size() > depth &&
             lines[stop].rule->name_axes[depth] == axis &&
             is_local(*lines[stop].rule, axis) == local && ranges[stop][axis] == range)
        ++stop;
      for (std::int64_t index = range.start; index < range.start + range.extent; ++index) {
        indices_[axis] = {index, local ? index - range.start : index};
        emit(lines, ranges, i, stop, depth + 1, root);
      }
      i = stop;
    }
  }

  /// Whether the axis is numbered from 0 within the rank in this line's name.
  bool is_local(const TensorRule& rule, AxisId axis) const {
    const auto has = [&](const std::vector<AxisId>& axes) {
      return std::find(axes.begin(), axes.end(), axis) != axes.end();
    };
    return has(rules_.dialect.local) && !has(rule.global);
  }

  void emit_tensor(const RankLine& line, const std::string& root) {
    PlacedTensor placed;
    placed.file = static_cast<std::uint32_t>(placement_.files.size());
    placed.rule = line.rule;
    placed.required = line.required;
    placed.shape = line.shape;
    if (!root.empty()) placed.name = root + '/';
    append_name(line, placed.name);
    placed.first_region = static_cast<std::uint32_t>(placement_.regions.size());
    const auto tensor = static_cast<std::uint32_t>(placement_.tensors.size());
    for (const RankPart& part : line.parts) {
      Region region{tensor, part.label, part.box, part.offset, part.stride};
      for (const auto& [position, axis] : part.name_axes)
        region.box.start[position] = indices_[axis].first;
      placement_.regions.push_back(region);
    }
    placed.region_count =
        static_cast<std::uint32_t>(placement_.regions.size()) - placed.first_region;
    placement_.tensors.push_back(std::move(placed));
  }

  void append_name(const RankLine& line, std::string& out) {
    if (line.pieces != nullptr) {
      out += line.pieces->texts.front();
      for (std::size_t i = 0; i < line.pieces->places.size(); ++i) {
        out += std::to_string(indices_[line.pieces->places[i]].second);
        out += line.pieces->texts[i + 1];
      }
      return;
    }
    ValueMap values = values_;
    for (const AxisId axis : line.rule->name_axes)
      values[rules_.axes[axis].name] = Value(indices_[axis].second);
    out += text(line.rule->name, values);
  }

  const RuleSet& rules_;
  const Grid& grid_;
  const Stages& stages_;
  DiagnosticSink& sink_;
  ValueMap values_;
  std::vector<LiveTensor> live_;
  std::vector<Line> lines_;
  std::set<std::string> reported_;
  layout::Ranges ranges_of_line_;
  std::vector<std::pair<std::int64_t, std::int64_t>>
      indices_;  // per axis: global, as the name says it
  Placement placement_;
};

}  // namespace

Placement place(const RuleSet& rules, const Sizes& sizes, const Grid& grid, const Stages& stages,
                const std::vector<std::int64_t>& extents, DiagnosticSink& sink,
                std::size_t most_files) {
  if (!names_can_be_listed(rules, extents, sink)) return {};
  return Placer(rules, sizes, grid, stages, extents, sink).run(most_files);
}

}  // namespace recast::rules
