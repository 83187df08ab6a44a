#include "tests/support/reference/huggingface_reference.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace recast::reference {
namespace {

using Index = std::int64_t;

constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

std::string layer_stem(const Sizes& s, Index layer) {
  return (s.family == Family::Gpt2 ? "transformer.h." : "model.layers.") + std::to_string(layer) +
         ".";
}

std::string embed_name(const Sizes& s) {
  return s.family == Family::Gpt2 ? "transformer.wte.weight" : "model.embed_tokens.weight";
}

std::string final_norm_stem(const Sizes& s) {
  return s.family == Family::Gpt2 ? "transformer.ln_f" : "model.norm";
}

std::string norm_stem(const Sizes& s, Index layer, Norm which) {
  const bool attention = which == Norm::Attention;
  std::string tail = attention ? "input_layernorm" : "post_attention_layernorm";
  if (s.family == Family::Gpt2) tail = attention ? "ln_1" : "ln_2";
  if (s.family == Family::Apertus)
    tail = attention ? "attention_layernorm" : "feedforward_layernorm";
  return layer_stem(s, layer) + tail;
}

std::string attention_name(const Sizes& s, Index layer, const char* tail) {
  return layer_stem(s, layer) + (s.family == Family::Gpt2 ? "attn." : "self_attn.") + tail;
}

std::string mlp_name(const Sizes& s, Index layer, const std::string& tail) {
  return layer_stem(s, layer) + (s.family == Family::Mixtral ? "block_sparse_moe." : "mlp.") + tail;
}

std::string expert_name(const Sizes& s, Index layer, Index expert, const char* tail) {
  return mlp_name(s, layer, "experts." + std::to_string(expert) + "." + tail + ".weight");
}

}  // namespace

HuggingFaceReference::HuggingFaceReference(const Sizes& sizes) : s_(sizes) {
  add(Role::Embed, 0, embed_name(s_), {s_.vocab, s_.hidden});
  if (s_.positions > 0) add(Role::Position, 0, "transformer.wpe.weight", {s_.positions, s_.hidden});
  for (Index layer = 0; layer < s_.layers; ++layer) {
    const bool norms_first = s_.family == Family::Gpt2;
    const std::string attention_norm = norm_stem(s_, layer, Norm::Attention);
    const std::string mlp_norm = norm_stem(s_, layer, Norm::Mlp);
    if (norms_first) add_norm(Role::AttentionNorm, layer, attention_norm);
    add_attention(layer);
    if (norms_first) add_norm(Role::MlpNorm, layer, mlp_norm);
    if (s_.is_moe(layer)) {
      add_experts(layer);
    } else {
      add_mlp(layer);
    }
    if (!norms_first) add_norm(Role::AttentionNorm, layer, attention_norm);
    if (!norms_first) add_norm(Role::MlpNorm, layer, mlp_norm);
  }
  add_norm(Role::FinalNorm, 0, final_norm_stem(s_));
  if (!s_.tied) add(Role::Head, 0, "lm_head.weight", {s_.vocab, s_.hidden});
  if (s_.tied && s_.tied_head_stored) {
    ReferenceTensor copy = tensors_.front();
    copy.name = "lm_head.weight";
    first_.push_back(next_);
    aliases_.push_back(true);
    tensors_.push_back(std::move(copy));
  }
}

void HuggingFaceReference::add(Role role, Index unit, const std::string& name,
                               std::vector<Index> shape, Stored stored) {
  ReferenceTensor tensor{name, stored, std::move(shape), {}, {}};
  first_.push_back(next_);
  aliases_.push_back(false);
  for (Index i = 0; i < count_of(tensor.shape); ++i)
    tensor.origins.push_back({next_++, false});
  std::vector<std::size_t>& units = by_role_[role];
  units.resize(std::max(units.size(), static_cast<std::size_t>(unit) + 1), kAbsent);
  units[static_cast<std::size_t>(unit)] = tensors_.size();
  tensors_.push_back(std::move(tensor));
}

void HuggingFaceReference::add_constant(const std::string& name, float value) {
  first_.push_back(next_);
  aliases_.push_back(false);
  tensors_.push_back({name, Stored::Weight, {}, {}, value});
}

