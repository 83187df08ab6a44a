#include "engine/rules/chunks.hpp"

#include <algorithm>

namespace recast::rules {
namespace {

using tensor::Value;

/// Dimensions that a file's name tells apart, and those that tell chunks inside a file apart.
void split_dims(const Dialect& dialect, const Grid& grid, Coordinates& files, Coordinates& chunks) {
  const auto names = [](const std::optional<lang::NameTemplate>& name) {
    return name ? lang::places_of(*name) : std::vector<std::string>();
  };
  const std::vector<std::string> in_file = names(dialect.file);
  const std::vector<std::string> in_root = names(dialect.root);
  for (const auto& [name, size] : grid.sizes) {
    if (std::find(in_root.begin(), in_root.end(), name) != in_root.end())
      chunks.emplace_back(name, size);
    else if (std::find(in_file.begin(), in_file.end(), name) != in_file.end())
      files.emplace_back(name, size);
  }
}

template <class Visit>
void for_each_coordinate(const Coordinates& dims, const Visit& visit) {
  Coordinates at = dims;
  for (auto& [name, index] : at)
    index = 0;
  while (true) {
    visit(at);
    std::size_t dim = 0;
    while (dim < at.size() && ++at[dim].second == dims[dim].second)
      at[dim++].second = 0;
    if (dim == at.size()) return;
  }
}

std::string text(const lang::NameTemplate& name, const ValueMap& values, DiagnosticSink& sink) {
  auto expanded = lang::expand(name, environment_of(values));
  if (expanded) return std::move(expanded).value();
  sink.add(std::move(expanded).error());
  return {};
}

std::int64_t integer(const ValueMap& values, const std::string& name) {
  const auto found = values.find(name);
  const auto* integer = found == values.end() ? nullptr : found->second.get_if<std::int64_t>();
  return integer == nullptr ? 0 : *integer;
}

}  // namespace

std::set<std::string> chunk_entries(const Dialect& dialect, const Grid& grid,
                                    DiagnosticSink& sink) {
  std::set<std::string> out;
  for (const ChunkFile& file : list_chunks(dialect, grid, sink))
    for (const Chunk& chunk : file.chunks)
      out.insert(chunk.root.substr(0, chunk.root.find('/')));
  return out;
}

bool chunks_can_be_listed(const Dialect& dialect, const Grid& grid) {
  std::int64_t chunks = 1;
  for (const MeshRule& dim : dialect.mesh) {
    if (dim.index) continue;  // a coordinate that follows from others makes no further rank
    if (grid.size(dim.name) > kMostChunks / chunks) return false;
    chunks *= grid.size(dim.name);
  }
  return true;
}

std::size_t chunk_count(const Dialect& dialect, const Grid& grid) {
  std::size_t count = 1;
  if (dialect.stages)
    for (const std::string& dim : dialect.stages->over)
      count *= static_cast<std::size_t>(grid.size(dim));
  return count;
}

std::vector<ChunkFile> list_chunks(const Dialect& dialect, const Grid& grid, DiagnosticSink& sink) {
  Coordinates file_dims, chunk_dims;
  split_dims(dialect, grid, file_dims, chunk_dims);
  ValueMap values;
  for (const auto& [name, size] : grid.sizes)
    values[name + ".size"] = Value(size);
  std::vector<ChunkFile> files;
  for_each_coordinate(file_dims, [&](const Coordinates& file_at) {
    for (const auto& [name, index] : file_at)
      values[name] = Value(index);
    ChunkFile file;
    if (dialect.file) file.path = text(*dialect.file, values, sink);
    for_each_coordinate(chunk_dims, [&](const Coordinates& chunk_at) {
      for (const auto& [name, index] : chunk_at)
        values[name] = Value(index);
      Chunk chunk;
      chunk.at = file_at;
      chunk.at.insert(chunk.at.end(), chunk_at.begin(), chunk_at.end());
      for (const MeshRule& dim : dialect.mesh) {
        if (!dim.index) continue;
        auto index = lang::evaluate(*dim.index, environment_of(values));
        if (!index) {
          sink.add(std::move(index).error());
          continue;
        }
        values[dim.name] = std::move(index).value();
        chunk.at.emplace_back(dim.name, integer(values, dim.name));
      }
      if (dialect.root) chunk.root = text(*dialect.root, values, sink);
      if (dialect.stages)
        for (const std::string& dim : dialect.stages->over)
          chunk.stage = chunk.stage * static_cast<std::size_t>(grid.size(dim)) +
                        static_cast<std::size_t>(integer(values, dim));
      file.chunks.push_back(std::move(chunk));
    });
    files.push_back(std::move(file));
  });
  return files;
}

}  // namespace recast::rules
