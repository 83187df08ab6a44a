#include "engine/checkpoint/stored_padding.hpp"

#include <algorithm>

#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

using tensor::Value;

class PaddingFinder {
 public:
  PaddingFinder(const Opened& opened, const NameTable& names, Bound& bound, DiagnosticSink& sink)
      : opened_(opened), names_(names), bound_(bound), sink_(sink) {}

  /// Takes the extent of each padded axis from the tensors where it stands alone in a dimension.
  bool run(std::vector<std::int64_t>& extents, std::vector<std::string>& unknown) {
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
        sink_.add(make_diagnostic(Code::plan_extent_differs,
                                  cat("axis '", name, "' has ", stored,
                                      " indices in the tensors, but its size is ", known))
                      .in(opened_.config_place)
                      .suggest(cat("the true size cannot exceed what is stored; give --set ",
                                   lang::names_in(bound_.rules.axes[pad.axis].extent).front(),
                                   "=N with N up to ", stored)));
        return false;
      }
      extents[pad.axis] = stored;
      if (known != 0) continue;
      // Nothing tells the true size: the padding stays.
      for (const std::string& size : lang::names_in(bound_.rules.axes[pad.axis].extent)) {
        std::erase(unknown, size);
        bound_.sizes.values[size] = Value(stored);
        bound_.sizes.origins[size] = rules::Origin::Unknown;
        bound_.notes.push_back(
            cat(size, " = ", stored,
                ": the true size is not known, so the padding is kept; give --set ", size,
                "=N to cut it off"));
      }
    }
    return true;
  }

 private:
  std::int64_t stored_extent(layout::AxisId axis) {
    for (const rules::TensorRule& rule : bound_.rules.dialect.tensors)
      for (std::size_t dim = 0; dim < rule.layout.dims.size(); ++dim) {
        const layout::Item& item = rule.layout.dims[dim];
        if (item.kind != layout::Item::Kind::Axis || item.axis != axis || !rule.name_axes.empty())
          continue;
        for (const rules::ChunkFile& rank :
             rules::list_chunks(bound_.rules.dialect, bound_.grid, sink_)) {
          const auto names = names_.of(rank.path);
          if (names == nullptr) continue;
          for (const rules::Chunk& chunk : rank.chunks) {
            const auto found = names->find(chunk.root.empty() ? rule.name_text
                                                              : chunk.root + '/' + rule.name_text);
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

  const Opened& opened_;
  const NameTable& names_;
  Bound& bound_;
  DiagnosticSink& sink_;
};

}  // namespace

bool take_padding(const Opened& opened, const NameTable& names, Bound& bound,
                  std::vector<std::int64_t>& extents, std::vector<std::string>& unknown,
                  DiagnosticSink& sink) {
  return PaddingFinder(opened, names, bound, sink).run(extents, unknown);
}

}  // namespace recast::checkpoint
