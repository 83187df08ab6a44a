#include "cli/folder_report.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/text.hpp"
#include "engine/base/byte_size.hpp"
#include "engine/base/join.hpp"

namespace recast::cli {
namespace {

using Align = Table::Align;

constexpr std::size_t kShown = 20;

struct Totals {
  std::size_t tensors = 0;
  std::uint64_t nbytes = 0;
  std::map<std::string, std::uint64_t> dtypes;  // name -> bytes
};

Totals totals_of(const checkpoint::Opened& opened) {
  Totals totals;
  for (const checkpoint::OpenedFile& file : opened.files)
    for (const tensor::StoredTensor& tensor : file.catalog.tensors) {
      ++totals.tensors;
      const std::uint64_t nbytes = tensor_nbytes(tensor);
      totals.nbytes += nbytes;
      totals.dtypes[std::string(tensor::dtype_name(tensor.dtype))] += nbytes;
    }
  return totals;
}

const char* origin_text(rules::Origin origin) {
  switch (origin) {
    case rules::Origin::Set:
      return "--set";
    case rules::Origin::Told:
      return "files";
    case rules::Origin::Config:
      return "configuration";
    case rules::Origin::Carried:
      return "carried configuration";
    case rules::Origin::Default:
      return "default";
    case rules::Origin::Unknown:
      return "";
  }
  return "";
}

}  // namespace

void print_text(const FolderReport& report, Detail detail, std::ostream& out) {
  const checkpoint::Opened& opened = report.opened;
  const Totals totals = totals_of(opened);
  Table head({Align::Left, Align::Left});
  head.row({"framework", opened.framework.dialect.framework});
  head.row({"container", opened.container});
  head.row(
      {"family", report.bound != nullptr ? report.bound->rules.family : "not known to the rules"});
  head.row({"topology", rules::print_grid(opened.grid)});
  if (report.bound != nullptr && report.bound->stages.counts.size() > 1)
    head.row({"layers", joined(report.bound->stages.counts, " ") + " per pipeline chunk"});
  head.row({"files", with_commas(opened.files.size())});
  const std::string dtypes = joined(totals.dtypes, ", ", [](const auto& entry) {
    return cat(entry.first, " ", print_byte_size(entry.second));
  });
  head.row({"tensors", with_commas(totals.tensors) + " with " + print_byte_size(totals.nbytes) +
                           ": " + dtypes});
  head.print(out, 0);
  if (report.bound != nullptr) {
    out << "\nsizes\n";
    Table sizes({Align::Left, Align::Left, Align::Left});
    for (const rules::SizeRule& size : report.bound->rules.sizes) {
      const tensor::Value* value = report.bound->sizes.find(size.name);
      if (value == nullptr || value->is_null()) continue;
      const auto origin = report.bound->sizes.origins.find(size.name);
      sizes.row({size.name, printable(tensor::print(*value)),
                 origin == report.bound->sizes.origins.end() ? "" : origin_text(origin->second)});
    }
    sizes.print(out, 2);
    for (const auto& [pattern, entry] : report.bound->ignored)
      out << "\nnot part of the model: " << entry.first << " tensors " << pattern << ": "
          << entry.second;
    if (!report.bound->ignored.empty()) out << "\n";
  }
  out << "\ntensors\n";
  Table table({Align::Left, Align::Left, Align::Left, Align::Right});
  const std::size_t shown = detail.tensors || detail.all ? totals.tensors : kShown;
  std::string last;
  for (const checkpoint::OpenedFile& file : opened.files)
    for (const tensor::StoredTensor& tensor : file.catalog.tensors) {
      if (table.size() >= shown) break;
      table.row({printable(opened.files.size() > 1 ? file.path + ": " + tensor.name : tensor.name),
                 std::string(tensor::dtype_name(tensor.dtype)), print_shape(tensor.shape),
                 print_byte_size(tensor_nbytes(tensor))});
    }
  table.print(out, 2);
  if (shown < totals.tensors)
    out << "  … and " << with_commas(totals.tensors - shown) << " more (--tensors)\n";
}

void print_json(const FolderReport& report, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  const checkpoint::Opened& opened = report.opened;
  Json json;
  json["framework"] = opened.framework.dialect.framework;
  json["container"] = opened.container;
  json["family"] = report.bound != nullptr ? Json(report.bound->rules.family) : Json(nullptr);
  Json topology = Json::object(), sizes = Json::object(), files = Json::array();
  for (const auto& [name, size] : opened.grid.sizes)
    topology[name] = size;
  json["topology"] = std::move(topology);
  if (report.bound != nullptr) {
    json["layers"] = report.bound->stages.counts;
    for (const auto& [name, value] : report.bound->sizes.values) {
      if (const auto* integer = value.get_if<std::int64_t>())
        sizes[name] = *integer;
      else if (const auto* number = value.get_if<double>())
        sizes[name] = *number;
      else if (const auto* flag = value.get_if<bool>())
        sizes[name] = *flag;
      else if (const auto* text = value.get_if<std::string>())
        sizes[name] = *text;
      else if (!value.is_null())
        sizes[name] = tensor::print(value);
      else
        sizes[name] = nullptr;
    }
    json["sizes"] = std::move(sizes);
  }
  for (const checkpoint::OpenedFile& file : opened.files) {
    Json entry{{"path", file.path}, {"nbytes", file.catalog.nbytes}};
    Json tensors = Json::array();
    for (const tensor::StoredTensor& tensor : file.catalog.tensors)
      tensors.push_back({{"name", tensor.name},
                         {"dtype", tensor::dtype_name(tensor.dtype)},
                         {"shape", tensor.shape},
                         {"nbytes", tensor_nbytes(tensor)}});
    entry["tensors"] = std::move(tensors);
    files.push_back(std::move(entry));
  }
  json["files"] = std::move(files);
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace recast::cli
