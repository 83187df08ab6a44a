#include "engine/checkpoint/target_files.hpp"

#include <algorithm>
#include <set>

#include "engine/checkpoint/json.hpp"
#include "engine/rules/chunks.hpp"

namespace recast::checkpoint {
namespace {

using tensor::Value;

std::uint64_t nbytes_of(const plan::PlanTensor& tensor) {
  return static_cast<std::uint64_t>(tensor::element_count(tensor.shape)) *
         tensor::dtype_nbytes(tensor.dtype);
}

bool holds_tensors(const Value& value) {
  if (value.get_if<tensor::TensorRef>() != nullptr) return true;
  if (const auto* list = value.get_if<tensor::Sequence>())
    return std::any_of(list->items.begin(), list->items.end(), holds_tensors);
  if (const auto* fields = tensor::fields_of(value))
    return std::any_of(fields->begin(), fields->end(),
                       [](const auto& entry) { return holds_tensors(entry.second); });
  if (const auto* object = value.get_if<tensor::Object>())
    return std::any_of(object->args.begin(), object->args.end(), holds_tensors) ||
           std::any_of(object->state.begin(), object->state.end(), holds_tensors) ||
           std::any_of(object->items.begin(), object->items.end(), holds_tensors);
  return false;
}

Value object_of(const std::string& class_name, Value config) {
  if (config.get_if<tensor::Object>() != nullptr) return config;
  const std::size_t dot = class_name.rfind('.');
  tensor::Object object;
  object.how = tensor::Object::How::NewObject;
  object.callee.emplace_back(tensor::Symbol{class_name.substr(0, dot), class_name.substr(dot + 1)});
  object.args.emplace_back(tensor::Sequence{tensor::Sequence::Kind::Tuple, {}});
  object.state.push_back(std::move(config));
  return object;
}

/// Puts leaves into nested mappings. Names arrive grouped, so the mapping of the last one is kept
/// at hand.
class Tree {
 public:
  explicit Tree(tensor::Mapping& root) : root_(root) {}

  /// The mapping is there, whether anything is put into it or not.
  void make(std::string_view folder) { enter(folder); }

  void add(const std::string& name, Value leaf) {
    const std::size_t slash = name.rfind('/');
    const std::string_view folder =
        slash == std::string::npos ? "" : std::string_view(name).substr(0, slash);
    if (at_ == nullptr || folder != folder_) {
      folder_ = folder;
      at_ = enter(folder);
    }
    at_->entries.emplace_back(Value(name.substr(slash == std::string::npos ? 0 : slash + 1)),
                              std::move(leaf));
  }

 private:
  tensor::Mapping* enter(std::string_view folder) {
    tensor::Mapping* at = &root_;
    while (!folder.empty()) {
      const std::size_t slash = folder.find('/');
      const std::string_view step = folder.substr(0, slash);
      folder = slash == std::string_view::npos ? "" : folder.substr(slash + 1);
      tensor::Mapping* next = nullptr;
      for (auto& [key, value] : at->entries)
        if (const auto* text = key.get_if<std::string>(); text != nullptr && *text == step)
          next = value.get_if<tensor::Mapping>();
      if (next == nullptr) {
        tensor::Mapping mapping;
        mapping.ordered = true;
        at->entries.emplace_back(Value(step), Value(std::move(mapping)));
        next = at->entries.back().second.get_if<tensor::Mapping>();
      }
      at = next;
    }
    return at;
  }

