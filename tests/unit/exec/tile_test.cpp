#include "engine/exec/tile.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/exec/small_plan.hpp"

namespace recast::exec {
namespace {

using tensor::DType;

std::vector<Piece> whole(const Work& work) {
  std::vector<Piece> out;
  for (StepIndex step = 0; step < work.step_count(); ++step)
    out.push_back({step, box_of(work, step)});
  return out;
}

/// "file:base+run×runs", with `~` for windows in the other side's memory.
std::string text(const std::vector<Window>& windows) {
  std::string out;
  for (const Window& each : windows) {
    out += cat(out.empty() ? "" : " ", each.shares ? "~" : "", each.bytes.file, ":",
               each.bytes.base, "+", each.bytes.run, "x", run_count(each.bytes));
  }
  return out;
}

Tile lay_out_whole(const SmallPlan& made, const TileRules& rules = {}) {
  const Work work = made.work();
  Tile out;
  lay_out(work, whole(work), rules, out);
  return out;
}

/// `hidden ffn` (2 × 6) in one file against two halves of ffn in two files.
SmallPlan row_parallel(bool cut) {
  SmallPlan made;
  const std::uint32_t t = made.logical("mlp.down", {"hidden", "ffn"});
  const plan::TensorIndex one =
      cut ? made.source("s", DType::U8, 12) : made.target("d", DType::U8, 12);
  for (std::uint32_t rank = 0; rank < 2; ++rank) {
    const plan::TensorIndex half =
        cut ? made.target("d", DType::U8, 6, rank) : made.source("s", DType::U8, 6, rank);
    const std::vector<std::pair<std::int64_t, std::int64_t>> box{{0, 2}, {rank * 3, rank * 3 + 3}};
    const Lie in_whole{rank * 3, {6, 1}};
    const Lie in_half{0, {3, 1}};
    if (cut) {
      made.copy(t, box, one, in_whole, half, in_half);
    } else {
      made.copy(t, box, half, in_half, one, in_whole);
    }
  }
  return made;
}

}  // namespace

TEST_CASE("exec/tile: a row-parallel cut reads once and writes each rank once") {
  const Tile tile = lay_out_whole(row_parallel(true));
  CHECK(text(tile.reads) == "0:0+12x1");
  CHECK(text(tile.writes) == "0:0+6x1 1:0+6x1");
  CHECK(tile.call_count == 3);
  CHECK(tile.payload_nbytes == 24);
}

TEST_CASE("exec/tile: a row-parallel merge is its mirror image") {
  const Tile tile = lay_out_whole(row_parallel(false));
  CHECK(text(tile.reads) == "0:0+6x1 1:0+6x1");
  CHECK(text(tile.writes) == "0:0+12x1");
}

TEST_CASE("exec/tile: neighbours that go to several files are written from where they were read") {
  SmallPlan made;
  const std::uint32_t t = made.logical("embed", {"vocab"});
  const plan::TensorIndex from = made.source("s", DType::U8, 8);
  made.copy(t, {{0, 4}}, from, {0, {1}}, made.target("d0", DType::U8, 4, 0), {0, {1}});
  made.copy(t, {{4, 8}}, from, {4, {1}}, made.target("d1", DType::U8, 4, 1), {0, {1}});
  const Tile tile = lay_out_whole(made);
  CHECK(text(tile.reads) == "0:0+8x1");
  CHECK(text(tile.writes) == "~0:0+4x1 ~1:0+4x1");
  CHECK(tile.staging_nbytes == 64);
  CHECK(tile.writes[1].place - tile.writes[0].place == 4);
  CHECK(tile.pieces[0].in_place);
  CHECK(text(lay_out_whole(made, {false, true}).writes) == "0:0+4x1 1:0+4x1");
}

TEST_CASE("exec/tile: tensors of several files that become neighbours are read into place") {
  SmallPlan made;
  const std::uint32_t t = made.logical("embed", {"vocab"});
  const plan::TensorIndex into = made.target("d", DType::U8, 8);
  made.copy(t, {{0, 4}}, made.source("s0", DType::U8, 4, 0), {0, {1}}, into, {0, {1}});
  made.copy(t, {{4, 8}}, made.source("s1", DType::U8, 4, 1), {0, {1}}, into, {4, {1}});
  const Tile tile = lay_out_whole(made);
  CHECK(text(tile.reads) == "~0:0+4x1 ~1:0+4x1");
  CHECK(text(tile.writes) == "0:0+8x1");
  CHECK(tile.reads[1].place - tile.reads[0].place == 4);
}

TEST_CASE("exec/tile: a cast is never in place") {
  SmallPlan made;
  const std::uint32_t t = made.logical("norm", {"hidden"});
  made.copy(t, {{0, 4}}, made.source("s", DType::F16, 4), {0, {1}},
            made.target("d", DType::BF16, 4), {0, {1}});
  const Tile tile = lay_out_whole(made);
  CHECK(text(tile.reads) == "0:0+8x1");
  CHECK(text(tile.writes) == "0:0+8x1");
  CHECK_FALSE(tile.pieces[0].in_place);
}

TEST_CASE("exec/tile: tied targets share one read") {
  SmallPlan made;
  const std::uint32_t t = made.logical("embed", {"vocab"});
  const plan::TensorIndex from = made.source("s", DType::U8, 4);
  made.copy(t, {{0, 4}}, from, {0, {1}}, made.target("embed", DType::U8, 4, 0), {0, {1}});
  made.copy(t, {{0, 4}}, from, {0, {1}}, made.target("head", DType::U8, 4, 1), {0, {1}});
  const Tile tile = lay_out_whole(made);
  CHECK(text(tile.reads) == "0:0+4x1");
  CHECK(text(tile.writes) == "~0:0+4x1 ~1:0+4x1");
}

TEST_CASE(
    "exec/tile: parts of three tensors that interleave under one axis are written as one run") {
  SmallPlan made;  // (group [q: rep | k: 1]) with 2 groups, rep 2
  const std::uint32_t q = made.logical("q", {"group", "rep"});
  const std::uint32_t k = made.logical("k", {"group"});
  const plan::TensorIndex fused = made.target("qk", DType::U8, 6);
  made.copy(q, {{0, 2}, {0, 2}}, made.source("q", DType::U8, 4), {0, {2, 1}}, fused, {0, {3, 1}});
  made.copy(k, {{0, 2}}, made.source("k", DType::U8, 2), {0, {1}}, fused, {2, {3}});
  const Tile tile = lay_out_whole(made);
  CHECK(text(tile.reads) == "0:0+6x1");  // both sources lie side by side too
  CHECK(text(tile.writes) == "0:0+6x1");
}

TEST_CASE("exec/tile: short gaps are read through, but never written") {
  SmallPlan made;
  const std::uint32_t t = made.logical("norm", {"hidden"});
  const plan::TensorIndex from = made.source("s", DType::U8, 30);
  const plan::TensorIndex into = made.target("d", DType::U8, 30);
  made.copy(t, {{0, 10}}, from, {0, {1}}, into, {0, {1}});
  made.copy(t, {{20, 30}}, from, {20, {1}}, into, {20, {1}});
  const Tile tile = lay_out_whole(made);
  CHECK(text(tile.reads) == "0:0+30x1");
  CHECK(text(tile.writes) == "~0:0+10x1 ~0:20+10x1");
  CHECK(text(lay_out_whole(made, {false, false}).writes) == "0:0+30x1");
}

}  // namespace recast::exec
