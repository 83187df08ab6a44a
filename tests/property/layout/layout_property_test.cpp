// Strides, shapes and cuts of random layouts against literal packing.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/layout/affine.hpp"
#include "engine/layout/decompose.hpp"
#include "tests/property/layout/packing.hpp"

namespace recast::packing {
namespace {

std::vector<layout::Item> items_of(const Sequence& items);

layout::Item item_of(const Item& item) {
  layout::Item out;
  out.kind = static_cast<layout::Item::Kind>(item.kind);
  out.axis = static_cast<layout::AxisId>(item.axis);
  out.items = items_of(item.items);
  for (const Part& part : item.parts)
    out.parts.push_back({part.label, items_of(part.items)});
  return out;
}

std::vector<layout::Item> items_of(const Sequence& items) {
  std::vector<layout::Item> out;
  for (const Item& item : items)
    out.push_back(item_of(item));
  return out;
}

static_assert(static_cast<int>(layout::Item::Kind::Unit) == static_cast<int>(Item::Kind::Unit));
static_assert(static_cast<int>(layout::Item::Kind::Axis) == static_cast<int>(Item::Kind::Axis));
static_assert(static_cast<int>(layout::Item::Kind::Group) == static_cast<int>(Item::Kind::Group));
static_assert(static_cast<int>(layout::Item::Kind::Sum) == static_cast<int>(Item::Kind::Sum));

struct Sample {
  Layout layout;
  layout::Layout engine;
  Ranges ranges;
  layout::Ranges engine_ranges;
  std::string text;
};

constexpr int kAxes = 5;

Sample sample(Random& random, bool sums) {
  Sample out;
  out.layout = random_layout(random, kAxes, 0, sums);
  out.engine = {out.layout.label, items_of(out.layout.dims)};
  for (int axis = 0; axis < kAxes; ++axis) {
    out.ranges.push_back({static_cast<std::int64_t>(random.below(4)),
                          1 + static_cast<std::int64_t>(random.below(4))});
    out.engine_ranges.push_back({out.ranges.back().start, out.ranges.back().extent});
  }
  out.text = print(out.layout, {"a", "b", "c", "d", "e"},
                   {"p", "q", "r", "s", "t", "u", "v", "w", "x", "y"});
  return out;
}

/// Calls `visit` with every element of the axes of a part.
template <class Visit>
void for_each_element(int label,
                      const std::vector<std::pair<layout::AxisId, std::int64_t>>& strides,
                      const layout::Ranges& ranges, const Visit& visit) {
  Element element{label, {}};
  const auto walk = [&](const auto& self, std::size_t depth) -> void {
    if (depth == strides.size()) return visit(element);
    const auto [axis, stride] = strides[depth];
    const layout::Range range = ranges[axis];
    for (std::int64_t i = range.start; i < range.start + range.extent; ++i) {
      element.index[axis] = i;
      self(self, depth + 1);
    }
  };
  walk(walk, 0);
}

TEST_CASE("layout/affine: offsets and strides find every element where packing put it") {
  const std::uint64_t seed = random_seed();
  CAPTURE(seed);
  Random random(seed);
  for (int round = 0; round < 400; ++round) {
    const Sample one = sample(random, random.one_in(2));
    CAPTURE(one.text);
    const Packed packed = pack(one.layout, one.ranges);
    const layout::Affine affine = layout::affine(one.engine, one.engine_ranges);
    REQUIRE(affine.shape == packed.shape);
    CHECK(layout::shape_of(one.engine, one.engine_ranges) == packed.shape);
    std::vector<Element> found(packed.elements.size());
    std::size_t count = 0;
    for (const layout::AffinePart& part : affine.parts)
      for_each_element(part.label, part.strides, one.engine_ranges, [&](const Element& element) {
        std::int64_t at = part.offset;
        for (const auto& [axis, stride] : part.strides)
          at += stride * (element.index.at(axis) - one.engine_ranges[axis].start);
        REQUIRE(at >= 0);
        REQUIRE(static_cast<std::size_t>(at) < found.size());
        found[static_cast<std::size_t>(at)] = element;
        ++count;
      });
    CHECK(count == found.size());
    CHECK(found == packed.elements);
  }
}

TEST_CASE(
    "layout/affine: other strides of the dimensions move every element with its coordinates") {
  const std::uint64_t seed = random_seed();
  CAPTURE(seed);
  Random random(seed);
  for (int round = 0; round < 200; ++round) {
    const Sample one = sample(random, random.one_in(2));
    CAPTURE(one.text);
    const layout::Affine plain = layout::affine(one.engine, one.engine_ranges);
    std::vector<std::int64_t> strides;
    for (std::size_t i = 0; i < plain.shape.size(); ++i)
      strides.push_back(static_cast<std::int64_t>(random.below(1000)));
    const layout::Affine strided = layout::affine(one.engine, one.engine_ranges, strides);
    const auto moved = [&](std::int64_t flat) {
      std::int64_t out = 0;
      for (std::size_t i = plain.shape.size(); i-- > 0;) {
        out += flat % plain.shape[i] * strides[i];
        flat /= plain.shape[i];
      }
      return out;
    };
    REQUIRE(strided.parts.size() == plain.parts.size());
    for (std::size_t i = 0; i < plain.parts.size(); ++i) {
      const layout::AffinePart &a = plain.parts[i], &b = strided.parts[i];
      for_each_element(a.label, a.strides, one.engine_ranges, [&](const Element& element) {
        std::int64_t at = a.offset, there = b.offset;
        for (std::size_t axis = 0; axis < a.strides.size(); ++axis) {
          const std::int64_t index = element.index.at(a.strides[axis].first) -
                                     one.engine_ranges[a.strides[axis].first].start;
          at += a.strides[axis].second * index;
          there += b.strides[axis].second * index;
        }
        CHECK(there == moved(at));
      });
    }
  }
}

TEST_CASE(
    "layout/decompose: the boxes of a cut hold the elements of the slice, each once, in order") {
  const std::uint64_t seed = random_seed();
  CAPTURE(seed);
  Random random(seed);
  for (int round = 0; round < 400; ++round) {
    const bool sums = random.one_in(2);
    const Sample one = sample(random, sums);
    CAPTURE(one.text);
    const Packed packed = pack(one.layout, one.ranges);
    if (packed.shape.empty()) continue;
    const std::size_t dim = random.below(packed.shape.size());
    const auto extent = static_cast<std::size_t>(packed.shape[dim]);
    const auto begin = static_cast<std::int64_t>(random.below(extent));
    const auto end =
        begin + 1 +
        static_cast<std::int64_t>(random.below(extent - static_cast<std::size_t>(begin)));
    CAPTURE(dim);
    CAPTURE(begin);
    CAPTURE(end);
    const auto boxes = layout::cut_dimension(one.engine, one.engine_ranges, dim, begin, end);
    const auto axes = axes_of(one.layout);
    std::vector<Element> found;
    for (const layout::PartBox& box : boxes) {
      std::vector<std::pair<layout::AxisId, std::int64_t>> own;
      for (const int axis : axes.at(box.label))
        own.emplace_back(static_cast<layout::AxisId>(axis), 0);
      for_each_element(box.label, own, box.ranges,
                       [&](const Element& element) { found.push_back(element); });
      for (int axis = 0; axis < kAxes; ++axis) {
        const auto id = static_cast<std::size_t>(axis);
        const bool mentioned = std::find(axes.at(box.label).begin(), axes.at(box.label).end(),
                                         axis) != axes.at(box.label).end();
        if (!mentioned) CHECK(box.ranges[id] == one.engine_ranges[id]);
      }
    }
    std::vector<Element> expected = slice(packed, dim, begin, end).elements;
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    CHECK(found == expected);
    if (!sums) CHECK(boxes.size() <= std::size_t{2} * kAxes - 1);
  }
}

TEST_CASE("layout/decompose: an empty range is no box") {
  const std::uint64_t seed = random_seed();
  CAPTURE(seed);
  Random random(seed);
  for (int round = 0; round < 50; ++round) {
    const Sample one = sample(random, random.one_in(2));
    CAPTURE(one.text);
    for (std::size_t dim = 0; dim < one.engine.dims.size(); ++dim)
      CHECK(layout::cut_dimension(one.engine, one.engine_ranges, dim, 0, 0).empty());
  }
}

}  // namespace
}  // namespace recast::packing
