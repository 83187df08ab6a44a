#include "tests/mutation/family_trials.hpp"

#include <stdexcept>

namespace recast::mutation {
namespace {

using reference::Experts;
using reference::Family;
using reference::Names;
using reference::Sizes;

/// layer 2, group 4, rep 3, dim 5, hidden 7, ffn 8, vocab 13.
Sizes small(Family family) {
  Sizes sizes = reference::tiny(family);
  sizes.layers = 2;
  sizes.groups = 4;
  sizes.heads = 12;
  sizes.head_dim = 5;
  sizes.hidden = 7;
  sizes.ffn = 8;
  sizes.vocab = 13;
  sizes.tied = false;
  return sizes;
}

Sizes tied(Sizes sizes) {
  sizes.tied = true;
  return sizes;
}

Form huggingface() {
  return {};
}

Form megatron(std::int64_t tp, std::int64_t pp, Names names) {
  Form out;
  out.megatron = true;
  out.grid.tp = tp;
  out.grid.pp = pp;
  out.grid.names = names;
  out.grid.vocab_divisor = 3;
  return out;
}

Form legacy(std::int64_t tp, std::int64_t pp, std::int64_t version, bool engine = false) {
  Form out = megatron(tp, pp, Names::Legacy);
  out.grid.qkv_version = version;
  out.legacy_engine = engine;
  return out;
}

Form experts(std::int64_t tp, std::int64_t ep, std::int64_t etp, Experts experts, Names names) {
  Form out = megatron(tp, 1, names);
  out.grid.ep = ep;
  out.grid.etp = etp;
  out.grid.experts = experts;
  return out;
}

std::vector<Trial> llama() {
  Sizes model = small(Family::Llama);
  model.layers = 4;  // two stages of two chunks
  model.groups = 2;
  Sizes stored = tied(model);
  stored.tied_head_stored = true;
  Sizes ungrouped = model;
  ungrouped.heads = ungrouped.groups = 6;
  Form chunks = megatron(2, 2, Names::TransformerEngine);
  chunks.grid.vpp = 2;
  return {{model, huggingface(), chunks, {}},
          {tied(model), huggingface(), megatron(4, 2, Names::Local), {}},  // less groups than ranks
          {tied(model), huggingface(), megatron(1, 1, Names::Local), {}},
          {model, megatron(4, 1, Names::TransformerEngine), huggingface(), {}},
          {tied(model), megatron(2, 2, Names::Local), huggingface(), {}},
          {stored, huggingface(), megatron(2, 1, Names::Local), {}},
          {model, huggingface(), legacy(2, 2, 3), {}},
          {tied(model), huggingface(), legacy(2, 2, 3, true), {}},
          {tied(model), huggingface(), legacy(1, 1, 3), {}},
          {model, legacy(1, 1, 3, true), huggingface(), {}},
          {tied(model), legacy(2, 2, 3), huggingface(), {}},
          {ungrouped, huggingface(), legacy(2, 1, 1), {}},
          {ungrouped, huggingface(), legacy(2, 1, 0), {}},
          {ungrouped, huggingface(), legacy(2, 1, 1, true), {}},
          {ungrouped, huggingface(), legacy(2, 1, 0, true), {}},
          {ungrouped, legacy(2, 1, 0), huggingface(), {}}};
}

std::vector<Trial> mixtral() {
  Sizes model = small(Family::Mixtral);
  model.experts = 6;
  model.expert_ffn = 8;
  Sizes shared = model;
  shared.shared_ffn = 16;
  shared.shared_gate = true;
  shared.router_bias = true;
  Sizes ungated = shared;
  ungated.shared_gate = ungated.router_bias = false;
  Sizes alone = model;  // a gate without shared experts is none
  alone.shared_gate = alone.router_bias = true;
  Form stacked = huggingface();
  stacked.stacked = true;
  const Names engine = Names::TransformerEngine;
  const Form sequential = experts(2, 2, 2, Experts::Sequential, engine);
  Form part = experts(4, 2, 2, Experts::Sequential, Names::Local);
  part.grid.pp = 2;
  Form each = experts(2, 2, 1, Experts::TeGrouped, engine);
  each.grid.pp = 2;
  const Form single = experts(2, 2, 2, Experts::TeGroupedSingle, engine);
  const Form grouped = experts(2, 2, 2, Experts::Grouped, Names::Local);
  const Form dynamic = experts(2, 2, 2, Experts::Dynamic, engine);
  const Form transposed = experts(2, 2, 2, Experts::DynamicTransposed, Names::Local);
  const Form split = experts(2, 2, 2, Experts::DynamicSplit, Names::Local);
  const Form both = experts(2, 2, 2, Experts::DynamicSplitTransposed, Names::Local);
  const auto as_if = [](bool fused, bool permuted) {
    return rules::ValueMap{{"experts_fused", tensor::Value(fused)},
                           {"experts_permuted", tensor::Value(permuted)}};
  };
  return {{shared, part, sequential, {}},
          {model, huggingface(), each, {}},
          {model, huggingface(), single, {}},
          {model, huggingface(), grouped, {}},
          {model, huggingface(), dynamic, {}},
          {model, huggingface(), transposed, {}},
          {model, huggingface(), split, {}},
          {model, huggingface(), both, {}},
          {model, part, huggingface(), {}},
          {model, sequential, stacked, {}},
          {model, stacked, part, {}},
          {ungated, sequential, part, {}},
          {alone, sequential, part, {}},
          {model, each, huggingface(), {}},
          {model, single, huggingface(), {}},
          {model, grouped, huggingface(), {}},
          {model, dynamic, huggingface(), {}},
          {model, transposed, huggingface(), {}},
          {model, split, huggingface(), {}},
          {model, both, huggingface(), {}},
          // What is said of dynamic experts says nothing of others.
          {model, huggingface(), sequential, as_if(true, false)},
          {model, huggingface(), sequential, as_if(false, true)},
          {model, huggingface(), sequential, as_if(false, false)}};
}

/// layer 2, group 4, rep 1, dim 3, hidden 12, ffn 8, vocab 13, position 9.
std::vector<Trial> gpt2() {
  Sizes model = small(Family::Gpt2);
  model.heads = model.groups;
  model.head_dim = 3;
  model.hidden = 12;
  model.positions = 9;
  Form bare = huggingface();
  bare.bare = true;
  Sizes stored = tied(model);
  stored.tied_head_stored = true;
  // Nothing in its configuration can say so, and yet the rules hold for grouped queries too.
  Sizes grouped = model;
  grouped.heads = 12;
  const rules::ValueMap groups = {{"groups", tensor::Value(4)}, {"head_dim", tensor::Value(3)}};
  Form older = legacy(2, 1, 3);
  older.grid.names = Names::OlderLegacy;
  return {{tied(model), huggingface(), megatron(2, 2, Names::TransformerEngine), {}},
          {model, huggingface(), megatron(2, 1, Names::Local), {}},
          {model, megatron(2, 2, Names::Local), huggingface(), {}},
          {tied(model), megatron(2, 1, Names::TransformerEngine), bare, {}},
          {tied(model), huggingface(), legacy(2, 2, 3), {}},
          {model, bare, legacy(2, 1, 1), {}},
          {tied(model), huggingface(), legacy(2, 1, 0), {}},
          {tied(model), huggingface(), legacy(2, 2, 3, true), {}},
          {model, huggingface(), legacy(2, 1, 1, true), {}},
          {model, huggingface(), legacy(2, 1, 0, true), {}},
          {tied(model), older, huggingface(), {}},
          {model, legacy(2, 1, 0), huggingface(), {}},
          {model, legacy(2, 1, 1, true), huggingface(), {}},
          {stored, huggingface(), megatron(1, 1, Names::Local), {}},
          {grouped, huggingface(), megatron(1, 1, Names::Local), groups}};
}

std::vector<Trial> apertus() {
  const Sizes model = small(Family::Apertus);
  Form flat = megatron(2, 1, Names::Local);
  flat.grid.scalars_0d = true;
  Form scalars = huggingface();
  scalars.other_scalars = true;
  return {{model, huggingface(), megatron(2, 2, Names::TransformerEngine), {}},
          {tied(model), huggingface(), megatron(2, 1, Names::Local), {}},
          {model, megatron(2, 1, Names::TransformerEngine), huggingface(), {}},
          {model, flat, huggingface(), {}},
          {model, scalars, megatron(2, 1, Names::Local), {}}};
}

std::vector<Trial> qwen(Family family) {
  Sizes model = small(family);
  model.layers = 4;
  model.groups = 2;
  std::vector<Trial> out = {
      {model, huggingface(), megatron(2, 2, Names::TransformerEngine), {}},
      {tied(model), huggingface(), megatron(4, 1, Names::Local), {}},  // less groups than ranks
      {model, megatron(4, 1, Names::Local), huggingface(), {}},
      {tied(model), megatron(2, 2, Names::TransformerEngine), huggingface(), {}}};
  if (family == Family::Qwen3) return out;  // models before Megatron-Core had no such norms
  out.push_back({model, huggingface(), legacy(2, 1, 3), {}});
  out.push_back({model, huggingface(), legacy(2, 1, 3, true), {}});
  return out;
}

}  // namespace

const std::vector<std::string>& families() {
  static const std::vector<std::string> all = {"llama",   "mixtral", "gpt2",
                                               "apertus", "qwen2",   "qwen3"};
  return all;
}

std::vector<Trial> trials_of(const std::string& family) {
  if (family == "llama") return llama();
  if (family == "mixtral") return mixtral();
  if (family == "gpt2") return gpt2();
  if (family == "apertus") return apertus();
  if (family == "qwen2") return qwen(Family::Qwen2);
  if (family == "qwen3") return qwen(Family::Qwen3);
  throw std::invalid_argument("no trials for " + family);
}

}  // namespace recast::mutation