void HuggingFaceReference::add_norm(Role role, Index layer, const std::string& stem) {
  add(role, layer, stem + ".weight", {s_.hidden});
  const Role bias = role == Role::AttentionNorm ? Role::AttentionNormBias
                    : role == Role::MlpNorm     ? Role::MlpNormBias
                                                : Role::FinalNormBias;
  if (s_.norm_bias) add(bias, layer, stem + ".bias", {s_.hidden});
}

void HuggingFaceReference::add_attention(Index layer) {
  const Index q = s_.heads * s_.head_dim;
  const Index kv = s_.groups * s_.head_dim;
  const auto tensor = [&](Role role, const char* name, std::vector<Index> shape) {
    add(role, layer, attention_name(s_, layer, name), std::move(shape));
  };
  if (s_.family == Family::Gpt2) {
    tensor(Role::Fused, "c_attn.weight", {s_.hidden, q + 2 * kv});
    tensor(Role::FusedBias, "c_attn.bias", {q + 2 * kv});
    tensor(Role::Out, "c_proj.weight", {q, s_.hidden});
    tensor(Role::OutBias, "c_proj.bias", {s_.hidden});
    return;
  }
  tensor(Role::Query, "q_proj.weight", {q, s_.hidden});
  if (s_.qkv_bias) tensor(Role::QueryBias, "q_proj.bias", {q});
  tensor(Role::Key, "k_proj.weight", {kv, s_.hidden});
  if (s_.qkv_bias) tensor(Role::KeyBias, "k_proj.bias", {kv});
  tensor(Role::Value, "v_proj.weight", {kv, s_.hidden});
  if (s_.qkv_bias) tensor(Role::ValueBias, "v_proj.bias", {kv});
  tensor(Role::Out, "o_proj.weight", {s_.hidden, q});
  if (s_.out_bias) tensor(Role::OutBias, "o_proj.bias", {s_.hidden});
  if (s_.qk_norm) {
    tensor(Role::QueryNorm, "q_norm.weight", {s_.head_dim});
    tensor(Role::KeyNorm, "k_norm.weight", {s_.head_dim});
  }
}

void HuggingFaceReference::add_mlp(Index layer) {
  const auto tensor = [&](Role role, const char* name, std::vector<Index> shape) {
    add(role, layer, mlp_name(s_, layer, name), std::move(shape));
  };
  if (s_.family == Family::Gpt2) {
    tensor(Role::Up, "c_fc.weight", {s_.hidden, s_.ffn});
    tensor(Role::UpBias, "c_fc.bias", {s_.ffn});
    tensor(Role::Down, "c_proj.weight", {s_.ffn, s_.hidden});
    tensor(Role::DownBias, "c_proj.bias", {s_.hidden});
    return;
  }
  if (s_.gated) tensor(Role::Gate, "gate_proj.weight", {s_.ffn, s_.hidden});
  if (s_.gated && s_.mlp_bias) tensor(Role::GateBias, "gate_proj.bias", {s_.ffn});
  tensor(Role::Up, "up_proj.weight", {s_.ffn, s_.hidden});
  if (s_.mlp_bias) tensor(Role::UpBias, "up_proj.bias", {s_.ffn});
  tensor(Role::Down, "down_proj.weight", {s_.hidden, s_.ffn});
  if (s_.mlp_bias) tensor(Role::DownBias, "down_proj.bias", {s_.hidden});
  if (s_.xielu) {
    tensor(Role::AlphaP, "act_fn.alpha_p", {1});
    tensor(Role::AlphaN, "act_fn.alpha_n", {1});
    add_constant(mlp_name(s_, layer, "act_fn.beta"), 0.5F);
    add_constant(mlp_name(s_, layer, "act_fn.eps"), -1e-6F);
  }
}

