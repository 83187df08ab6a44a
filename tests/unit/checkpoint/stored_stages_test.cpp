#include "engine/checkpoint/stored_stages.hpp"

#include <doctest/doctest.h>

#include "tests/conversion/reference_checkpoint.hpp"

namespace recast::checkpoint {
namespace {

using Counts = std::vector<std::int64_t>;

/// Layers of two chunks in one file that holds these names.
Counts counts(const std::vector<std::string>& names) {
  DiagnosticSink sink;
  const auto rules = conversion::library().rule_set("llama", "megatron", sink);
  REQUIRE(rules);
  Opened opened;
  opened.framework = *rules;
  for (const char* dim : {"tp", "pp", "vpp", "ep", "etp"})
    opened.grid.set(dim, std::string_view(dim) == "vpp" ? 2 : 1);
  OpenedFile& file = opened.files.emplace_back();
  file.path = "mp_rank_00/model_optim_rng.pt";
  for (const std::string& name : names)
    file.catalog.tensors.emplace_back().name = name;
  const Counts out = stored_stages(NameTable(opened), *rules, opened.grid, sink);
  CHECK(!sink.has_errors());
  return out;
}

TEST_CASE("checkpoint/stored_stages: the last layer's number counts, in each chunk by itself") {
  CHECK(counts({}) == Counts{0, 0});
  CHECK(counts({"model0/decoder.layers.0.a", "model0/decoder.layers.11.a",
                "model0/decoder.layers.2.a", "model1/decoder.layers.4.a"}) == Counts{12, 5});
  // Older trees have more levels and other words.
  CHECK(counts({"model0/language_model/encoder/layers.2.a",
                "model1/language_model/transformer/layers.0.a"}) == Counts{3, 1});
}

TEST_CASE("checkpoint/stored_stages: other numbers in names are no layers") {
  for (const char* name :
       {"model0", "model0/", "model0/9", "model0decoder.layers.9", "model/decoder.layers.9.a",
        "model00/decoder.layers.9.a", "model0/decoder.layers.", "model0/decoder.layers.x9",
        "model0/decoder.layers.1000000.a", "model0/decoder.layers.99999999999999999999.a",
        "model0/x.decoder.layers.9.a", "model0/model0/decoder.layers.9.a"}) {
    CAPTURE(name);
    CHECK(counts({name, "model0/decoder.layers.1.mlp.experts.8.a"}) == Counts{2, 0});
  }
  CHECK(counts({"model0/decoder.layers.999999"}) == Counts{1'000'000, 0});
}

}  // namespace
}  // namespace recast::checkpoint
