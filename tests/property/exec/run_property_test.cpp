#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <utility>

#include "engine/exec/run_limited.hpp"
#include "engine/verify/compare_limited.hpp"
#include "tests/property/exec/random_plan.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/random.hpp"

namespace recast::exec {
namespace {

using support::RandomRun;
using support::RandomShape;

struct Files {
  support::MemoryFileSystem disk;
  std::vector<std::unique_ptr<io::RandomAccessFile>> open;
  std::vector<std::unique_ptr<io::OutputFile>> made;
};

std::vector<TensorPlace> places_of(const support::ReferenceSide& side) {
  std::vector<TensorPlace> out;
  for (std::size_t i = 0; i < side.offsets.size(); ++i)
    out.push_back({side.file_of[i], side.offsets[i]});
  return out;
}

std::vector<const io::RandomAccessFile*> open_all(Files& files, const std::string& folder,
                                                  const std::vector<std::string>& contents) {
  std::vector<const io::RandomAccessFile*> out;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const std::string path = cat(folder, "/", i);
    files.disk.put(path, contents[i]);
    files.open.push_back(files.disk.open(path).value());
    out.push_back(files.open.back().get());
  }
  return out;
}

struct Knobs {
  std::size_t workers = 1;
  TileLimits tiles;
  bool merge_axes = true;
  bool read_in_place = true;
};

struct Ran {
  Outcome outcome;
  std::vector<std::string> files;
};

Ran run_random(const RandomRun& random, const Knobs& knobs) {
  Files files;
  const Inputs inputs{random.plan, open_all(files, "in", random.left.files),
                      places_of(random.left)};
  Outputs outputs{{}, places_of(random.right), {}};
  REQUIRE(files.disk.make_folders("out"));
  for (std::size_t i = 0; i < random.right.files.size(); ++i) {
    files.made.push_back(files.disk.create(cat("out/", i)).value());
    const std::string& bytes = random.right.files[i];
    REQUIRE(files.made.back()->write(
        0, {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()}));
    outputs.target_files.push_back(files.made.back().get());
    outputs.wants_crc.push_back(i % 2 == 0);
  }
  Options options;
  options.allow_overflow = true;
  options.merge_axes = knobs.merge_axes;
  options.read_in_place = knobs.read_in_place;
  auto outcome = run_limited(inputs, outputs, options, {knobs.workers, knobs.tiles}, {}, nullptr);
  REQUIRE_MESSAGE(outcome.has_value(), outcome.error().message);
  Ran out{*std::move(outcome), {}};
  for (std::size_t i = 0; i < random.right.files.size(); ++i) {
    out.files.push_back(files.disk.get(cat("out/", i)));
  }
  return out;
}

/// Budgets from one element to everything at once, and the options.
std::vector<Knobs> many_knobs() {
  std::vector<Knobs> out;
  for (const std::size_t workers : {1U, 2U, 4U}) {
    for (const std::int64_t most : {256, 1024, 4096, 1 << 20}) {
      for (const int switches : {0, 1, 2, 3}) {
        out.push_back(
            {workers, {most, most / 2, most / 16}, (switches & 1) == 0, (switches & 2) == 0});
      }
    }
  }
  return out;
}

constexpr int kPlans = 60;

/// A generator whose seed is printed, and is RECAST_SEED if that is set.
std::mt19937_64 seeded_random() {
  const std::uint64_t seed = random_seed();
  MESSAGE("RECAST_SEED=", seed);
  return std::mt19937_64(seed);
}

}  // namespace

TEST_CASE("exec/run: the bytes are the oracle's, whatever threads, budget and options") {
  std::mt19937_64 random = seeded_random();
  for (int n = 0; n < kPlans; ++n) {
    CAPTURE(n);
    RandomShape shape;
    shape.casts = n % 2 == 0;
    const RandomRun made = support::random_run(random, shape);
    support::ReferenceSide expected = made.right;
    const std::uint64_t overflows = support::reference_run(made.plan, made.left, expected);
    for (const Knobs& knobs : many_knobs()) {
      CAPTURE(knobs.workers);
      CAPTURE(knobs.tiles.most_nbytes);
      CAPTURE(knobs.merge_axes);
      CAPTURE(knobs.read_in_place);
      const Ran actual = run_random(made, knobs);
      const bool equal = actual.files == expected.files;
      REQUIRE(equal);
      CHECK(actual.outcome.overflows == overflows);
      CHECK(actual.outcome.peak_buffer_nbytes <=
            knobs.workers * static_cast<std::uint64_t>(knobs.tiles.most_nbytes));
    }
  }
}