void HuggingFaceReference::add_experts(Index layer) {
  const auto tensor = [&](Role role, const char* name, std::vector<Index> shape) {
    add(role, layer, mlp_name(s_, layer, name), std::move(shape));
  };
  tensor(Role::Router, "gate.weight", {s_.experts, s_.hidden});
  if (s_.router_bias)
    add(Role::RouterBias, layer, mlp_name(s_, layer, "gate.e_score_correction_bias"), {s_.experts},
        Stored::Float32);
  for (Index e = 0; e < s_.experts; ++e) {
    const auto expert = [&](Role role, const char* name, std::vector<Index> shape) {
      add(role, expert_unit(layer, e), expert_name(s_, layer, e, name), std::move(shape));
    };
    if (s_.family == Family::Mixtral) {
      expert(Role::ExpertGate, "w1", {s_.expert_ffn, s_.hidden});
      expert(Role::ExpertDown, "w2", {s_.hidden, s_.expert_ffn});
      expert(Role::ExpertUp, "w3", {s_.expert_ffn, s_.hidden});
    } else {
      expert(Role::ExpertGate, "gate_proj", {s_.expert_ffn, s_.hidden});
      expert(Role::ExpertUp, "up_proj", {s_.expert_ffn, s_.hidden});
      expert(Role::ExpertDown, "down_proj", {s_.hidden, s_.expert_ffn});
    }
  }
  if (s_.shared_ffn == 0) return;
  tensor(Role::SharedGate, "shared_expert.gate_proj.weight", {s_.shared_ffn, s_.hidden});
  tensor(Role::SharedUp, "shared_expert.up_proj.weight", {s_.shared_ffn, s_.hidden});
  tensor(Role::SharedDown, "shared_expert.down_proj.weight", {s_.hidden, s_.shared_ffn});
  if (s_.shared_gate) tensor(Role::SharedGateWeight, "shared_expert_gate.weight", {1, s_.hidden});
}

HuggingFaceReference::Place HuggingFaceReference::place_of(std::uint32_t ordinal) const {
  for (std::size_t i = 0; i < tensors_.size(); ++i)
    if (!aliases_[i] && ordinal >= first_[i] && ordinal < first_[i] + tensors_[i].origins.size())
      return {i, static_cast<Index>(ordinal - first_[i])};
  throw std::out_of_range("no such ordinal");
}

const ReferenceTensor& HuggingFaceReference::tensor(Role role, Index unit) const {
  const auto found = by_role_.find(role);
  const auto index = static_cast<std::size_t>(unit);
  if (found == by_role_.end() || index >= found->second.size() || found->second[index] == kAbsent)
    throw std::out_of_range("the reference model has no such tensor");
  return tensors_[found->second[index]];
}

std::uint32_t HuggingFaceReference::at(Role role, Index unit, Index index) const {
  return tensor(role, unit).origins.at(static_cast<std::size_t>(index)).ordinal;
}

std::uint32_t HuggingFaceReference::linear(Role role, Index unit, Index row, Index column) const {
  const Index width = tensor(role, unit).shape[1];
  const bool transposed = s_.family == Family::Gpt2;
  return at(role, unit, transposed ? column * width + row : row * width + column);
}

std::uint32_t HuggingFaceReference::embed(Index row, Index c) const {
  return at(Role::Embed, 0, row * s_.hidden + c);
}
std::uint32_t HuggingFaceReference::head(Index row, Index c) const {
  return s_.tied ? embed(row, c) : at(Role::Head, 0, row * s_.hidden + c);
}
std::uint32_t HuggingFaceReference::position(Index row, Index c) const {
  return at(Role::Position, 0, row * s_.hidden + c);
}
std::uint32_t HuggingFaceReference::final_norm(Part part, Index c) const {
  return at(part == Part::Weight ? Role::FinalNorm : Role::FinalNormBias, 0, c);
}
std::uint32_t HuggingFaceReference::norm(Index layer, Norm which, Part part, Index c) const {
  const bool weight = part == Part::Weight;
  if (which == Norm::Attention)
    return at(weight ? Role::AttentionNorm : Role::AttentionNormBias, layer, c);
  return at(weight ? Role::MlpNorm : Role::MlpNormBias, layer, c);
}

