// long because: what finds buffers, and what puts them elsewhere, share how they are keyed.
#include "engine/checkpoint/rank_buffers.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "engine/base/join.hpp"
#include "engine/formats/container.hpp"
#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

using rules::RankBufferRule;
using tensor::Value;

/// What tells a buffer from all others of its rule, key by key: numbers but for what names the
/// buffer.
using Key = std::vector<std::string>;

/// The name of the axis that is shared out over stages; empty if there is none.
std::string staged_axis(const rules::RuleSet& rules) {
  return rules.dialect.stages ? rules.axes[rules.dialect.stages->axis].name : std::string();
}

std::vector<std::string> axis_names(const rules::RuleSet& rules) {
  std::vector<std::string> names;
  for (const rules::AxisRule& axis : rules.axes)
    names.push_back(axis.name);
  return names;
}

std::int64_t first_layer(const rules::Stages& stages, std::size_t stage) {
  std::int64_t first = 0;
  for (std::size_t i = 0; i < stage && i < stages.counts.size(); ++i)
    first += stages.counts[i];
  return first;
}

/// The number that `digits` are, `by` later; the text itself where it is out of range.
std::string later(const std::string& digits, std::int64_t by) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && number < INT32_MAX ? std::to_string(number + by) : digits;
}

/// Whether a plan can hold a buffer: a dimension more than it has counts the buffers.
bool is_held(const Opened& opened, const RankBuffer& buffer, DiagnosticSink& sink) {
  const OpenedFile& file = opened.files[buffer.file];
  const tensor::StoredTensor& stored = file.catalog.tensors[buffer.index];
  if (stored.shape.size() < tensor::kMaxRank) return true;
  sink.add(make_diagnostic(Code::plan_shape_differs,
                           cat("'", stored.name, "' has ", stored.shape.size(),
                               " dimensions, expected less than ", tensor::kMaxRank))
               .in(io::join(opened.folder, file.path))
               .suggest("no framework keeps such a buffer; the file may be damaged"));
  return false;
}

/// The buffers of one rule, by key.
using Found = std::map<Key, const RankBuffer*>;

Found buffers_of(const std::vector<RankBuffer>& all, const std::string& rule) {
  Found found;
  for (const RankBuffer& buffer : all)
    if (buffer.rule == rule) found.emplace(buffer.key, &buffer);
  return found;
}

/// Puts the source's buffers, or zeros, into the files of a target.
class Carrier {
 public:
  Carrier(const Opened& opened, const std::vector<RankBuffer>& buffers,
          const rules::ValueMap& values, Conversion& out, DiagnosticSink& sink)
      : opened_(opened), buffers_(buffers), values_(values), out_(out), sink_(sink) {}

  /// Into the ranks' files. Where some rank or layer has no counterpart, all are zero.
  void into_ranks(const RankBufferRule& rule) {
    const Found found = buffers_of(buffers_, rule.name);
    if (found.empty()) return;
    const std::vector<Wanted> wanted = wanted_of(rule, found);
    const bool same = wanted.size() == found.size() &&
                      std::all_of(wanted.begin(), wanted.end(),
                                  [&](const Wanted& one) { return found.contains(one.key); });
    for (const Wanted& one : wanted) {
      const RankBuffer& from = same ? *found.at(one.key) : *one.model;
      add(rule, one.file, one.name, from, same);
    }
    if (!same)
      out_.notes.push_back(
          cat(rule.name, ": ", wanted.size(),
              " buffers are reset to zero, because the ranks are not those of the source (",
              rule.tensors.why, ")"));
  }

  /// Into one file beside the weights, for every rank and layer of the source's grid; null mappings
  /// where a rank has none.
  void into_file(const RankBufferRule& rule, const Bound& source) {
    const Found found = buffers_of(buffers_, rule.name);
    if (found.empty()) return;
    plan::TargetFile file;
    file.path = rule.file;
    file.container = source.rules.dialect.container;
    file.root = Value(tensor::Mapping{});
    out_.solution.plan.target_files.push_back(std::move(file));
    const auto index = static_cast<std::uint32_t>(out_.solution.plan.target_files.size() - 1);
    std::vector<std::vector<std::string>> steps;
    for (std::size_t i = 0; i < rule.keys.size(); ++i)
      steps.push_back(steps_of(rule, i, source));
    Value& root = out_.solution.plan.target_files[index].root;
    fill_tree(rule, steps, {}, root, index, found);
    out_.notes.push_back(
        cat(rule.name, ": ", found.size(), " buffers of the ranks are kept in ", rule.file));
  }

