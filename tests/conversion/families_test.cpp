// Dense families in every age of names, on several grids, from one framework to the other and back.

#include <doctest/doctest.h>

#include "tests/conversion/model_config.hpp"
#include "tests/conversion/reference_checkpoint.hpp"

namespace recast::conversion {
namespace {

using reference::Family;
using reference::Grid;
using reference::Names;
using reference::Sizes;
using support::MemoryFileSystem;
using tensor::Value;

constexpr Family kFamilies[] = {Family::Llama, Family::Gpt2, Family::Apertus, Family::Qwen2,
                                Family::Qwen3};

const char* word_of(Family family) {
  switch (family) {
    case Family::Llama:
      return "llama";
    case Family::Gpt2:
      return "gpt2";
    case Family::Apertus:
      return "apertus";
    case Family::Qwen2:
      return "qwen2";
    default:
      return "qwen3";
  }
}

bool is_legacy(const Grid& grid) {
  return grid.names == Names::Legacy || grid.names == Names::OlderLegacy;
}

checkpoint::TargetOptions options_for(const Grid& grid) {
  checkpoint::TargetOptions out = to_megatron(grid);
  out.set["names"] = Value(is_legacy(grid) ? "legacy" : "core");
  if (!is_legacy(grid)) return out;
  const bool older = grid.names == Names::OlderLegacy;
  out.set["checkpoint_version"] = Value(static_cast<double>(grid.qkv_version));
  out.set["legacy.stack"] = Value(older ? "transformer/" : "encoder/");
  out.set["legacy.attention"] = Value(older ? "attention" : "self_attention");
  out.set["legacy.norm"] = Value(older ? "layernorm" : "norm");
  return out;
}

struct Case {
  Sizes sizes;
  Grid grid;
};

std::vector<Case> cases() {
  std::vector<Case> out;
  struct Topology {
    std::int64_t tp, pp, vpp;
  };
  for (const Family family : kFamilies)
    for (const Names names :
         {Names::Local, Names::TransformerEngine, Names::Legacy, Names::OlderLegacy})
      for (const Topology at : {Topology{1, 1, 1}, Topology{2, 2, 3}, Topology{4, 3, 1}}) {
        Case one{reference::tiny(family), {}};
        one.grid.names = names;
        one.grid.tp = at.tp;
        one.grid.pp = at.pp;
        one.grid.vpp = at.vpp;
        one.grid.vocab_divisor = 3;
        if (is_legacy(one.grid) && one.sizes.qk_norm) continue;  // these models had none
        out.push_back(one);
        if (!is_legacy(one.grid) || family != Family::Gpt2) continue;
        for (const std::int64_t version : {0, 1, 2}) {
          out.push_back(one);
          out.back().grid.qkv_version = version;
        }
      }
  Case old{reference::tiny(Family::Llama), {}};  // the old orders know one key head per query head
  old.sizes.groups = old.sizes.heads;
  old.grid.names = Names::Legacy;
  old.grid.tp = 4;
  for (const std::int64_t version : {0, 1}) {
    old.grid.qkv_version = version;
    out.push_back(old);
  }
  return out;
}

TEST_CASE("conversion/families: every element lies where both frameworks keep it, and comes back") {
  for (const Case& each : cases()) {
    CAPTURE(std::string(word_of(each.sizes.family)));
    CAPTURE(static_cast<int>(each.grid.names));
    CAPTURE(each.grid.tp);
    CAPTURE(each.grid.qkv_version);
    MemoryFileSystem disk;
    put_huggingface(disk, "hf", each.sizes, config_json(each.sizes));
    REQUIRE(convert(disk, "hf", "megatron", options_for(each.grid)) == "");
    CHECK(difference_to_megatron(disk, "megatron", each.sizes, each.grid) == "");
    REQUIRE(convert(disk, "megatron", "back", to_huggingface()) == "");
    CHECK(difference_to_huggingface(disk, "back", each.sizes) == "");
  }
}

TEST_CASE(
    "conversion/families: one topology and one age of names become another without a detour") {
  for (const Family family : {Family::Llama, Family::Gpt2, Family::Qwen2}) {
    CAPTURE(std::string(word_of(family)));
    const Sizes sizes = reference::tiny(family);
    Grid old, now;
    old.names = Names::OlderLegacy;
    old.tp = 2;
    old.vocab_divisor = now.vocab_divisor = 3;
    old.qkv_version = family == Family::Gpt2 ? 0 : 3;
    now.names = Names::TransformerEngine;
    now.tp = 4;
    now.pp = 2;
    MemoryFileSystem disk;
    put_huggingface(disk, "hf", sizes, config_json(sizes));
    REQUIRE(convert(disk, "hf", "old", options_for(old)) == "");
    REQUIRE(convert(disk, "old", "now", options_for(now)) == "");
    CHECK(difference_to_megatron(disk, "now", sizes, now) == "");
    REQUIRE(convert(disk, "now", "old again", options_for(old)) == "");
    CHECK(difference_to_megatron(disk, "old again", sizes, old) == "");
  }
}

TEST_CASE("conversion/families: older names cannot hold what their models did not have") {
  struct Row {
    std::int64_t tp, version;
    const char* theta;
    const char* message;
  };
  for (const Row& row :
       {Row{1, 3, "500000.0",
            "plan.refused: models from before Megatron-Core have a fixed rotary base of 10000 "
            "(rotary_base)\n"},
        Row{8, 3, "10000.0",
            "plan.refused: models from before Megatron-Core (names) need at least one query group "
            "per tensor rank\n"},
        Row{1, 1, "10000.0",
            "plan.refused: a checkpoint_version below 2 has no grouped queries\n"}}) {
    const Sizes sizes = reference::tiny(Family::Llama);
    std::string config = config_json(sizes);
    config.replace(config.find("10000.0"), 7, row.theta);
    Grid grid;
    grid.names = Names::Legacy;
    grid.tp = row.tp;
    grid.qkv_version = row.version;
    MemoryFileSystem disk;
    put_huggingface(disk, "hf", sizes, config);
    CHECK(convert(disk, "hf", "megatron", options_for(grid)) == row.message);
  }
}

TEST_CASE("conversion/families: a GPT-2 that its configuration cannot say is not written") {
  struct Row {
    std::int64_t groups, head_dim;
    const char* message;
  };
  for (const Row& row :
       {Row{4, 3, "plan.refused: GPT2LMHeadModel has no grouped keys and values (groups)\n"},
        Row{8, 5, "plan.refused: GPT2LMHeadModel has no size of a head of its own (head_dim)\n"}}) {
    Sizes sizes = reference::tiny(Family::Gpt2);
    sizes.groups = row.groups;
    sizes.head_dim = row.head_dim;
    checkpoint::TargetOptions options = to_megatron(Grid{});
    options.set["groups"] = Value(row.groups);
    options.set["head_dim"] = Value(row.head_dim);
    MemoryFileSystem disk;
    put_huggingface(disk, "hf", sizes, config_json(sizes));
    REQUIRE(convert(disk, "hf", "megatron", options) == "");
    CHECK(difference_to_megatron(disk, "megatron", sizes, Grid{}) == "");
    CHECK(convert(disk, "megatron", "back", to_huggingface()) == row.message);
  }
}

}  // namespace
}  // namespace recast::conversion