// One family keeps queries, keys and values of all heads side by side in one tensor.
std::uint32_t HuggingFaceReference::query(Index layer, Index a, Index j, Index c) const {
  const bool fused = s_.family == Family::Gpt2;
  return linear(fused ? Role::Fused : Role::Query, layer, a * s_.head_dim + j, c);
}
std::uint32_t HuggingFaceReference::key(Index layer, Index b, Index j, Index c) const {
  const Index row = b * s_.head_dim + j;
  if (s_.family == Family::Gpt2) return linear(Role::Fused, layer, s_.heads * s_.head_dim + row, c);
  return linear(Role::Key, layer, row, c);
}
std::uint32_t HuggingFaceReference::value(Index layer, Index b, Index j, Index c) const {
  const Index row = b * s_.head_dim + j;
  if (s_.family == Family::Gpt2)
    return linear(Role::Fused, layer, (s_.heads + s_.groups) * s_.head_dim + row, c);
  return linear(Role::Value, layer, row, c);
}
std::uint32_t HuggingFaceReference::query_bias(Index layer, Index a, Index j) const {
  const bool fused = s_.family == Family::Gpt2;
  return at(fused ? Role::FusedBias : Role::QueryBias, layer, a * s_.head_dim + j);
}
std::uint32_t HuggingFaceReference::key_bias(Index layer, Index b, Index j) const {
  const Index row = b * s_.head_dim + j;
  if (s_.family == Family::Gpt2) return at(Role::FusedBias, layer, s_.heads * s_.head_dim + row);
  return at(Role::KeyBias, layer, row);
}
std::uint32_t HuggingFaceReference::value_bias(Index layer, Index b, Index j) const {
  const Index row = b * s_.head_dim + j;
  if (s_.family == Family::Gpt2)
    return at(Role::FusedBias, layer, (s_.heads + s_.groups) * s_.head_dim + row);
  return at(Role::ValueBias, layer, row);
}
std::uint32_t HuggingFaceReference::out(Index layer, Index c, Index a, Index j) const {
  return linear(Role::Out, layer, c, a * s_.head_dim + j);
}
std::uint32_t HuggingFaceReference::out_bias(Index layer, Index c) const {
  return at(Role::OutBias, layer, c);
}
std::uint32_t HuggingFaceReference::query_norm(Index layer, Index j) const {
  return at(Role::QueryNorm, layer, j);
}
std::uint32_t HuggingFaceReference::key_norm(Index layer, Index j) const {
  return at(Role::KeyNorm, layer, j);
}

std::uint32_t HuggingFaceReference::gate(Index layer, Index f, Index c) const {
  return linear(Role::Gate, layer, f, c);
}
std::uint32_t HuggingFaceReference::up(Index layer, Index f, Index c) const {
  return linear(Role::Up, layer, f, c);
}
std::uint32_t HuggingFaceReference::down(Index layer, Index c, Index f) const {
  return linear(Role::Down, layer, c, f);
}
std::uint32_t HuggingFaceReference::gate_bias(Index layer, Index f) const {
  return at(Role::GateBias, layer, f);
}
std::uint32_t HuggingFaceReference::up_bias(Index layer, Index f) const {
  return at(Role::UpBias, layer, f);
}
std::uint32_t HuggingFaceReference::down_bias(Index layer, Index c) const {
  return at(Role::DownBias, layer, c);
}
std::uint32_t HuggingFaceReference::alpha_p(Index layer) const {
  return at(Role::AlphaP, layer, 0);
}
std::uint32_t HuggingFaceReference::alpha_n(Index layer) const {
  return at(Role::AlphaN, layer, 0);
}

std::uint32_t HuggingFaceReference::router(Index layer, Index expert, Index c) const {
  return linear(Role::Router, layer, expert, c);
}
std::uint32_t HuggingFaceReference::router_bias(Index layer, Index expert) const {
  return at(Role::RouterBias, layer, expert);
}
std::uint32_t HuggingFaceReference::expert_gate(Index layer, Index expert, Index f, Index c) const {
  return linear(Role::ExpertGate, expert_unit(layer, expert), f, c);
}
std::uint32_t HuggingFaceReference::expert_up(Index layer, Index expert, Index f, Index c) const {
  return linear(Role::ExpertUp, expert_unit(layer, expert), f, c);
}
std::uint32_t HuggingFaceReference::expert_down(Index layer, Index expert, Index c, Index f) const {
  return linear(Role::ExpertDown, expert_unit(layer, expert), c, f);
}
std::uint32_t HuggingFaceReference::shared_gate_weight(Index layer, Index c) const {
  return at(Role::SharedGateWeight, layer, c);
}
std::uint32_t HuggingFaceReference::shared_gate(Index layer, Index f, Index c) const {
  return linear(Role::SharedGate, layer, f, c);
}
std::uint32_t HuggingFaceReference::shared_up(Index layer, Index f, Index c) const {
  return linear(Role::SharedUp, layer, f, c);
}
std::uint32_t HuggingFaceReference::shared_down(Index layer, Index c, Index f) const {
  return linear(Role::SharedDown, layer, c, f);
}

std::vector<ReferenceTensor> hf_tensors(const Sizes& sizes) {
  return HuggingFaceReference(sizes).tensors();
}

}  // namespace recast::reference