  tensor::Mapping& root_;
  tensor::Mapping* at_ = nullptr;
  std::string folder_;
};

}  // namespace

Value TargetFileWriter::document(const Value& config) {
  const rules::Dialect& dialect = out_.rules.dialect;
  tensor::Mapping root;
  if (!dialect.config_at.empty())
    root.entries.emplace_back(Value(dialect.config_at), object_of(dialect.config_class, config));
  for (const auto& [name, expr] : dialect.document) {
    auto value = lang::evaluate(expr, rules::environment_of(values_));
    if (value)
      root.entries.emplace_back(Value(name), std::move(value).value());
    else
      sink_.add(std::move(value).error());
  }
  return root;
}

void TargetFileWriter::write_ranks(const Value& config) {
  const rules::Dialect& dialect = out_.rules.dialect;
  plan::Plan& plan = out_.solution.plan;
  std::string folder;
  if (dialect.folder) {
    auto name = lang::expand(*dialect.folder, rules::environment_of(values_));
    if (!name) {
      sink_.add(std::move(name).error());
      return;
    }
    folder = std::move(name).value();
  }
  const Value document = this->document(config);
  const std::vector<rules::ChunkFile> chunks = rules::list_chunks(dialect, out_.grid, sink_);
  for (std::size_t rank = 0; rank < out_.placement.files.size(); ++rank) {
    const rules::PlacedFile& placed = out_.placement.files[rank];
    plan::TargetFile file;
    file.path = folder.empty() ? placed.path : io::join(folder, placed.path);
    file.container = dialect.container;
    tensor::Mapping root = *document.get_if<tensor::Mapping>();
    Tree tree(root);
    // A loader looks for every chunk, those without layers too.
    for (const rules::Chunk& chunk : chunks[rank].chunks)
      tree.make(chunk.root);
    for (std::uint32_t i = placed.first_tensor; i < placed.first_tensor + placed.tensor_count;
         ++i) {
      const rules::PlacedTensor& tensor = out_.placement.tensors[i];
      if (tensor.rule->created_null) {
        tree.add(tensor.name, Value());
        continue;
      }
      plan.targets[i].file = static_cast<std::uint32_t>(plan.target_files.size());
      tree.add(tensor.name, Value(tensor::TensorRef{file.tensors.size()}));
      file.tensors.push_back(i);
    }
    file.root = Value(std::move(root));
    plan.target_files.push_back(std::move(file));
  }
  // What else the source's files hold goes along in the same framework; elsewhere it is named.
  if (!opened_.files.empty()) {
    const std::set<std::string> chunks_there =
        rules::chunk_entries(opened_.framework.dialect, opened_.grid, sink_);
    if (const auto* fields = tensor::fields_of(opened_.files.front().catalog.root))
      for (const auto& [key, value] : *fields) {
        const auto* name = key.get_if<std::string>();
        if (name == nullptr || *name == dialect.config_at || chunks_there.contains(*name)) continue;
        const auto drop =
            std::find_if(dialect.drop.begin(), dialect.drop.end(),
                         [&, n = name](const rules::DropRule& rule) { return rule.name == *n; });
        const tensor::Mapping& first = *plan.target_files.front().root.get_if<tensor::Mapping>();
        const bool written = std::any_of(
            first.entries.begin(), first.entries.end(), [&, n = name](const auto& entry) {
              const auto* text = entry.first.template get_if<std::string>();
              return text != nullptr && *text == *n;
            });
        if (!same_framework_ || written) continue;
        if (drop != dialect.drop.end() || holds_tensors(value)) {
          if (!holds_tensors(value) || drop == dialect.drop.end())
            out_.dropped.push_back(
                {*name, drop == dialect.drop.end() ? "not known to the rules" : drop->why, 0});
          continue;
        }
        for (plan::TargetFile& file : plan.target_files)
          file.root.get_if<tensor::Mapping>()->entries.emplace_back(key, value);
      }
  }
  if (!dialect.tracker_file.empty()) {
    const auto value = values_.find(dialect.tracker_size);
    if (value != values_.end()) {
      const auto* text = value->second.get_if<std::string>();
      out_.texts.push_back(
          {dialect.tracker_file, text != nullptr ? *text : tensor::print(value->second)});
    }
  }
}

void TargetFileWriter::write_weights(std::uint64_t limit, Value config) {
  const rules::Dialect& dialect = out_.rules.dialect;
  plan::Plan& plan = out_.solution.plan;
  const rules::WeightsRule* weights = &dialect.weights.front();
  if (const auto chosen = values_.find("weights"); chosen != values_.end())
    if (const auto* name = chosen->second.get_if<std::string>())
      for (const rules::WeightsRule& rule : dialect.weights)
        if (rule.container == *name) weights = &rule;

  // The cut that readers of sharded weights know: in order, a file is closed when the next tensor
  // does not fit, and a tensor larger than the limit has one of its own, placed before the file
  // that is still open.
  std::vector<std::vector<plan::TensorIndex>> shards;
  std::vector<plan::TensorIndex> open;
  std::uint64_t open_nbytes = 0, total = 0;
  for (plan::TensorIndex i = 0; i < plan.targets.size(); ++i) {
    const std::uint64_t nbytes = nbytes_of(plan.targets[i]);
    total += nbytes;
    if (nbytes > limit) {
      shards.push_back({i});
      continue;
    }
    if (open_nbytes + nbytes > limit) {
      shards.push_back(std::move(open));
      open.clear();
      open_nbytes = 0;
    }
    open.push_back(i);
    open_nbytes += nbytes;
  }
  if (!open.empty()) shards.push_back(std::move(open));

  tensor::Mapping map;
  for (std::size_t part = 0; part < shards.size(); ++part) {
    plan::TargetFile file;
    file.container = weights->container;
    file.tensors = shards[part];
    file.path = weights->one;
    if (shards.size() > 1) {
      rules::ValueMap numbers{{"part", Value(static_cast<std::int64_t>(part + 1))},
                              {"parts", Value(static_cast<std::int64_t>(shards.size()))}};
      auto name = lang::expand(weights->part, rules::environment_of(numbers));
      if (!name) {
        sink_.add(std::move(name).error());
        return;
      }
      file.path = std::move(name).value();
    }
    tensor::Mapping entries;
    entries.ordered = true;
    for (std::size_t i = 0; i < file.tensors.size(); ++i) {
      plan::PlanTensor& tensor = plan.targets[file.tensors[i]];
      tensor.file = static_cast<std::uint32_t>(part);
      entries.entries.emplace_back(Value(tensor.name), Value(tensor::TensorRef{i}));
      map.entries.emplace_back(Value(tensor.name), Value(file.path));
    }
    file.root = weights->container == "safetensors" ? dialect.metadata : Value(std::move(entries));
    plan.target_files.push_back(std::move(file));
  }
  out_.texts.push_back({dialect.config_file, print_json(config)});
  if (shards.size() > 1) {
    tensor::Mapping metadata, index;
    metadata.entries.emplace_back(Value("total_size"), Value(static_cast<std::int64_t>(total)));
    index.entries.emplace_back(Value("metadata"), Value(std::move(metadata)));
    index.entries.emplace_back(Value("weight_map"), Value(std::move(map)));
    out_.texts.push_back({weights->index, print_json(index)});
  }
}

}  // namespace recast::checkpoint