 private:
  struct Wanted {
    std::uint32_t file;
    std::string name;
    Key key;
    const RankBuffer* model;  // some buffer of the same kind: its shape and dtype
  };

  std::vector<Wanted> wanted_of(const RankBufferRule& rule, const Found& found) {
    // One of each kind: the same key but for coordinates and layers.
    std::map<std::string, const RankBuffer*> kinds;
    for (const auto& [key, buffer] : found)
      kinds.emplace(buffer->kind, buffer);
    const rules::Dialect& dialect = out_.rules.dialect;
    const std::string staged = staged_axis(out_.rules);
    std::vector<Wanted> wanted;
    std::uint32_t file = 0;
    for (const rules::ChunkFile& rank : rules::list_chunks(dialect, out_.grid, sink_)) {
      for (const rules::Chunk& chunk : rank.chunks) {
        const std::int64_t first = first_layer(out_.stages, chunk.stage);
        const std::int64_t count =
            chunk.stage < out_.stages.counts.size() ? out_.stages.counts[chunk.stage] : 1;
        for (std::int64_t layer = 0; layer < count; ++layer)
          for (const auto& [kind, model] : kinds) {
            rules::ValueMap values = values_;
            values[staged] = Value(layer);
            values[rule.kind] = Value(kind);
            auto name = lang::expand(rule.tensors.name, rules::environment_of(values));
            if (!name) {
              sink_.add(std::move(name).error());
              return {};
            }
            Key key;
            for (const std::string& part : rule.keys) {
              if (part == rule.kind) {
                key.push_back(kind);
              } else if (part == staged) {
                key.push_back(std::to_string(first + layer));
              } else {
                for (const auto& [dim, at] : chunk.at)
                  if (dim == part) key.push_back(std::to_string(at));
              }
            }
            wanted.push_back({file, chunk.root.empty() ? *name : chunk.root + '/' + *name,
                              std::move(key), model});
          }
      }
      ++file;
    }
    return wanted;
  }

  /// Every value that a key takes: all layers, all coordinates of the grid, all kinds that there
  /// are.
  std::vector<std::string> steps_of(const RankBufferRule& rule, std::size_t index,
                                    const Bound& source) {
    const std::string& part = rule.keys[index];
    std::vector<std::string> steps;
    if (part == rule.kind) {
      for (const RankBuffer& buffer : buffers_)
        if (buffer.rule == rule.name &&
            std::find(steps.begin(), steps.end(), buffer.kind) == steps.end())
          steps.push_back(buffer.kind);
      return steps;
    }
    std::int64_t count = source.grid.size(part);
    if (part == staged_axis(source.rules))
      count = source.placement.extents[source.rules.dialect.stages->axis];
    for (std::int64_t i = 0; i < count; ++i)
      steps.push_back(std::to_string(i));
    return steps;
  }

  void fill_tree(const RankBufferRule& rule, const std::vector<std::vector<std::string>>& steps,
                 const Key& so_far, Value& at, std::uint32_t file, const Found& found) {
    const std::size_t depth = so_far.size();
    if (depth == steps.size()) {
      const auto buffer = found.find(so_far);
      if (buffer == found.end()) return;
      at = Value(
          tensor::TensorRef{add_tensor(rule, file, joined(so_far, "/"), *buffer->second, true)});
      return;
    }
    auto& entries = at.get_if<tensor::Mapping>()->entries;
    for (const std::string& step : steps[depth]) {
      Key next = so_far;
      next.push_back(step);
      const bool is_kind = rule.keys[depth] == rule.kind;
      Value inner{tensor::Mapping{}};
      fill_tree(rule, steps, next, inner, file, found);
      entries.emplace_back(
          is_kind ? Value(step) : Value(static_cast<std::int64_t>(std::stoll(step))),
          std::move(inner));
    }
  }