TEST_CASE("exec/run: checksums are those of the tensors' bytes") {
  std::mt19937_64 random = seeded_random();
  for (int n = 0; n < kPlans; ++n) {
    CAPTURE(n);
    RandomShape shape;
    shape.whole_targets = true;
    const RandomRun made = support::random_run(random, shape);
    for (const Knobs& knobs : many_knobs()) {
      if (!knobs.merge_axes || !knobs.read_in_place) continue;
      const Ran actual = run_random(made, knobs);
      REQUIRE(actual.outcome.crc32.size() == made.plan.targets.size());
      for (std::size_t i = 0; i < made.plan.targets.size(); ++i) {
        const plan::PlanTensor& tensor = made.plan.targets[i];
        const std::string_view bytes(actual.files[tensor.file]);
        const bool wanted = tensor.file % 2 == 0;
        const std::size_t nbytes =
            static_cast<std::size_t>(tensor.shape[0]) * tensor::dtype_nbytes(tensor.dtype);
        CHECK(
            actual.outcome.crc32[i] ==
            (wanted ? support::reference_crc32(bytes.substr(made.right.offsets[i], nbytes)) : 0U));
      }
    }
  }
}

TEST_CASE("exec/run: a comparison finds what was written equal and the first changed element") {
  std::mt19937_64 random = seeded_random();
  for (int n = 0; n < kPlans; ++n) {
    CAPTURE(n);
    RandomShape shape;
    shape.casts = false;
    const RandomRun made = support::random_run(random, shape);
    if (made.plan.copies.empty()) continue;
    support::ReferenceSide right = made.right;
    support::reference_run(made.plan, made.left, right);
    // One element of one copy is changed; if a replica states the same index, the copy stays the
    // only one that differs.
    const auto chosen = static_cast<std::uint32_t>(random() % made.plan.copies.size());
    const plan::Copy& copy = made.plan.copies[chosen];
    std::vector<std::int64_t> index;
    std::int64_t element = copy.into_offset;
    for (std::size_t k = 0; k < copy.box.rank; ++k) {
      const auto step =
          static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(copy.box.extent[k]));
      index.push_back(copy.box.start[k] + step);
      element += step * copy.into_stride[k];
    }
    support::ReferenceSide changed = right;
    const std::size_t nbytes = tensor::dtype_nbytes(made.plan.targets[copy.into].dtype);
    changed.files[right.file_of[copy.into]]
                 [right.offsets[copy.into] + static_cast<std::size_t>(element) * nbytes] ^= 1;

    for (const std::size_t workers : {1U, 2U, 4U}) {
      for (const std::int64_t most : {256, 4096, 1 << 20}) {
        CAPTURE(workers);
        CAPTURE(most);
        Files files;
        const Inputs left{made.plan, open_all(files, "left", made.left.files),
                          places_of(made.left)};
        const auto compare_with = [&](const support::ReferenceSide& side,
                                      const std::string& folder) {
          return verify::compare_limited(left, open_all(files, folder, side.files), places_of(side),
                                         {}, {workers, {most, most / 2, most / 16}}, {})
              .value();
        };
        CHECK(compare_with(right, "right").equal());
        const verify::Comparison differs = compare_with(changed, "changed");
        std::uint64_t differing = 0;
        for (const verify::TensorVerdict& each : differs.verdicts)
          differing += each.differing;
        CHECK(differing == 1);
        const auto& first = differs.verdicts[copy.logical].first;
        REQUIRE(first.has_value());
        CHECK(first->index == index);
        CHECK(first->into == copy.into);
      }
    }
  }
}

}  // namespace recast::exec
