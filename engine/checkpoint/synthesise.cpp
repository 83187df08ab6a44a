#include "engine/checkpoint/synthesise.hpp"

#include <algorithm>
#include <cstring>

#include "engine/base/byte_size.hpp"
#include "engine/checkpoint/parallel.hpp"
#include "engine/checkpoint/target_files.hpp"
#include "engine/exec/element.hpp"

namespace recast::checkpoint {
namespace {

constexpr std::size_t kBlock = 1 << 20;
constexpr std::uint32_t kNotWritten = UINT32_MAX;

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

/// Elements that are a constant of the family, as fills of the plan's tensors.
void plan_constants(Conversion& out, const std::vector<std::uint32_t>& target_of,
                    DiagnosticSink& sink) {
  for (const rules::Region& region : out.placement.regions) {
    const auto& value = out.rules.tensors[static_cast<std::size_t>(region.label)].value;
    if (!value || target_of[region.tensor] == kNotWritten) continue;
    const auto constant = lang::evaluate(*value, rules::environment_of(out.sizes.values));
    if (!constant) {
      sink.add(constant.error());
      continue;
    }
    plan::Fill fill;
    fill.into = target_of[region.tensor];
    fill.logical = static_cast<std::uint32_t>(region.label);
    fill.into_offset = region.offset;
    fill.box = region.box;
    fill.into_stride = region.stride;
    if (const auto* number = constant->get_if<double>()) fill.value = *number;
    if (const auto* integer = constant->get_if<std::int64_t>())
      fill.value = static_cast<double>(*integer);
    out.solution.plan.fills.push_back(fill);
  }
}

/// Constants are scalars of a layer: one write each.
Result<void> write_constant(const plan::Fill& fill, tensor::DType dtype,
                            const exec::TensorPlace& place, io::OutputFile& file) {
  const auto element = exec::encode_element(dtype, fill.value);
  if (!element)
    return make_diagnostic(Code::plan_cannot_cast,
                           cat("a constant has no value as ", tensor::dtype_name(dtype)));
  const std::size_t nbytes = tensor::dtype_nbytes(dtype);
  const std::int64_t count = tensor::volume(fill.box);
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t at = fill.into_offset, rest = i;
    for (std::size_t axis = fill.box.rank; axis-- > 0; rest /= fill.box.extent[axis])
      at += rest % fill.box.extent[axis] * fill.into_stride[axis];
    RECAST_TRY(file.write(place.byte_offset + static_cast<std::uint64_t>(at) * nbytes,
                          std::span(*element).first(nbytes)));
  }
  return {};
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
  if (!unknown.empty())
    sink.add(rules::unknown_sizes(out.rules, unknown, "the tensors need sizes that are not given"));
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
  std::vector<std::uint32_t> target_of(out.placement.tensors.size(), kNotWritten);
  for (std::size_t i = 0; i < out.placement.tensors.size(); ++i) {
    if (!out.placement.tensors[i].required) continue;
    target_of[i] = static_cast<std::uint32_t>(out.solution.plan.targets.size());
    out.solution.plan.targets.push_back({out.placement.tensors[i].name, 0,
                                         static_cast<std::uint32_t>(i), dtype,
                                         out.placement.tensors[i].shape});
  }
  plan_constants(out, target_of, sink);
  std::vector<std::string> missing;
  tensor::Value config =
      rules::write_config(out.rules, rules::environment_of(values), nullptr, missing, sink);
  if (!missing.empty())
    sink.add(rules::unknown_sizes(out.rules, missing,
                                  "the configuration needs sizes that are not given"));
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
    for (const plan::Fill& constant : plan.fills) {
      const exec::TensorPlace& place = outputs.target_places[constant.into];
      RECAST_TRY(write_constant(constant, plan.targets[constant.into].dtype, place,
                                *outputs.target_files[place.file]));
    }
    return outcome;
  };
  return write_files(files, conversion, folder, fill, nullptr);
}

}  // namespace recast::checkpoint
