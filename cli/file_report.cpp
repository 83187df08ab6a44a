#include "cli/file_report.hpp"

#include <algorithm>
#include <functional>
#include <ostream>

#include "cli/text.hpp"
#include "engine/base/byte_size.hpp"
#include "engine/base/diagnostic.hpp"

namespace recast::cli {
namespace {

using tensor::Object;
using tensor::Sequence;
using tensor::Symbol;
using tensor::TensorRef;
using tensor::Value;

constexpr std::size_t kShown = 20;       // rows of a list that is cut short
constexpr std::size_t kValueBytes = 60;  // of a value in a row
constexpr std::size_t kDeepest = 200;    // levels of a document that are looked at
constexpr std::size_t kMostOpaque = 10000;

std::string key_text(const Value& key) {
  const std::string* text = key.get_if<std::string>();
  return text ? *text : tensor::print(key, kValueBytes);
}

std::string child(const std::string& at, const std::string& key) {
  return at.empty() ? key : cat(at, '/', key);
}

std::string symbol_name(const Symbol& symbol) {
  return symbol.module.empty() ? symbol.name : cat(symbol.module, '.', symbol.name);
}

/// The class of an object by name; empty when its callee is something else than a name.
std::string class_name(const Object& object) {
  const Symbol* symbol = object.callee.empty() ? nullptr : object.callee.front().get_if<Symbol>();
  return symbol ? symbol_name(*symbol) : "";
}

/// Objects that are nothing but attributes with names.
bool is_namespace(const Object& object) {
  const std::string name = class_name(object);
  return name == "argparse.Namespace" || name == "types.SimpleNamespace";
}

/// A mapping that carries attributes too (Python keeps a version table on a model's weights): its
/// entries count.
bool is_ordered_mapping(const Object& object) {
  return class_name(object) == "collections.OrderedDict";
}

using Entries = std::vector<std::pair<Value, Value>>;

/// The named parts of a value that recast understands; null if it has none.
const Entries* entries_of(const Value& value) {
  const Object* object = value.get_if<Object>();
  if (!object) return tensor::fields_of(value);
  if (is_ordered_mapping(*object)) return &object->pairs;
  return is_namespace(*object) ? tensor::fields_of(value) : nullptr;
}

/// Calls `visit(at, value)` for each node from the root down, before its parts; the visitor says
/// whether to go on below it.
void walk(const Value& value, const std::string& at, std::size_t depth,
          const std::function<bool(const std::string&, const Value&)>& visit) {
  if (depth > kDeepest || !visit(at, value)) return;
  if (const auto* sequence = value.get_if<Sequence>()) {
    for (std::size_t i = 0; i < sequence->items.size(); ++i)
      walk(sequence->items[i], child(at, std::to_string(i)), depth + 1, visit);
  } else if (const Entries* entries = entries_of(value)) {
    for (const auto& [key, item] : *entries)
      walk(item, child(at, key_text(key)), depth + 1, visit);
  }
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return cat(with_commas(count), ' ', count == 1 ? one : many);
}

std::string describe(const Value& value) {
  std::size_t tensors = 0;
  walk(value, "", 0, [&](const std::string&, const Value& node) {
    tensors += node.get_if<TensorRef>() != nullptr;
    return true;
  });
  const std::string holds = tensors == 0 ? "" : cat(", ", counted(tensors, "tensor", "tensors"));
  if (value.get_if<TensorRef>()) return "a tensor";
  if (const auto* sequence = value.get_if<Sequence>(); sequence && !sequence->items.empty())
    return cat(counted(sequence->items.size(), "item", "items"), holds);
  if (const Entries* entries = entries_of(value)) {
    const Object* object = value.get_if<Object>();
    if (object && is_namespace(*object))
      return cat(class_name(*object), ", ", counted(entries->size(), "field", "fields"), holds);
    return cat(counted(entries->size(), "entry", "entries"), holds);
  }
  return tensor::print(value, kValueBytes);
}

std::vector<Place> contents_of(const Value& root) {
  std::vector<Place> out;
  if (const Entries* entries = entries_of(root)) {
    for (const auto& [key, value] : *entries)
      out.push_back({key_text(key), describe(value)});
  } else if (!root.is_null()) {
    out.push_back({"", describe(root)});
  }
  return out;
}

std::vector<Place> opaque_of(const Value& root) {
  std::vector<Place> out;
  walk(root, "", 0, [&](const std::string& at, const Value& value) {
    const Object* object = value.get_if<Object>();
    const Symbol* symbol = value.get_if<Symbol>();
    const bool is_opaque = (object && !entries_of(value)) || (symbol && symbol->module != "torch");
    if (is_opaque && out.size() < kMostOpaque)
      out.push_back({at, tensor::print(value, kValueBytes)});
    return !is_opaque;
  });
  return out;
}

/// Prints the first rows of a list, and how many there are beyond.
void print_rows(const Table& all, const Table& first, std::size_t count, bool everything,
                std::string_view option, std::ostream& out) {
  if (everything || count <= kShown) {
    all.print(out, 2);
    return;
  }
  first.print(out, 2);
  out << "  … " << with_commas(count - kShown) << " more (" << option << ")\n";
}

void print_places(std::string_view title, const std::vector<Place>& places, bool everything,
                  std::ostream& out) {
  if (places.empty()) return;
  Table all({Table::Align::Left, Table::Align::Left}), first = all;
  for (const Place& place : places) {
    all.row({printable(place.at), printable(place.what)});
    if (first.size() < kShown) first.row({printable(place.at), printable(place.what)});
  }
  out << '\n' << title << '\n';
  print_rows(all, first, places.size(), everything, "--all", out);
}

}  // namespace

std::uint64_t tensor_nbytes(const tensor::StoredTensor& tensor) noexcept {
  return static_cast<std::uint64_t>(tensor::element_count(tensor.shape)) *
         tensor::dtype_nbytes(tensor.dtype);
}

FileReport report_file(const tensor::FileCatalog& catalog) {
  FileReport report;
  for (const tensor::StoredTensor& tensor : catalog.tensors) {
    auto total = std::find_if(report.dtypes.begin(), report.dtypes.end(),
                              [&](const DTypeTotal& t) { return t.dtype == tensor.dtype; });
    if (total == report.dtypes.end()) total = report.dtypes.insert(total, {tensor.dtype, 0, 0, 0});
    for (DTypeTotal* sum : {&*total, &report.all}) {
      ++sum->tensors;
      sum->elements += static_cast<std::uint64_t>(tensor::element_count(tensor.shape));
      sum->nbytes += tensor_nbytes(tensor);
    }
  }
  report.contents = contents_of(catalog.root);
  report.opaque = opaque_of(catalog.root);
  return report;
}

void print_text(const tensor::FileCatalog& catalog, const FileReport& report, Detail detail,
                std::ostream& out) {
  out << printable(catalog.path) << '\n';
  Table summary({Table::Align::Left, Table::Align::Left});
  summary.row({"container", cat(catalog.container, ", ", print_byte_size(catalog.nbytes))});
  summary.row(
      {"tensors", cat(with_commas(report.all.tensors), ", ", with_commas(report.all.elements),
                      " elements, ", print_byte_size(report.all.nbytes))});
  for (const DTypeTotal& total : report.dtypes)
    summary.row({cat("  ", tensor::dtype_name(total.dtype)),
                 cat(with_commas(total.tensors), ", ", print_byte_size(total.nbytes))});
  summary.print(out, 2);
  print_places("contents", report.contents, detail.all, out);
  if (!catalog.tensors.empty()) {
    using Align = Table::Align;
    Table all({Align::Left, Align::Left, Align::Left, Align::Right, Align::Left}), first = all;
    for (const tensor::StoredTensor& tensor : catalog.tensors) {
      const std::vector<std::string> row{
          printable(tensor.name), std::string(tensor::dtype_name(tensor.dtype)),
          print_shape(tensor.shape), with_commas(tensor_nbytes(tensor)),
          tensor::is_row_major(tensor) ? "" : cat("strides ", print_shape(tensor.strides))};
      all.row(row);
      if (first.size() < kShown) first.row(row);
    }
    out << "\ntensors (name, dtype, shape, bytes)\n";
    print_rows(all, first, catalog.tensors.size(), detail.all || detail.tensors, "--tensors", out);
  }
  print_places("opaque: kept as it is, never run", report.opaque, detail.all, out);
}

}  // namespace recast::cli
