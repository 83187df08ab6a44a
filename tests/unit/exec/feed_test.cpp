#include "engine/exec/feed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/unit/exec/small_plan.hpp"

namespace recast::exec {
namespace {

using tensor::DType;

std::vector<Tile> all_tiles(const Work& work, const TileLimits& limits) {
  TileFeed feed(work, limits, {});
  std::vector<Tile> out;
  Tile tile;
  while (feed.next(tile))
    out.push_back(tile);
  return out;
}

/// `[rows, columns]` of bytes against its transpose, or against itself.
SmallPlan matrix(std::int64_t rows, std::int64_t columns, bool transpose) {
  SmallPlan made;
  const std::uint32_t t = made.logical("t", {"hidden", "ffn"});
  const plan::TensorIndex from = made.source("s", DType::U8, rows * columns);
  const plan::TensorIndex into = made.target("d", DType::U8, rows * columns);
  const Lie straight{0, {columns, 1}};
  const Lie turned{0, {1, rows}};
  made.copy(t, {{0, rows}, {0, columns}}, from, straight, into, transpose ? turned : straight);
  return made;
}

/// A plan of `count` tensors of 8 bytes each.
SmallPlan many(std::int64_t count) {
  SmallPlan made;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t t = made.logical(cat("t", i), {"hidden"});
    made.copy(t, {{0, 8}}, made.source(cat("s", i), DType::U8, 8), {0, {1}},
              made.target(cat("d", i), DType::U8, 8), {0, {1}});
  }
  return made;
}

}  // namespace

TEST_CASE("exec/feed: tiles come in the order of the source's bytes and hold each element once") {
  const SmallPlan made = matrix(64, 64, false);
  std::int64_t next = 0;
  for (const Tile& tile : all_tiles(made.work(), {512, 512, 1})) {
    REQUIRE(tile.reads.size() == 1);
    CHECK(tile.reads[0].bytes.base == next);
    CHECK(tile.reads[0].bytes.run <= 512);
    next += tile.reads[0].bytes.run;
  }
  CHECK(next == 64 * 64);
}

TEST_CASE("exec/feed: a transpose is cut into blocks that are as high as wide") {
  const SmallPlan made = matrix(256, 256, true);
  std::set<std::pair<std::int64_t, std::int64_t>> shapes;
  std::int64_t elements = 0;
  for (const Tile& tile : all_tiles(made.work(), {3000, 3000, 1})) {
    const tensor::Box& box = tile.pieces[0].piece.box;
    shapes.insert({box.extent[0], box.extent[1]});
    elements += tensor::volume(box);
    CHECK(tile.staging_nbytes <= 3000);
  }
  CHECK(elements == 256 * 256);
  const bool square = shapes == std::set<std::pair<std::int64_t, std::int64_t>>{{32, 32}};
  CHECK(square);
}

TEST_CASE("exec/feed: a tile whose calls would get short is rather left large") {
  const SmallPlan made = matrix(64, 64, true);
  CHECK(all_tiles(made.work(), {1 << 20, 1024, 1024}).size() == 1);
  CHECK(all_tiles(made.work(), {1 << 20, 1024, 1}).size() > 1);
  CHECK(all_tiles(made.work(), {2048, 1024, 1024}).size() > 1);  // the hard limit comes first
}

TEST_CASE("exec/feed: small tensors that lie side by side are one tile with one call a side") {
  const SmallPlan made = many(1000);
  const std::vector<Tile> tiles = all_tiles(made.work(), {1 << 20, 1 << 20, 1});
  REQUIRE(tiles.size() == 1);
  CHECK(tiles[0].call_count == 2);
  CHECK(tiles[0].payload_nbytes == 2 * 8000);
}

TEST_CASE("exec/feed: a tensor is cut along the axis that all its targets share") {
  SmallPlan made;  // [64, 64] in four column blocks
  const std::uint32_t t = made.logical("t", {"hidden", "ffn"});
  const plan::TensorIndex from = made.source("s", DType::U8, 64 * 64);
  for (std::uint32_t rank = 0; rank < 4; ++rank) {
    made.copy(t, {{0, 64}, {rank * 16, rank * 16 + 16}}, from, {rank * 16, {64, 1}},
              made.target("d", DType::U8, 64 * 16, rank), {0, {16, 1}});
  }
  for (const Tile& tile : all_tiles(made.work(), {2048, 2048, 1})) {
    CHECK(tile.reads.size() == 1);
    CHECK(tile.pieces.size() == 4);
    CHECK(tile.call_count == 5);
  }
}

TEST_CASE("exec/feed: components follow their source file, fills alone come last") {
  SmallPlan made;
  const std::uint32_t t = made.logical("t", {"hidden"});
  const plan::TensorIndex a = made.source("a", DType::U8, 4, 1);
  const plan::TensorIndex b = made.source("b", DType::U8, 4, 0);
  made.plan.fills.push_back({made.target("f", DType::U8, 1), t, 0, {}, {}, 1});
  made.copy(t, {{0, 4}}, a, {0, {1}}, made.target("da", DType::U8, 4), {0, {1}});
  made.copy(t, {{0, 0}}, a, {0, {1}}, made.target("none", DType::U8, 0), {0, {1}});
  made.copy(t, {{0, 4}}, b, {0, {1}}, made.target("db", DType::U8, 4), {0, {1}});
  const Components components = find_components(made.work());
  CHECK(components.steps == std::vector<StepIndex>{2, 0, 3});
  CHECK(components.first == std::vector<std::uint32_t>{0, 1, 2, 3});
}

TEST_CASE("exec/feed: a stopped feed hands out nothing more") {
  const SmallPlan made = matrix(64, 64, false);
  const Work work = made.work();
  TileFeed feed(work, {512, 512, 1}, {});
  Tile tile;
  CHECK(feed.next(tile));
  feed.stop();
  CHECK_FALSE(feed.next(tile));
}

}  // namespace recast::exec
