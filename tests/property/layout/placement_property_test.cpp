// Random families in random frameworks on random grids: what placement says of each stored tensor,
// and what a solved plan writes into it, against literal packing of every rank's tensors.

#include <doctest/doctest.h>

#include <map>
#include <optional>

#include "engine/base/render.hpp"
#include "engine/plan/solve.hpp"
#include "engine/rules/loader.hpp"
#include "tests/property/layout/random_rules.hpp"
#include "tests/support/memory_file_system.hpp"

namespace recast::packing {
namespace {

std::string text_of(const DiagnosticSink& sink) {
  std::string out;
  for (const Diagnostic& diagnostic : sink.all())
    out += render_text(diagnostic);
  return out;
}

/// One framework's side: as the engine places it and as packing makes it.
struct Side {
  rules::RuleSet rules;
  rules::Sizes sizes;
  rules::Placement placement;
  std::vector<rules::LiveTensor> live;
  std::vector<const Packed*> packed;  // parallel to placement.tensors
  std::vector<PackedTensor> oracle;
  // What solving wants to know of files.
  std::vector<tensor::DType> dtypes;
  std::vector<bool> present;
  std::vector<std::string> files;
  std::vector<std::uint32_t> stored_file, stored_index;

  plan::Source source() const {
    return {{rules, placement, live}, dtypes, present, files, stored_file, stored_index};
  }
};

Side place(const Family& family, const Framework& framework, const rules::Library& library) {
  DiagnosticSink sink;
  Side out;
  auto rules = library.rule_set("any", framework.name, sink);
  REQUIRE_MESSAGE(rules.has_value(), text_of(sink));
  out.rules = std::move(*rules);
  out.sizes = rules::settle_sizes(out.rules, {}, nullptr, nullptr, sink);
  rules::Grid grid;
  grid.set("tp", framework.tp);
  grid.set("pp", static_cast<std::int64_t>(framework.layers.size()));
  const rules::Stages stages{framework.layers};
  const auto values = rules::grid_values(out.rules, out.sizes, grid, stages, family.extents);
  out.live = rules::live_tensors(out.rules, rules::environment_of(values), sink);
  out.placement = rules::place(out.rules, out.sizes, grid, stages, family.extents, sink);
  REQUIRE_MESSAGE(!sink.has_errors(), text_of(sink));
  out.oracle = packed_files(family, framework);
  std::map<std::pair<std::string, std::string>, const Packed*> by_name;
  for (const PackedTensor& tensor : out.oracle)
    by_name[{tensor.file, tensor.name}] = &tensor.content;
  REQUIRE(by_name.size() == out.oracle.size());
  CHECK(out.placement.tensors.size() == out.oracle.size());
  for (const rules::PlacedTensor& tensor : out.placement.tensors) {
    const auto found = by_name.find({out.placement.files[tensor.file].path, tensor.name});
    REQUIRE_MESSAGE(found != by_name.end(), tensor.name);
    CHECK(tensor.shape == found->second->shape);
    out.packed.push_back(found->second);
    out.stored_file.push_back(tensor.file);
    out.stored_index.push_back(static_cast<std::uint32_t>(out.stored_index.size()));
  }
  out.dtypes.assign(out.packed.size(), tensor::DType::F32);
  out.present.assign(out.packed.size(), true);
  for (const rules::PlacedFile& file : out.placement.files)
    out.files.push_back(file.path);
  return out;
}

/// Calls `visit(index, element, address, …)` for each element of a box; addresses by strides from
/// offsets.
template <class Visit>
void for_each_in(const Family& family, int label, const tensor::Box& box, const Visit& visit) {
  std::array<std::int64_t, tensor::kMaxRank> at{};
  const auto walk = [&](const auto& self, std::size_t axis) -> void {
    if (axis == box.rank) {
      Element element{label, {}};
      for (std::size_t i = 0; i < box.rank; ++i)
        element.index[family.label_axes[static_cast<std::size_t>(label)][i]] = box.start[i] + at[i];
      visit(at, element);
      return;
    }
    for (at[axis] = 0; at[axis] < box.extent[axis]; ++at[axis])
      self(self, axis + 1);
  };
  walk(walk, 0);
}

std::int64_t address(std::int64_t offset, const std::array<std::int64_t, tensor::kMaxRank>& stride,
                     const std::array<std::int64_t, tensor::kMaxRank>& at, std::size_t rank) {
  for (std::size_t i = 0; i < rank; ++i)
    offset += stride[i] * at[i];
  return offset;
}

using Filled = std::vector<std::vector<std::optional<Element>>>;

Filled empty_tensors(const Side& side) {
  Filled out;
  for (const Packed* packed : side.packed)
    out.emplace_back(packed->elements.size());
  return out;
}

/// Puts an element where nothing was.
void put(Filled& into, std::size_t tensor, std::int64_t at, const Element& element) {
  REQUIRE(at >= 0);
  REQUIRE(static_cast<std::size_t>(at) < into[tensor].size());
  auto& place = into[tensor][static_cast<std::size_t>(at)];
  CHECK_FALSE(place.has_value());
  place = element;
}

void check_filled(const Filled& filled, const Side& side) {
  for (std::size_t i = 0; i < filled.size(); ++i) {
    CAPTURE(side.placement.tensors[i].name);
    for (std::size_t k = 0; k < filled[i].size(); ++k) {
      REQUIRE(filled[i][k].has_value());
      CHECK(*filled[i][k] == side.packed[i]->elements[k]);
    }
  }
}

void check_placement(const Family& family, const Side& side) {
  Filled filled = empty_tensors(side);
  for (const rules::Region& region : side.placement.regions)
    for_each_in(family, region.label, region.box, [&](const auto& at, const Element& element) {
      put(filled, region.tensor, address(region.offset, region.stride, at, region.box.rank),
          element);
    });
  check_filled(filled, side);
}

void check_plan(const Family& family, const Side& from, const Side& into) {
  DiagnosticSink sink;
  const plan::Target target{{into.rules, into.placement, into.live}, std::nullopt, into.sizes};
  const plan::Solution solution = plan::solve(from.source(), target, sink);
  REQUIRE_MESSAGE(!sink.has_errors(), text_of(sink));
  plan::prove(solution.plan, sink);
  CHECK_MESSAGE(!sink.has_errors(), text_of(sink));
  CHECK(solution.dropped.empty());
  CHECK(solution.plan.fills.empty());
  Filled filled = empty_tensors(into);
  for (const plan::Copy& copy : solution.plan.copies)
    for_each_in(
        family, static_cast<int>(copy.logical), copy.box,
        [&](const auto& at, const Element& element) {
          const std::int64_t read = address(copy.from_offset, copy.from_stride, at, copy.box.rank);
          const auto& source = from.packed[copy.from]->elements;
          REQUIRE(read >= 0);
          REQUIRE(static_cast<std::size_t>(read) < source.size());
          CHECK(source[static_cast<std::size_t>(read)] == element);
          put(filled, copy.into, address(copy.into_offset, copy.into_stride, at, copy.box.rank),
              source[static_cast<std::size_t>(read)]);
        });
  check_filled(filled, into);
  // Replicas are pairs of places that hold the same element.
  for (const plan::Replica& replica : solution.plan.replicas)
    for_each_in(family, static_cast<int>(replica.logical), replica.box,
                [&](const auto& at, const Element& element) {
                  const auto held = [&](std::size_t tensor, std::int64_t offset,
                                        const auto& stride) {
                    return from.packed[tensor]->elements.at(
                        static_cast<std::size_t>(address(offset, stride, at, replica.box.rank)));
                  };
                  CHECK(held(replica.kept, replica.kept_offset, replica.kept_stride) == element);
                  CHECK(held(replica.other, replica.other_offset, replica.other_stride) == element);
                });
  // Every element of the source is read, or is the other of a replica.
  std::uint64_t total = 0, kept = 0;
  for (const Packed* packed : from.packed)
    total += packed->elements.size();
  for (std::size_t label = 0; label < family.labels.size(); ++label) {
    std::uint64_t volume = 1;
    for (const int axis : family.label_axes[label])
      volume *= static_cast<std::uint64_t>(family.extents[static_cast<std::size_t>(axis)]);
    kept += volume;
  }
  CHECK(kept + solution.replica_elements == total);
}

TEST_CASE("plan/solve: random frameworks become each other, element by element as packing says" *
          doctest::skip()) {
  const std::uint64_t seed = random_seed();
  CAPTURE(seed);
  Random random(seed);
  for (int round = 0; round < 120; ++round) {
    CAPTURE(round);
    const Family family = random_family(random);
    support::MemoryFileSystem disk;
    disk.put("rules/any/model.yaml", family.model_yaml());
    for (const Framework* framework : {&family.first, &family.second}) {
      disk.put("rules/dialects/" + framework->name + ".yaml", Family::dialect_yaml(*framework));
      disk.put("rules/any/" + framework->name + ".yaml", family.page_yaml(*framework));
    }
    CAPTURE(family.model_yaml());
    CAPTURE(family.page_yaml(family.first));
    CAPTURE(family.page_yaml(family.second));
    DiagnosticSink sink;
    const auto library = rules::Library::open(disk, {"rules"}, sink);
    REQUIRE(library.has_value());
    REQUIRE_MESSAGE(!sink.has_errors(), text_of(sink));
    const Side first = place(family, family.first, *library),
               second = place(family, family.second, *library);
    check_placement(family, first);
    check_placement(family, second);
    check_plan(family, first, second);
    check_plan(family, second, first);
  }
}

}  // namespace
}  // namespace recast::packing
