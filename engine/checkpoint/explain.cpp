#include "engine/checkpoint/explain.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/byte_size.hpp"
#include "engine/base/join.hpp"

namespace recast::checkpoint {
namespace {

using Json = nlohmann::ordered_json;

std::uint64_t nbytes_of(const plan::PlanTensor& tensor) {
  return static_cast<std::uint64_t>(tensor::element_count(tensor.shape)) *
         tensor::dtype_nbytes(tensor.dtype);
}

/// "bf16", or "bf16 and fp32" where there are several.
std::string dtypes_of(const std::vector<plan::PlanTensor>& tensors,
                      const std::vector<bool>* present) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (tensor::element_count(tensors[i].shape) > 0 &&
        (present == nullptr || i >= present->size() || (*present)[i]))
      names.emplace(tensor::dtype_name(tensors[i].dtype));
  return joined(names, " and ");
}

struct Totals {
  std::uint64_t source_nbytes = 0, source_tensors = 0, target_tensors = 0, copied = 0, filled = 0;
};

Totals totals_of(const Bound& source, const Conversion& conversion) {
  Totals totals;
  const plan::Plan& plan = conversion.solution.plan;
  for (std::size_t i = 0; i < plan.sources.size(); ++i)
    if (i >= source.present.size() || source.present[i]) {  // rank buffers come behind the model's
      totals.source_nbytes += nbytes_of(plan.sources[i]);
      ++totals.source_tensors;
    }
  for (const plan::TargetFile& file : plan.target_files)
    totals.target_tensors += file.tensors.size();
  for (const plan::Copy& copy : plan.copies)
    totals.copied += static_cast<std::uint64_t>(tensor::volume(copy.box));
  for (const plan::Fill& fill : plan.fills)
    totals.filled += static_cast<std::uint64_t>(tensor::volume(fill.box));
  return totals;
}

/// Name templates under which each logical tensor is kept on one side.
std::map<layout::LabelId, std::string> names_by_label(const rules::Placement& placement) {
  std::map<layout::LabelId, std::string> names;
  std::set<const rules::TensorRule*> seen;
  for (const rules::PlacedTensor& tensor : placement.tensors)
    if (seen.insert(tensor.rule).second)
      for (const layout::LabelId label : tensor.rule->labels)
        names.emplace(label, tensor.rule->name_text);
  return names;
}

class TextWriter {
 public:
  explicit TextWriter(bool all) : all_(all) {}
  void line(const std::string& text) { out_ += text + "\n"; }
  void section(const std::string& title) { out_ += "\n" + title + "\n"; }
  /// The first few of a list, all of it when asked.
  template <class List, class Print>
  void list(const List& list, std::size_t most, const Print& print) {
    std::size_t count = 0;
    for (const auto& item : list) {
      if (!all_ && count == most && list.size() > most + 1) {
        line(cat("  … and ", list.size() - most, " more (--all)"));
        return;
      }
      line("  " + print(item));
      ++count;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  const bool all_;
  std::string out_;
};

std::string pad(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

Json value_json(const tensor::Value& value) {
  if (value.is_null()) return nullptr;
  if (const auto* flag = value.get_if<bool>()) return *flag;
  if (const auto* integer = value.get_if<std::int64_t>()) return *integer;
  if (const auto* number = value.get_if<double>()) return *number;
  if (const auto* text = value.get_if<std::string>()) return *text;
  return tensor::print(value);
}

Json sizes_json(const rules::Sizes& sizes) {
  Json out = Json::object();
  for (const auto& [name, value] : sizes.values)
    out[name] = value_json(value);
  return out;
}

Json grid_json(const rules::Grid& grid) {
  Json out = Json::object();
  for (const auto& [name, size] : grid.sizes)
    out[name] = size;
  return out;
}

Json box_json(const tensor::Box& box) {
  Json out = Json::array();
  for (std::size_t i = 0; i < box.rank; ++i)
    out.push_back({box.start[i], box.extent[i]});
  return out;
}

Json strides_json(const tensor::Box& box,
                  const std::array<std::int64_t, tensor::kMaxRank>& strides) {
  Json out = Json::array();
  for (std::size_t i = 0; i < box.rank; ++i)
    out.push_back(strides[i]);
  return out;
}

}  // namespace

std::string explain_text(const Opened& opened, const Bound& source, const Conversion& conversion,
                         bool all) {
  const plan::Plan& plan = conversion.solution.plan;
  const Totals totals = totals_of(source, conversion);
  TextWriter out(all);
  out.line(cat("family    ", source.rules.family));
  out.line(cat(
      "source    ", opened.framework.dialect.framework, " ", opened.path, ": ",
      rules::print_grid(source.grid), ", ",
      source.synthetic ? std::string("configuration alone") : cat(opened.files.size(), " files"),
      ", ", totals.source_tensors, " tensors, ", print_byte_size(totals.source_nbytes), " in ",
      dtypes_of(plan.sources, &source.present)));
  out.line(cat("target    ", conversion.rules.dialect.framework, ": ",
               rules::print_grid(conversion.grid), ", ", plan.target_files.size(), " files, ",
               totals.target_tensors, " tensors, ", print_byte_size(conversion.payload_nbytes()),
               " in ", dtypes_of(plan.targets, nullptr)));
  if (source.stages.counts.size() > 1)
    out.line(cat("layers    source ", joined(source.stages.counts, " ")));
  if (conversion.stages.counts.size() > 1)
    out.line(cat("layers    target ", joined(conversion.stages.counts, " ")));
  std::string sizes;
  for (std::size_t i = 0; i < conversion.rules.family_size_count; ++i) {
    const std::string& name = conversion.rules.sizes[i].name;
    const tensor::Value* value = conversion.sizes.find(name);
    if (value != nullptr && !value->is_null()) sizes += "  " + name + " " + tensor::print(*value);
  }
  out.line(cat("sizes   ", sizes));

  out.section("mapping");
  const auto from = names_by_label(source.placement), into = names_by_label(conversion.placement);
  std::size_t width = 0, from_width = 0;
  for (const auto& [label, name] : into) {
    width = std::max(width, source.rules.tensors[static_cast<std::size_t>(label)].name.size());
    const auto found = from.find(label);
    if (found != from.end()) from_width = std::max(from_width, found->second.size());
  }
  for (const auto& [label, name] : into) {
    const auto found = from.find(label);
    out.line("  " + pad(source.rules.tensors[static_cast<std::size_t>(label)].name, width) + "  " +
             pad(found == from.end() ? "-" : found->second, from_width) + "  ->  " + name);
  }

  out.section("files");
  out.list(plan.target_files, 4, [&](const plan::TargetFile& file) {
    std::uint64_t nbytes = 0;
    for (const plan::TensorIndex index : file.tensors)
      nbytes += nbytes_of(plan.targets[index]);
    std::string text =
        cat(file.path, "  ", file.tensors.size(), " tensors, ", print_byte_size(nbytes));
    if (all)
      for (const plan::TensorIndex index : file.tensors)
        text += "\n    " + plan.targets[index].name;
    return text;
  });
  for (const OutputText& text : conversion.texts)
    out.line(cat("  ", text.path, "  ", text.text.size(), " B"));
  if (!conversion.carried.empty()) {
    out.section("carried as they are");
    out.list(conversion.carried, 12, [](const CarriedFile& file) { return file.to; });
  }
  if (!conversion.solution.filled.empty()) {
    out.section("filled");
    for (const std::string& text : conversion.solution.filled)
      out.line("  " + text);
  }
  if (!conversion.solution.dropped.empty() || !conversion.dropped.empty() ||
      !opened.ignored_files.empty() || !plan.replicas.empty()) {
    out.section("not in the target");
    for (const plan::Dropped& dropped : conversion.solution.dropped)
      out.line(cat("  ", dropped.what, "  ", dropped.elements, " elements: ", dropped.why));
    for (const plan::Dropped& dropped : conversion.dropped)
      out.line(cat("  ", dropped.what, ": ", dropped.why));
    out.list(opened.ignored_files, 4, [](const std::string& text) { return text; });
    if (!plan.replicas.empty())
      out.line(cat("  ", plan.replicas.size(),
                   " replicas: the same elements are read from another rank"));
  }
  if (!source.notes.empty() || !conversion.notes.empty() || !opened.notes.empty()) {
    out.section("notes");
    for (const auto* notes : {&opened.notes, &source.notes, &conversion.notes})
      for (const std::string& note : *notes)
        out.line("  " + note);
  }
  out.section(cat("proven: every element of the target is written once (", totals.copied,
                  " copied in ", plan.copies.size(), " boxes, ", totals.filled,
                  " constant), every element of the source is read or named above"));
  return out.take();
}

std::string explain_json(const Opened& opened, const Bound& source, const Conversion& conversion,
                         bool all) {
  const plan::Plan& plan = conversion.solution.plan;
  const Totals totals = totals_of(source, conversion);
  Json out;
  out["version"] = 1;
  out["family"] = source.rules.family;
  out["source"] = {{"framework", opened.framework.dialect.framework},
                   {"path", opened.path},
                   {"grid", grid_json(source.grid)},
                   {"layers", source.stages.counts},
                   {"files", plan.source_files},
                   {"tensors", totals.source_tensors},
                   {"nbytes", totals.source_nbytes}};
  out["target"] = {{"framework", conversion.rules.dialect.framework},
                   {"grid", grid_json(conversion.grid)},
                   {"layers", conversion.stages.counts},
                   {"tensors", totals.target_tensors},
                   {"nbytes", conversion.payload_nbytes()}};
  out["sizes"] = sizes_json(conversion.sizes);
  out["copies"] = plan.copies.size();
  out["fills"] = plan.fills.size();
  out["replicas"] = plan.replicas.size();
  Json files = Json::array();
  for (const plan::TargetFile& file : plan.target_files) {
    std::uint64_t nbytes = 0;
    for (const plan::TensorIndex index : file.tensors)
      nbytes += nbytes_of(plan.targets[index]);
    Json entry = {{"path", file.path},
                  {"container", file.container},
                  {"tensors", file.tensors.size()},
                  {"nbytes", nbytes}};
    files.push_back(std::move(entry));
  }
  out["files"] = std::move(files);
  Json written = Json::array(), carried = Json::array(), dropped = Json::array(),
       notes = Json::array();
  for (const OutputText& text : conversion.texts)
    written.push_back(text.path);
  for (const CarriedFile& file : conversion.carried)
    carried.push_back(file.to);
  for (const auto* list : {&conversion.solution.dropped, &conversion.dropped})
    for (const plan::Dropped& each : *list)
      dropped.push_back({{"what", each.what}, {"why", each.why}, {"elements", each.elements}});
  for (const auto* list : {&opened.notes, &source.notes, &conversion.notes})
    for (const std::string& note : *list)
      notes.push_back(note);
  out["written"] = std::move(written);
  out["carried"] = std::move(carried);
  out["filled"] = conversion.solution.filled;
  out["dropped"] = std::move(dropped);
  out["notes"] = std::move(notes);
  if (all) {
    Json targets = Json::array(), sources = Json::array(), copies = Json::array();
    const auto tensor_json = [](const plan::PlanTensor& tensor) {
      return Json{{"file", tensor.file},
                  {"name", tensor.name},
                  {"dtype", tensor::dtype_name(tensor.dtype)},
                  {"shape", tensor.shape}};
    };
    for (const plan::PlanTensor& tensor : plan.sources)
      sources.push_back(tensor_json(tensor));
    for (const plan::PlanTensor& tensor : plan.targets)
      targets.push_back(tensor_json(tensor));
    for (const plan::Copy& copy : plan.copies)
      copies.push_back({{"tensor", plan.logical[copy.logical].name},
                        {"from", copy.from},
                        {"into", copy.into},
                        {"box", box_json(copy.box)},
                        {"from_offset", copy.from_offset},
                        {"from_strides", strides_json(copy.box, copy.from_stride)},
                        {"into_offset", copy.into_offset},
                        {"into_strides", strides_json(copy.box, copy.into_stride)}});
    out["source_tensors"] = std::move(sources);
    out["target_tensors"] = std::move(targets);
    out["copy_list"] = std::move(copies);
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace recast::checkpoint
