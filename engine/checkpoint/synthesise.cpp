#include "engine/checkpoint/synthesise.hpp"

#include <algorithm>
#include <cstring>

#include "engine/base/byte_size.hpp"
#include "engine/checkpoint/parallel.hpp"
#include "engine/checkpoint/target_files.hpp"

namespace recast::checkpoint {
namespace {

constexpr std::size_t kBlock = 1 << 20;

/// splitmix64: every block has a seed of its own, so blocks can be made in any order.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// Random bits with sign and mantissa free and an exponent among those of 2^-9 … 2^-4 (in bf16 and
/// fp32; smaller in fp16).
void fill_block(std::span<std::byte> out, tensor::DType dtype, std::uint64_t seed) {
  const bool half = tensor::dtype_nbytes(dtype) == 2;
  std::uint64_t keep = 0, set = 0;
  if (dtype == tensor::DType::F32) {
    keep = 0x81ffffff81ffffffU;
    set = 0x3c0000003c000000U;
  } else if (dtype == tensor::DType::BF16) {
    keep = 0x81ff81ff81ff81ffU;
    set = 0x3c003c003c003c00U;
  } else {
    keep = half ? 0x8fff8fff8fff8fffU : 0x800fffffffffffffU;
    set = half ? 0x2000200020002000U : 0x3fb0000000000000U;
  }
  for (std::size_t i = 0; i < out.size(); i += 8) {
    const std::uint64_t word = (next(seed) & keep) | set;
    std::memcpy(out.data() + i, &word, std::min<std::size_t>(8, out.size() - i));
  }
}

}  // namespace

std::optional<Conversion> plan_synthetic(const rules::Library& library, const std::string& family,
                                         const std::string& framework, const rules::ValueMap& sizes,
                                         tensor::DType dtype, DiagnosticSink& sink) {
  auto rules = library.rule_set(family, framework, sink);
  if (!rules) return std::nullopt;
  Conversion out;
  out.rules = std::move(*rules);
  out.sizes = rules::settle_sizes(out.rules, sizes, nullptr, nullptr, sink);
  std::vector<std::string> unknown;
  std::vector<std::int64_t> extents = rules::axis_extents(out.rules, out.sizes, unknown, sink);
  for (const std::string& name : unknown)
    sink.add(make_diagnostic(Code::plan_size_unknown, cat("size '", name, "' is not known"))
                 .suggest(cat("give --set ", name, "=VALUE")));
  if (sink.has_errors()) return std::nullopt;
  for (const rules::MeshRule& dim : out.rules.dialect.mesh)
    out.grid.set(dim.name, 1);
  if (out.rules.dialect.stages)
    out.stages =
        rules::even_stages(out.rules, out.grid, extents[out.rules.dialect.stages->axis], sink);
  rules::ValueMap values = rules::grid_values(out.rules, out.sizes, out.grid, out.stages, extents);
  values["dtype"] = tensor::Value(tensor::dtype_name(dtype));
  out.live = rules::live_tensors(out.rules, rules::environment_of(values), sink);
  out.placement = rules::place(out.rules, out.sizes, out.grid, out.stages, extents, sink);
  for (std::size_t i = 0; i < out.placement.tensors.size(); ++i)
    if (out.placement.tensors[i].required)
      out.solution.plan.targets.push_back({out.placement.tensors[i].name, 0,
                                           static_cast<std::uint32_t>(i), dtype,
                                           out.placement.tensors[i].shape});
  std::vector<std::string> missing;
  tensor::Value config =
      rules::write_config(out.rules, rules::environment_of(values), nullptr, missing, sink);
  if (!missing.empty())
    sink.add(
        make_diagnostic(Code::plan_size_unknown, cat("size '", missing.front(), "' is not known")));
  if (sink.has_errors() || out.rules.dialect.weights.empty()) return std::nullopt;
  const Opened nothing;
  TargetFileWriter(out, values, nothing, false, sink)
      .write_weights(parse_byte_size(out.rules.dialect.max_shard_size).value_or(5'000'000'000),
                     std::move(config));
  if (sink.has_errors()) return std::nullopt;
  return out;
}

Result<Written> write_synthetic(io::FileSystem& files, const Conversion& conversion,
                                const std::string& folder, std::uint64_t seed) {
  const plan::Plan& plan = conversion.solution.plan;
  const auto fill = [&](const exec::Outputs& outputs) -> Result<exec::Outcome> {
    if (std::find(outputs.wants_crc.begin(), outputs.wants_crc.end(), true) !=
        outputs.wants_crc.end())
      return make_diagnostic(Code::format_cannot_write,
                             "made-up checkpoints are written without checksums only");
    struct Block {
      std::size_t tensor;
      std::uint64_t begin, nbytes;
    };
    std::vector<Block> blocks;
    exec::Outcome outcome;
    for (std::size_t i = 0; i < plan.targets.size(); ++i) {
      const std::uint64_t nbytes =
          static_cast<std::uint64_t>(tensor::element_count(plan.targets[i].shape)) *
          tensor::dtype_nbytes(plan.targets[i].dtype);
      outcome.bytes_written += nbytes;
      for (std::uint64_t at = 0; at < nbytes; at += kBlock)
        blocks.push_back({i, at, std::min<std::uint64_t>(kBlock, nbytes - at)});
    }
    std::vector<std::optional<Diagnostic>> errors(blocks.size());
    in_parallel(blocks.size(), [&](std::size_t b) {
      thread_local std::vector<std::byte> buffer(kBlock);
      const Block& block = blocks[b];
      const auto bytes = std::span(buffer).first(static_cast<std::size_t>(block.nbytes));
      fill_block(bytes, plan.targets[block.tensor].dtype, seed * 0x100000001b3U + b);
      const exec::TensorPlace& place = outputs.target_places[block.tensor];
      auto done = outputs.target_files[place.file]->write(place.byte_offset + block.begin, bytes);
      if (!done) errors[b] = std::move(done).error();
    });
    for (std::optional<Diagnostic>& error : errors)
      if (error) return std::move(*error);
    return outcome;
  };
  return write_files(files, conversion, folder, fill, nullptr);
}

}  // namespace recast::checkpoint
