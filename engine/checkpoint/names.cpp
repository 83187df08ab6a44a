#include "engine/checkpoint/names.hpp"

#include <algorithm>

#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

NameMap map_of(const Opened& opened, std::size_t first, std::size_t count) {
  NameMap map;
  for (std::size_t file = first; file < first + count; ++file) {
    const auto& tensors = opened.files[file].catalog.tensors;
    for (std::size_t i = 0; i < tensors.size(); ++i)
      map.emplace(tensors[i].name,
                  StoredAt{static_cast<std::uint32_t>(file), static_cast<std::uint32_t>(i)});
  }
  return map;
}

}  // namespace

NameTable::NameTable(const Opened& opened)
    : opened_(opened), single_(!opened.framework.dialect.file) {
  if (single_) {
    maps_.push_back(map_of(opened, 0, opened.files.size()));
    return;
  }
  for (std::size_t i = 0; i < opened.files.size(); ++i) {
    maps_.push_back(map_of(opened, i, 1));
    map_of_.emplace(opened.files[i].path, i);
  }
}

const NameMap* NameTable::of(const std::string& path) const {
  if (single_) return &maps_.front();
  const auto found = map_of_.find(path);
  return found == map_of_.end() ? nullptr : &maps_[found->second];
}

std::vector<bool> NameTable::placed_files(const rules::Placement& placement) const {
  std::vector<bool> out(opened_.files.size(), single_);
  if (single_) return out;
  for (const rules::PlacedFile& placed : placement.files)
    if (const auto found = map_of_.find(placed.path); found != map_of_.end())
      out[found->second] = true;
  return out;
}

IgnoreSet::IgnoreSet(const rules::RuleSet& rules, const rules::Grid& grid, DiagnosticSink& sink)
    : rules_(rules) {
  std::vector<std::string> below, top, axes;
  for (const rules::AxisRule& axis : rules.axes)
    axes.push_back(axis.name);
  for (std::size_t i = 0; i < rules.dialect.ignore.size(); ++i) {
    const rules::IgnoreRule& rule = rules.dialect.ignore[i];
    auto regex = lang::to_regex(rule.name, axes);
    if (!regex) {
      sink.add(std::move(regex).error());
      continue;
    }
    (rule.from_root ? top : below).push_back(std::move(regex).value());
    (rule.from_root ? top_ids_ : below_ids_).push_back(i);
  }
  for (std::size_t i = 0; i < rules.dialect.rank_buffers.size(); ++i)
    if (auto regex = lang::to_regex(rules.dialect.rank_buffers[i].tensors.name, axes)) {
      below.push_back(std::move(regex).value());
      below_ids_.push_back(rules.dialect.ignore.size() + i);
    }
  if (auto set = lang::TemplateSet::make(below)) below_root_.emplace(std::move(set).value());
  if (auto set = lang::TemplateSet::make(top)) from_top_.emplace(std::move(set).value());
  for (const rules::ChunkFile& file : rules::list_chunks(rules.dialect, grid, sink))
    for (const rules::Chunk& chunk : file.chunks)
      if (std::find(roots_.begin(), roots_.end(), chunk.root) == roots_.end())
        roots_.push_back(chunk.root);
}

const rules::IgnoreRule& IgnoreSet::below(std::size_t id) const {
  const auto& ignore = rules_.dialect.ignore;
  return id < ignore.size() ? ignore[id] : rules_.dialect.rank_buffers[id - ignore.size()].tensors;
}

const rules::IgnoreRule* IgnoreSet::match(const std::string& name) const {
  if (from_top_)
    if (const auto ids = from_top_->matching(name); !ids.empty())
      return &rules_.dialect.ignore[top_ids_[ids.front()]];
  if (!below_root_) return nullptr;
  for (const std::string& root : roots_) {
    std::string_view rest = name;
    if (!root.empty()) {
      if (name.size() <= root.size() || name.compare(0, root.size(), root) != 0 ||
          name[root.size()] != '/')
        continue;
      rest = rest.substr(root.size() + 1);
    }
    if (const auto ids = below_root_->matching(rest); !ids.empty())
      return &below(below_ids_[ids.front()]);
  }
  return nullptr;
}

}  // namespace recast::checkpoint
