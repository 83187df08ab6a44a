#pragma once
// A checkpoint made from sizes alone, with random values: for demonstrations and measurements,
// where zeros would flatter.

#include "engine/checkpoint/target.hpp"
#include "engine/checkpoint/write.hpp"

namespace recast::checkpoint {

/// The files of a model of `family` in `framework` on one rank, by its sizes. `dtype` is that of
/// every tensor. Codes: plan.size-unknown, rule.*, layout.*, expr.*.
std::optional<Conversion> plan_synthetic(const rules::Library& library, const std::string& family,
                                         const std::string& framework, const rules::ValueMap& sizes,
                                         tensor::DType dtype, DiagnosticSink& sink);

/// Random finite values of both signs between 2^-9 and 2^-4, the same for the same seed. Containers
/// that want checksums are not served (format.cannot-write). Codes: io.*.
Result<Written> write_synthetic(io::FileSystem& files, const Conversion& conversion,
                                const std::string& folder, std::uint64_t seed);

}  // namespace recast::checkpoint
