#pragma once
// Tensors that each rank keeps for itself and that are no part of the model: counters, statistics.
// They go along where every rank of the target stands for a rank of the source, and are made anew
// elsewhere. A framework without ranks keeps them in a file of their own, under a path of keys, so
// that the way back finds them.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/checkpoint/bind.hpp"
#include "engine/checkpoint/names.hpp"
#include "engine/checkpoint/target.hpp"

namespace recast::checkpoint {

/// Finds them in the ranks' files. Codes: expr.*.
std::vector<RankBuffer> find_rank_buffers(const Opened& opened, const NameTable& names,
                                          const Bound& bound, DiagnosticSink& sink);

/// Opens files of rank buffers beside a checkpoint of another framework; they join `opened.files`.
/// Codes: format.*, io.*.
void open_rank_buffers(const io::FileSystem& files, const rules::Library& library, Opened& opened,
                       DiagnosticSink& sink);

/// Adds what the source has of them to a target whose files are laid out: tensors, copies or zeros,
/// and a note of what was reset. Codes: expr.*.
void carry_rank_buffers(const Opened& opened, const Bound& source, const rules::ValueMap& values,
                        Conversion& out, DiagnosticSink& sink);

}  // namespace recast::checkpoint
