#include "tests/support/reference/huggingface_reference.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace recast::reference {
namespace {

std::string tensors_of(Sizes sizes) {
  sizes.layers = 1;
  std::string out;
  for (const ReferenceTensor& tensor : hf_tensors(sizes)) {
    out += tensor.name + " [";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
      out += (i == 0 ? "" : " ") + std::to_string(tensor.shape[i]);
    out += "]\n";
  }
  return out;
}

TEST_CASE("reference/payload: every ordinal has bits of its own, finite and of moderate size") {
  std::vector<std::uint32_t> bits;
  for (std::uint32_t i = 0; i < (1U << 20); ++i)
    bits.push_back(payload_of(i));
  CHECK(std::all_of(bits.begin(), bits.end(), [](std::uint32_t b) {
    const float magnitude = std::fabs(std::bit_cast<float>(b));
    return magnitude >= 0x1p-8F && magnitude < 0x1p8F;
  }));
  std::sort(bits.begin(), bits.end());
  CHECK(std::adjacent_find(bits.begin(), bits.end()) == bits.end());
  CHECK_THROWS_AS(payload_of(1U << 28), std::out_of_range);
}

TEST_CASE("reference/payload: a constant has the same bits everywhere") {
  ReferenceTensor tensor;
  tensor.shape = {2};
  tensor.constant = 0.5F;
  CHECK(payload_of(tensor) == std::vector<std::uint32_t>{0x3F000000U, 0x3F000000U});
}

TEST_CASE("reference/huggingface: tensors stand in the order in which modules are registered") {
  CHECK(tensors_of(tiny(Family::Qwen2)) ==
        "model.embed_tokens.weight [50 20]\n"
        "model.layers.0.self_attn.q_proj.weight [80 20]\n"
        "model.layers.0.self_attn.q_proj.bias [80]\n"
        "model.layers.0.self_attn.k_proj.weight [40 20]\n"
        "model.layers.0.self_attn.k_proj.bias [40]\n"
        "model.layers.0.self_attn.v_proj.weight [40 20]\n"
        "model.layers.0.self_attn.v_proj.bias [40]\n"
        "model.layers.0.self_attn.o_proj.weight [20 80]\n"
        "model.layers.0.mlp.gate_proj.weight [24 20]\n"
        "model.layers.0.mlp.up_proj.weight [24 20]\n"
        "model.layers.0.mlp.down_proj.weight [20 24]\n"
        "model.layers.0.input_layernorm.weight [20]\n"
        "model.layers.0.post_attention_layernorm.weight [20]\n"
        "model.norm.weight [20]\n");
  CHECK(tensors_of(tiny(Family::Gpt2)) ==
        "transformer.wte.weight [50 24]\n"
        "transformer.wpe.weight [14 24]\n"
        "transformer.h.0.ln_1.weight [24]\n"
        "transformer.h.0.ln_1.bias [24]\n"
        "transformer.h.0.attn.c_attn.weight [24 72]\n"
        "transformer.h.0.attn.c_attn.bias [72]\n"
        "transformer.h.0.attn.c_proj.weight [24 24]\n"
        "transformer.h.0.attn.c_proj.bias [24]\n"
        "transformer.h.0.ln_2.weight [24]\n"
        "transformer.h.0.ln_2.bias [24]\n"
        "transformer.h.0.mlp.c_fc.weight [24 32]\n"
        "transformer.h.0.mlp.c_fc.bias [32]\n"
        "transformer.h.0.mlp.c_proj.weight [32 24]\n"
        "transformer.h.0.mlp.c_proj.bias [24]\n"
        "transformer.ln_f.weight [24]\n"
        "transformer.ln_f.bias [24]\n");
}

TEST_CASE(
    "reference/huggingface: the elements of all tensors are numbered through and found again") {
  for (const Family family : {Family::Llama, Family::Mixtral, Family::Gpt2, Family::Apertus,
                              Family::Qwen2, Family::Qwen3, Family::QwenMoe}) {
    const HuggingFaceReference hf(tiny(family));
    std::uint32_t next = 0;
    std::set<std::string> names;
    bool found = true;
    for (std::size_t t = 0; t < hf.tensors().size(); ++t) {
      const ReferenceTensor& tensor = hf.tensors()[t];
      names.insert(tensor.name);
      for (std::size_t i = 0; i < tensor.origins.size(); ++i) {
        const auto place = hf.place_of(next);
        found = found && tensor.origins[i].ordinal == next++ && place.tensor == t &&
                place.index == static_cast<std::int64_t>(i);
      }
    }
    CHECK(found);
    CHECK(names.size() == hf.tensors().size());
    CHECK_THROWS_AS(hf.place_of(next), std::out_of_range);
  }
}

TEST_CASE("reference/huggingface: one family keeps its maps transposed and three of them in one") {
  const Sizes s = tiny(Family::Gpt2);  // hidden 24, 8 heads of 3
  const HuggingFaceReference hf(s);
  const auto place = [&](std::uint32_t ordinal) {
    const auto at = hf.place_of(ordinal);
    return hf.tensors()[at.tensor].name + " " + std::to_string(at.index);
  };
  CHECK(place(hf.query(1, 2, 1, 5)) ==
        "transformer.h.1.attn.c_attn.weight " + std::to_string(5 * 72 + 7));
  CHECK(place(hf.key(1, 2, 1, 5)) ==
        "transformer.h.1.attn.c_attn.weight " + std::to_string(5 * 72 + 24 + 7));
  CHECK(place(hf.value(1, 2, 1, 5)) ==
        "transformer.h.1.attn.c_attn.weight " + std::to_string(5 * 72 + 48 + 7));
  CHECK(place(hf.value_bias(1, 2, 1)) == "transformer.h.1.attn.c_attn.bias 55");
  CHECK(place(hf.out(1, 5, 2, 1)) ==
        "transformer.h.1.attn.c_proj.weight " + std::to_string(7 * 24 + 5));
  CHECK(place(hf.up(1, 4, 5)) == "transformer.h.1.mlp.c_fc.weight " + std::to_string(5 * 32 + 4));
  CHECK(place(hf.down(1, 5, 4)) ==
        "transformer.h.1.mlp.c_proj.weight " + std::to_string(4 * 24 + 5));
  CHECK(place(hf.head(3, 4)) == "transformer.wte.weight " + std::to_string(3 * 24 + 4));
}

TEST_CASE("reference/huggingface: what the model does not have is an error, not another element") {
  const HuggingFaceReference hf(tiny(Family::Llama));
  CHECK_THROWS_AS(hf.router(0, 0, 0), std::out_of_range);
  CHECK_THROWS_AS(hf.query_bias(0, 0, 0), std::out_of_range);
  CHECK_THROWS_AS(hf.norm(6, Norm::Mlp, Part::Weight, 0), std::out_of_range);
}

}  // namespace
}  // namespace recast::reference
