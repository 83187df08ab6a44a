#include "tests/property/layout/packing.hpp"

#include <algorithm>
#include <stdexcept>

namespace recast::packing {
namespace {

using Elements = std::vector<Element>;

Elements pack_items(const Sequence& items, const Ranges& ranges);

Elements pack_item(const Item& item, const Ranges& ranges) {
  Elements out;
  switch (item.kind) {
    case Item::Kind::Unit:
      return {Element{}};
    case Item::Kind::Axis: {
      const Range& range = ranges[static_cast<std::size_t>(item.axis)];
      for (std::int64_t i = range.start; i < range.start + range.extent; ++i)
        out.push_back({-1, {{item.axis, i}}});
      return out;
    }
    case Item::Kind::Group:
      return pack_items(item.items, ranges);
    case Item::Kind::Sum:
      break;
  }
  for (const Part& part : item.parts)
    for (Element element : pack_items(part.items, ranges)) {
      if (part.label >= 0) element.label = part.label;
      out.push_back(std::move(element));
    }
  return out;
}

/// All pairs, the first varying slowest.
Elements product(const Elements& outer, const Elements& inner) {
  Elements out;
  for (const Element& a : outer)
    for (const Element& b : inner) {
      Element both = a;
      both.index.insert(b.index.begin(), b.index.end());
      if (b.label >= 0) both.label = b.label;
      out.push_back(std::move(both));
    }
  return out;
}

Elements pack_items(const Sequence& items, const Ranges& ranges) {
  Elements out{Element{}};
  for (const Item& item : items)
    out = product(out, pack_item(item, ranges));
  return out;
}

/// Splits what is open into one branch per part.
void collect_axes(const Sequence& items, std::vector<std::pair<int, std::vector<int>>>& open) {
  for (const Item& item : items) {
    if (item.kind == Item::Kind::Axis)
      for (auto& [label, axes] : open)
        axes.push_back(item.axis);
    if (item.kind == Item::Kind::Group) collect_axes(item.items, open);
    if (item.kind != Item::Kind::Sum) continue;
    std::vector<std::pair<int, std::vector<int>>> forked;
    for (const Part& part : item.parts) {
      auto branch = open;
      if (part.label >= 0)
        for (auto& [label, axes] : branch)
          label = part.label;
      collect_axes(part.items, branch);
      forked.insert(forked.end(), branch.begin(), branch.end());
    }
    open = std::move(forked);
  }
}

Item axis_item(int axis) {
  Item item;
  item.kind = Item::Kind::Axis;
  item.axis = axis;
  return item;
}

/// Axes in a random order, some of them in parentheses, a unit here and there.
Sequence random_sequence(Random& random, std::vector<int> axes, int depth) {
  for (std::size_t i = axes.size(); i > 1; --i)
    std::swap(axes[i - 1], axes[random.below(i)]);
  Sequence out;
  for (std::size_t i = 0; i < axes.size();) {
    if (random.one_in(9)) out.emplace_back();
    const std::size_t count = depth > 0 && random.one_in(2) ? 1 + random.below(axes.size() - i) : 0;
    if (count < 2) {
      out.push_back(axis_item(axes[i++]));
      continue;
    }
    Item group;
    group.kind = Item::Kind::Group;
    group.items = random_sequence(random,
                                  {axes.begin() + static_cast<std::ptrdiff_t>(i),
                                   axes.begin() + static_cast<std::ptrdiff_t>(i + count)},
                                  depth - 1);
    out.push_back(std::move(group));
    i += count;
  }
  return out;
}

Item random_sum(Random& random, const std::vector<int>& axes, int& label, int depth) {
  Item sum;
  sum.kind = Item::Kind::Sum;
  const std::size_t count = 2 + random.below(2);
  for (std::size_t i = 0; i < count; ++i) {
    Part part;
    std::vector<int> own;
    for (const int axis : axes)
      if (random.one_in(2)) own.push_back(axis);
    part.items = random_sequence(random, own, 1);
    if (depth > 0 && random.one_in(4)) {
      // A sum in a sum; the axes of the outer part are taken.
      std::vector<int> left;
      for (const int axis : axes)
        if (std::find(own.begin(), own.end(), axis) == own.end()) left.push_back(axis);
      Item inner = random_sum(random, left, label, depth - 1);
      part.items.insert(
          part.items.begin() + static_cast<std::ptrdiff_t>(random.below(part.items.size() + 1)),
          inner);
    } else {
      part.label = label++;
    }
    if (part.items.empty()) part.items.emplace_back();
    sum.parts.push_back(std::move(part));
  }
  return sum;
}

std::string print(const Sequence& items, const std::vector<std::string>& axes,
                  const std::vector<std::string>& labels) {
  std::string out;
  for (const Item& item : items) {
    if (!out.empty()) out += ' ';
    switch (item.kind) {
      case Item::Kind::Unit:
        out += '1';
        break;
      case Item::Kind::Axis:
        out += axes[static_cast<std::size_t>(item.axis)];
        break;
      case Item::Kind::Group:
        out += '(' + print(item.items, axes, labels) + ')';
        break;
      case Item::Kind::Sum:
        out += '[';
        for (std::size_t i = 0; i < item.parts.size(); ++i) {
          if (i > 0) out += " | ";
          const Part& part = item.parts[i];
          if (part.label >= 0) out += labels[static_cast<std::size_t>(part.label)] + ": ";
          out += print(part.items, axes, labels);
        }
        out += ']';
        break;
    }
  }
  return out;
}

}  // namespace

Packed pack(const Layout& layout, const Ranges& ranges) {
  Packed out;
  for (const Item& dim : layout.dims)
    out.shape.push_back(static_cast<std::int64_t>(pack_item(dim, ranges).size()));
  out.elements = pack_items(layout.dims, ranges);
  if (layout.label >= 0)
    for (Element& element : out.elements)
      element.label = layout.label;
  return out;
}

Packed slice(const Packed& packed, std::size_t dim, std::int64_t begin, std::int64_t end) {
  std::int64_t inner = 1;
  for (std::size_t i = dim + 1; i < packed.shape.size(); ++i)
    inner *= packed.shape[i];
  Packed out;
  out.shape = packed.shape;
  out.shape[dim] = end - begin;
  for (std::size_t i = 0; i < packed.elements.size(); ++i) {
    const std::int64_t at = static_cast<std::int64_t>(i) / inner % packed.shape[dim];
    if (at >= begin && at < end) out.elements.push_back(packed.elements[i]);
  }
  return out;
}

std::map<int, std::vector<int>> axes_of(const Layout& layout) {
  std::vector<std::pair<int, std::vector<int>>> open{{layout.label, {}}};
  collect_axes(layout.dims, open);
  std::map<int, std::vector<int>> out;
  for (auto& [label, axes] : open)
    if (!out.emplace(label, axes).second) throw std::logic_error("a label stands twice");
  return out;
}

Layout random_layout(Random& random, int axes, int label, bool sums) {
  std::vector<int> outer, inner;
  for (int axis = 0; axis < axes; ++axis)
    (sums && random.one_in(2) ? inner : outer).push_back(axis);
  Layout out;
  out.dims = random_sequence(random, outer, 2);
  if (!sums) {
    out.label = label;
    return out;
  }
  // The sum stands in a dimension of its own, or inside one that is a composite.
  const Item sum = random_sum(random, inner, label, 1);
  const std::size_t at = random.below(out.dims.size() + 1);
  if (at < out.dims.size() && out.dims[at].kind == Item::Kind::Group)
    out.dims[at].items.insert(out.dims[at].items.begin() + static_cast<std::ptrdiff_t>(random.below(
                                                               out.dims[at].items.size() + 1)),
                              sum);
  else
    out.dims.insert(out.dims.begin() + static_cast<std::ptrdiff_t>(at), sum);
  return out;
}

Layout random_layout_of(Random& random, std::vector<int> axes, int label) {
  return {label, random_sequence(random, std::move(axes), 2)};
}

std::string print(const Layout& layout, const std::vector<std::string>& axes,
                  const std::vector<std::string>& labels) {
  const std::string dims = print(layout.dims, axes, labels);
  return layout.label < 0 ? dims : labels[static_cast<std::size_t>(layout.label)] + ": " + dims;
}

}  // namespace recast::packing
