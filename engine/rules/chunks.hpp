#pragma once
// Which files a grid has, and which chunks of the model lie in each: by the dialect's templates
// alone.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/rules/grid.hpp"

namespace recast::rules {

using Coordinates = std::vector<std::pair<std::string, std::int64_t>>;

/// A piece of the forward pass in one file.
struct Chunk {
  std::string root;       // path to its tensors inside the file; empty: the file's root
  Coordinates at;         // every mesh coordinate, derived ones included
  std::size_t stage = 0;  // position in the forward pass: index into Stages::counts
};

struct ChunkFile {
  std::string path;
  std::vector<Chunk> chunks;
};

/// The dialect's dimensions vary fastest first. Codes: expr.*.
std::vector<ChunkFile> list_chunks(const Dialect& dialect, const Grid& grid, DiagnosticSink& sink);

/// Ranks and their chunks are listed one by one; no run has had as many as this.
inline constexpr std::int64_t kMostChunks = std::int64_t{1} << 20U;

/// Whether the chunks of all ranks together are at most kMostChunks. Sizes are 1 or more.
bool chunks_can_be_listed(const Dialect& dialect, const Grid& grid);

/// The first step of the path to each chunk inside its file: entries of a file that are the model.
std::set<std::string> chunk_entries(const Dialect& dialect, const Grid& grid, DiagnosticSink& sink);

/// How many chunks the forward pass has.
std::size_t chunk_count(const Dialect& dialect, const Grid& grid);

}  // namespace recast::rules