  void add(const RankBufferRule& rule, std::uint32_t file, const std::string& name,
           const RankBuffer& from, bool copied) {
    const std::size_t ref = add_tensor(rule, file, name, from, copied);
    tensor::set_field(out_.solution.plan.target_files[file].root, name,
                      Value(tensor::TensorRef{ref}));
  }

  /// The tensor's index in its file.
  std::size_t add_tensor(const RankBufferRule& rule, std::uint32_t file, const std::string& name,
                         const RankBuffer& from, bool copied) {
    plan::Plan& plan = out_.solution.plan;
    const tensor::StoredTensor& stored = opened_.files[from.file].catalog.tensors[from.index];
    const auto target = static_cast<plan::TensorIndex>(plan.targets.size());
    const auto logical = logical_of(rule, stored.shape.size());
    plan.targets.push_back({name, file, target, stored.dtype, stored.shape});
    plan.target_files[file].tensors.push_back(target);
    tensor::Box box;
    box.rank = static_cast<std::uint8_t>(stored.shape.size() + 1);
    box.start[0] = target;
    box.extent[0] = 1;
    const std::vector<std::int64_t> plain = tensor::row_major(stored.shape);
    std::array<std::int64_t, tensor::kMaxRank> into{}, read{};
    for (std::size_t i = 0; i < stored.shape.size(); ++i) {
      box.extent[i + 1] = stored.shape[i];
      into[i + 1] = plain[i];
      read[i + 1] = stored.strides[i];
    }
    if (!copied) {
      plan::Fill fill;
      fill.into = target;
      fill.logical = logical;
      fill.box = box;
      fill.into_stride = into;
      plan.fills.push_back(fill);
      return plan.target_files[file].tensors.size() - 1;
    }
    plan::Copy copy;
    copy.from = static_cast<plan::TensorIndex>(plan.sources.size());
    copy.into = target;
    copy.logical = logical;
    copy.box = box;
    copy.from_stride = read;
    copy.into_stride = into;
    plan.sources.push_back({stored.name, from.file, from.index, stored.dtype, stored.shape});
    plan.copies.push_back(copy);
    return plan.target_files[file].tensors.size() - 1;
  }

  /// One logical tensor per rule and rank of shape; its first axis counts the buffers.
  std::uint32_t logical_of(const RankBufferRule& rule, std::size_t dims) {
    const auto [known, fresh] = logical_.emplace(std::pair(rule.name, dims), 0);
    if (fresh) {
      plan::LogicalTensor logical{rule.name, {"buffer"}};
      for (std::size_t i = 0; i < dims; ++i)
        logical.axes.push_back("dim " + std::to_string(i));
      known->second = static_cast<std::uint32_t>(out_.solution.plan.logical.size());
      out_.solution.plan.logical.push_back(std::move(logical));
    }
    return known->second;
  }

  const Opened& opened_;
  const std::vector<RankBuffer>& buffers_;
  const rules::ValueMap& values_;
  Conversion& out_;
  DiagnosticSink& sink_;
  std::map<std::pair<std::string, std::size_t>, std::uint32_t> logical_;
};

/// Buffers in a file beside the weights: their names are the keys.
std::vector<RankBuffer> buffers_aside(const Opened& opened,
                                      const std::vector<RankBufferRule>& rules,
                                      DiagnosticSink& sink) {
  std::vector<RankBuffer> out;
  for (std::uint32_t file = 0; file < opened.files.size(); ++file) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const RankBufferRule& one) {
      return one.name == opened.files[file].rank_buffers;
    });
    if (rule == rules.end()) continue;
    const auto& tensors = opened.files[file].catalog.tensors;
    for (std::uint32_t i = 0; i < tensors.size(); ++i) {
      RankBuffer buffer{rule->name, {}, {}, file, i};
      const std::string& name = tensors[i].name;
      for (std::size_t at = 0; at <= name.size();) {
        const std::size_t slash = std::min(name.find('/', at), name.size());
        buffer.key.push_back(name.substr(at, slash - at));
        at = slash + 1;
      }
      for (std::size_t k = 0; k < rule->keys.size() && k < buffer.key.size(); ++k)
        if (rule->keys[k] == rule->kind) buffer.kind = buffer.key[k];
      if (!is_held(opened, buffer, sink)) return {};
      out.push_back(std::move(buffer));
    }
  }
  return out;
}

}  // namespace

