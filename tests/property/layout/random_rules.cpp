#include "tests/property/layout/random_rules.hpp"

#include <algorithm>

namespace recast::packing {
namespace {

constexpr int kLayer = 0;

bool has(const std::vector<int>& list, int axis) {
  return std::find(list.begin(), list.end(), axis) != list.end();
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& word : words)
    out += (out.empty() ? "" : between) + word;
  return out;
}

std::vector<std::int64_t> random_stages(Random& random, std::int64_t layers) {
  std::vector<std::int64_t> out(1 + random.below(3), 0);
  for (std::int64_t i = 0; i < layers; ++i)
    ++out[random.below(out.size())];
  return out;
}

Ranges full_ranges(const Family& family) {
  Ranges out;
  for (const std::int64_t extent : family.extents)
    out.push_back({0, extent});
  return out;
}

/// Tensor parallelism, stages, and which lines are cut after packing or stand at one end of the
/// pipeline.
void share_out(Random& random, const Family& family, Framework& framework) {
  framework.tp = 1 + static_cast<std::int64_t>(random.below(3));
  framework.layers = random_stages(random, family.extents[kLayer]);
  // Two axes of one tensor cut over the same ranks would leave elements that no rank holds.
  const auto shares_tensor = [&](int axis) {
    return std::any_of(family.label_axes.begin(), family.label_axes.end(), [&](const auto& axes) {
      return has(axes, axis) && std::any_of(framework.sharded.begin(), framework.sharded.end(),
                                            [&](int other) { return has(axes, other); });
    });
  };
  std::vector<int> candidates;
  for (int axis = 1; axis < static_cast<int>(family.axes.size()); ++axis)
    candidates.push_back(axis);
  for (std::size_t k = candidates.size(); k > 1; --k)
    std::swap(candidates[k - 1], candidates[random.below(k)]);
  for (const int axis : candidates)
    if (family.extents[static_cast<std::size_t>(axis)] % framework.tp == 0 &&
        !shares_tensor(axis) && !random.one_in(4))
      framework.sharded.push_back(axis);
  for (Line& line : framework.lines) {
    bool layered = has(line.name_axes, kLayer);
    for (const auto& [label, axes] : axes_of(line.layout))
      layered = layered || has(axes, kLayer);
    if (!layered && random.one_in(2))
      line.where = random.one_in(2) ? Line::Where::First : Line::Where::Last;
    if (!random.one_in(4)) continue;
    // Only where every stage's share of the layers leaves a dimension that divides.
    std::vector<int> dims;
    const Packed packed = pack(line.layout, full_ranges(family));
    for (std::size_t dim = 0; dim < packed.shape.size(); ++dim) {
      bool divides = true;
      for (const std::int64_t layers : framework.layers) {
        Ranges ranges = full_ranges(family);
        ranges[kLayer].extent = layers;
        divides = divides && pack(line.layout, ranges).shape[dim] % framework.tp == 0;
      }
      if (divides) dims.push_back(static_cast<int>(dim));
    }
    if (!dims.empty()) line.cut_dim = random.pick(dims);
  }
}

}  // namespace

Family random_family(Random& random) {
  Family out;
  out.axes = {"layer", "a", "b", "c", "d"};
  out.extents = {1 + static_cast<std::int64_t>(random.below(4))};
  for (std::size_t i = 1; i < out.axes.size(); ++i)
    out.extents.push_back(std::vector<std::int64_t>{1, 2, 3, 4, 6}[random.below(5)]);
  out.first.name = "one";
  out.second.name = "two";
  const std::size_t lines = 1 + random.below(3);
  for (std::size_t i = 0; i < lines; ++i) {
    Line line;
    line.stem = "x" + std::to_string(i);
    const auto label = static_cast<int>(out.labels.size());
    line.layout = random_layout(random, static_cast<int>(out.axes.size()), label, random.one_in(2));
    // Axes that all labels need, in the name in the place of the data.
    std::vector<int> named;
    for (int axis = 0; axis < static_cast<int>(out.axes.size()); ++axis)
      if (random.one_in(5)) named.push_back(axis);
    const auto remove = [&](const auto& self, Sequence& items) -> void {
      std::erase_if(items, [&](const Item& item) {
        return item.kind == Item::Kind::Axis && has(named, item.axis);
      });
      for (Item& item : items) {
        self(self, item.items);
        if (item.kind == Item::Kind::Group && item.items.empty()) item.items.emplace_back();
        for (Part& part : item.parts) {
          self(self, part.items);
          if (part.items.empty()) part.items.emplace_back();
        }
      }
    };
    remove(remove, line.layout.dims);
    line.name_axes = named;
    for (const auto& [id, axes] : axes_of(line.layout)) {
      std::vector<int> all = named;
      all.insert(all.end(), axes.begin(), axes.end());
      for (std::size_t k = all.size(); k > 1; --k)
        std::swap(all[k - 1], all[random.below(k)]);
      out.labels.push_back("t" + std::to_string(id));
      out.label_axes.push_back(all);
    }
    out.first.lines.push_back(std::move(line));
  }
  // The other framework keeps each tensor by itself.
  for (std::size_t label = 0; label < out.labels.size(); ++label) {
    Line line;
    line.stem = "y" + std::to_string(label);
    std::vector<int> data;
    for (const int axis : out.label_axes[label])
      (random.one_in(4) ? line.name_axes : data).push_back(axis);
    line.layout = random_layout_of(random, data, static_cast<int>(label));
    out.second.lines.push_back(std::move(line));
  }
  share_out(random, out, out.first);
  share_out(random, out, out.second);
  return out;
}

