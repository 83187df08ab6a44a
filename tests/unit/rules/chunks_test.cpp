#include "engine/rules/chunks.hpp"

#include "tests/unit/rules/rule_text.hpp"

namespace recast::rules {
namespace {

const char* const kModel = "sizes: {layers: integer}\naxes: {layer: layers}\ntensors: {t: layer}\n";

std::string print(const std::vector<ChunkFile>& files) {
  std::string out;
  for (const ChunkFile& file : files) {
    out += file.path + ":";
    for (const Chunk& chunk : file.chunks) {
      out += " " + chunk.root + "=" + std::to_string(chunk.stage);
      for (const auto& [name, index] : chunk.at)
        out += " " + name + std::to_string(index);
    }
    out += "\n";
  }
  return out;
}

TEST_CASE(
    "rules/chunks: files by the dimensions in their name, chunks by those in the root, stages in "
    "the order of layers") {
  const RuleSet rules = rule_set_of(kModel,
                                    "container: torch\nfile: \"r{tp}[_{pp} if pp.size > "
                                    "1]\"\nroot: \"m[{vpp} if vpp.size > 1]\"\n"
                                    "mesh: {tp: {size: 1}, pp: {size: 1}, vpp: {size: 1}, half: "
                                    "{size: 1, index: tp mod half.size}}\n"
                                    "stages: {axis: layer, over: [vpp, pp]}\n");
  Grid grid;
  grid.set("tp", 2);
  grid.set("pp", 2);
  grid.set("vpp", 2);
  grid.set("half", 1);
  DiagnosticSink sink;
  CHECK(chunk_count(rules.dialect, grid) == 4);
  CHECK(print(list_chunks(rules.dialect, grid, sink)) ==
        "r0_0: m0=0 tp0 pp0 vpp0 half0 m1=2 tp0 pp0 vpp1 half0\n"
        "r1_0: m0=0 tp1 pp0 vpp0 half0 m1=2 tp1 pp0 vpp1 half0\n"
        "r0_1: m0=1 tp0 pp1 vpp0 half0 m1=3 tp0 pp1 vpp1 half0\n"
        "r1_1: m0=1 tp1 pp1 vpp0 half0 m1=3 tp1 pp1 vpp1 half0\n");
  grid.set("pp", 1);
  grid.set("vpp", 1);
  grid.set("half", 2);
  CHECK(print(list_chunks(rules.dialect, grid, sink)) ==
        "r0: m=0 tp0 pp0 vpp0 half0\nr1: m=0 tp1 pp0 vpp0 half1\n");
  CHECK(text_of(sink) == "");
}

TEST_CASE("rules/chunks: a grid is listed up to a number that no run has had") {
  const RuleSet rules =
      rule_set_of(kModel,
                  "container: torch\nfile: \"r{tp}\"\nroot: \"m/x{vpp}\"\nmesh: "
                  "{tp: {size: 1}, vpp: {size: 1}, half: {size: 1, index: tp}}\n");
  Grid grid;
  grid.set("tp", kMostChunks / 2);
  grid.set("vpp", 2);
  grid.set("half", kMostChunks);  // follows from tp
  CHECK(chunks_can_be_listed(rules.dialect, grid));
  grid.set("vpp", 3);
  CHECK_FALSE(chunks_can_be_listed(rules.dialect, grid));
  grid.set("tp", INT64_MAX);
  CHECK_FALSE(chunks_can_be_listed(rules.dialect, grid));
  grid.set("tp", 1);
  DiagnosticSink sink;
  CHECK(chunk_entries(rules.dialect, grid, sink) == std::set<std::string>{"m"});
}

TEST_CASE("rules/chunks: without a file template there is one file without a name") {
  const RuleSet rules = rule_set_of(kModel, "weights: []\n");
  DiagnosticSink sink;
  CHECK(print(list_chunks(rules.dialect, {}, sink)) == ": =0\n");
  CHECK(chunk_count(rules.dialect, {}) == 1);
}

TEST_CASE("rules/grid: how layers lie is told in the words that configurations use") {
  const RuleSet rules = rule_set_of(
      kModel, "mesh: {pp: {size: 1}, vpp: {size: 1}}\nstages: {axis: layer, over: [vpp, pp]}\n");
  struct Row {
    std::int64_t pp, vpp;
    std::vector<std::int64_t> counts;
    const char* said;
  };
  const Row rows[] = {{2, 1, {3, 3}, "even true first null last null listed false"},
                      {3, 1, {1, 3, 2}, "even false first 1 last 2 listed false"},
                      {4, 1, {1, 3, 3, 2}, "even false first 1 last 2 listed false"},
                      {4, 1, {1, 3, 2, 2}, "even false first null last null listed true"},
                      {3, 2, {1, 2, 1, 1, 2, 1}, "even false first 2 last 2 listed false"},
                      {3, 2, {1, 2, 1, 1, 2, 2}, "even false first null last null listed true"}};
  for (const Row& row : rows) {
    CAPTURE(row.said);
    Grid grid;
    grid.set("pp", row.pp);
    grid.set("vpp", row.vpp);
    const ValueMap values = grid_values(rules, {}, grid, {row.counts}, {0});
    std::string said;
    for (const char* name : {"even", "first", "last", "listed"})
      said += (said.empty() ? "" : " ") + std::string(name) + " " +
              tensor::print(values.find(std::string("stages.") + name)->second);
    CHECK(said == row.said);
  }
}

}  // namespace
}  // namespace recast::rules