std::vector<RankBuffer> find_rank_buffers(const Opened& opened, const NameTable& names,
                                          const Bound& bound, DiagnosticSink& sink) {
  std::vector<RankBuffer> out;
  const rules::Dialect& dialect = bound.rules.dialect;
  if (dialect.rank_buffers.empty() || !dialect.file || opened.files.empty()) return out;
  const std::string staged = staged_axis(bound.rules);
  for (const RankBufferRule& rule : dialect.rank_buffers) {
    auto regex = lang::to_regex(rule.tensors.name, axis_names(bound.rules));
    if (!regex) {
      sink.add(std::move(regex).error());
      continue;
    }
    const auto set = lang::TemplateSet::make({std::move(regex).value()});
    if (!set) {
      sink.add(set.error());
      continue;
    }
    const std::vector<std::string> places = lang::places_of(rule.tensors.name);
    for (const rules::ChunkFile& rank : rules::list_chunks(dialect, bound.grid, sink)) {
      const NameMap* map = names.of(rank.path);
      if (map == nullptr) continue;
      for (const rules::Chunk& chunk : rank.chunks) {
        const std::string root = chunk.root.empty() ? "" : chunk.root + '/';
        const std::int64_t first = first_layer(bound.stages, chunk.stage);
        for (const auto& [name, where] : *map) {
          if (name.size() <= root.size() || name.compare(0, root.size(), root) != 0) continue;
          const auto captures = set->captures(0, name.substr(root.size()));
          if (!captures) continue;
          RankBuffer buffer{rule.name, {}, {}, where.file, where.index};
          for (const std::string& part : rule.keys) {
            std::string value;
            for (const auto& [dim, at] : chunk.at)
              if (dim == part) value = std::to_string(at);
            for (std::size_t i = 0; i < places.size(); ++i)
              if (places[i] == part)
                value = part == staged ? later((*captures)[i], first) : (*captures)[i];
            if (part == rule.kind) buffer.kind = value;
            buffer.key.push_back(std::move(value));
          }
          if (!is_held(opened, buffer, sink)) return out;
          out.push_back(std::move(buffer));
        }
      }
    }
  }
  // In the order of the files, whatever that of the maps.
  std::sort(out.begin(), out.end(), [](const RankBuffer& a, const RankBuffer& b) {
    return std::pair(a.file, a.index) < std::pair(b.file, b.index);
  });
  return out;
}

void open_rank_buffers(const io::FileSystem& files, const rules::Library& library, Opened& opened,
                       DiagnosticSink& sink) {
  if (opened.files.empty()) return;
  std::set<std::string> known;
  for (const std::string& name : library.frameworks()) {
    if (name == opened.framework.dialect.framework) continue;
    const auto framework = library.framework(name, sink);
    if (!framework) continue;
    for (const RankBufferRule& rule : framework->dialect.rank_buffers) {
      const std::string path = io::join(opened.folder, rule.file);
      const auto there = files.is_there(path);
      if (!there) sink.add(there.error());
      if (!there || !*there || !known.insert(rule.name).second) continue;
      auto catalog = formats::read_catalog(files, path);
      if (catalog)
        opened.files.push_back({rule.file, std::move(catalog).value(), rule.name});
      else
        sink.add(std::move(catalog).error());
    }
  }
}

void carry_rank_buffers(const Opened& opened, const Bound& source, const rules::ValueMap& values,
                        Conversion& out, DiagnosticSink& sink) {
  const std::vector<RankBufferRule>& into = out.rules.dialect.rank_buffers;
  std::vector<RankBuffer> aside = buffers_aside(opened, into, sink);
  const std::vector<RankBuffer>& buffers =
      source.rank_buffers.empty() ? aside : source.rank_buffers;
  if (buffers.empty()) return;
  Carrier carrier(opened, buffers, values, out, sink);
  for (const RankBufferRule& rule : into)
    carrier.into_ranks(rule);
  if (into.empty())
    for (const RankBufferRule& rule : source.rules.dialect.rank_buffers)
      carrier.into_file(rule, source);
}

}  // namespace recast::checkpoint