std::string Family::model_yaml() const {
  std::string out = "family: any\nsizes: {any: {type: integer, default: 1}}\naxes:\n";
  for (std::size_t i = 0; i < axes.size(); ++i)
    out += "  " + axes[i] + ": " + std::to_string(extents[i]) + "\n";
  out += "tensors:\n";
  for (std::size_t label = 0; label < labels.size(); ++label) {
    out += "  " + labels[label] + ": \"";
    for (std::size_t i = 0; i < label_axes[label].size(); ++i)
      out += (i > 0 ? " " : "") + axes[static_cast<std::size_t>(label_axes[label][i])];
    out += "\"\n";
  }
  return out;
}

std::string Family::dialect_yaml(const Framework& framework) {
  return "framework: " + framework.name +
         "\ncontainer: torch\nfile: \"r{tp}_{pp}\"\nmesh: {tp: {size: 1}, pp: {size: 1}}\n";
}

std::string Family::page_yaml(const Framework& framework) const {
  std::vector<std::string> sharded, on_first, on_last;
  for (const int axis : framework.sharded)
    sharded.push_back(axes[static_cast<std::size_t>(axis)]);
  for (const Line& line : framework.lines)
    if (line.where != Line::Where::Everywhere)
      for (const auto& [label, own] : axes_of(line.layout))
        (line.where == Line::Where::First ? on_first : on_last)
            .push_back(labels[static_cast<std::size_t>(label)]);
  std::string out = "shard: {tp: [" + joined(sharded, ", ") + "]}\n";
  out += "stages: {axis: layer, over: [pp], first: [" + joined(on_first, ", ") + "], last: [" +
         joined(on_last, ", ") + "]}\n";
  out += "local: [layer]\ntensors:\n";
  for (const Line& line : framework.lines) {
    out += "  " + line.stem;
    for (const int axis : line.name_axes)
      out += ".{" + axes[static_cast<std::size_t>(axis)] + "}";
    const std::string text = packing::print(line.layout, axes, labels);
    if (line.cut_dim < 0)
      out += ": \"" + text + "\"\n";
    else
      out +=
          ": {layout: \"" + text + "\", shard: [{tp: dim " + std::to_string(line.cut_dim) + "}]}\n";
  }
  return out;
}

std::vector<PackedTensor> packed_files(const Family& family, const Framework& framework) {
  std::vector<PackedTensor> out;
  const auto stages = static_cast<std::int64_t>(framework.layers.size());
  for (std::int64_t t = 0; t < framework.tp; ++t)
    for (std::int64_t p = 0, begin = 0; p < stages;
         begin += framework.layers[static_cast<std::size_t>(p)], ++p)
      for (const Line& line : framework.lines) {
        if ((line.where == Line::Where::First && p > 0) ||
            (line.where == Line::Where::Last && p + 1 < stages))
          continue;
        Ranges ranges = full_ranges(family);
        ranges[kLayer] = {begin, framework.layers[static_cast<std::size_t>(p)]};
        if (line.cut_dim < 0)
          for (const int axis : framework.sharded) {
            Range& range = ranges[static_cast<std::size_t>(axis)];
            range.extent /= framework.tp;
            range.start = t * range.extent;
          }
        // One tensor for each combination of the axes in the name.
        std::vector<Element> names{Element{}};
        for (const int axis : line.name_axes) {
          std::vector<Element> longer;
          const Range range = ranges[static_cast<std::size_t>(axis)];
          for (const Element& name : names)
            for (std::int64_t i = range.start; i < range.start + range.extent; ++i) {
              longer.push_back(name);
              longer.back().index[axis] = i;
            }
          names = std::move(longer);
        }
        for (const Element& at : names) {
          PackedTensor tensor;
          tensor.file = "r" + std::to_string(t) + "_" + std::to_string(p);
          tensor.name = line.stem;
          for (const int axis : line.name_axes)
            tensor.name += "." + std::to_string(at.index.at(axis) - (axis == kLayer ? begin : 0));
          tensor.content = pack(line.layout, ranges);
          if (line.cut_dim >= 0) {
            const std::int64_t share =
                tensor.content.shape[static_cast<std::size_t>(line.cut_dim)] / framework.tp;
            tensor.content = slice(tensor.content, static_cast<std::size_t>(line.cut_dim),
                                   t * share, (t + 1) * share);
          }
          for (Element& element : tensor.content.elements)
            element.index.insert(at.index.begin(), at.index.end());
          out.push_back(std::move(tensor));
        }
      }
  return out;
}

}  // namespace recast::packing
