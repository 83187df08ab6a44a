#include <cmath>
#include <ostream>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "cli/file_report.hpp"

namespace recast::cli {
namespace {

using Json = nlohmann::ordered_json;
using tensor::Value;

constexpr std::size_t kDeepest = 200;

Json to_json(const tensor::FileCatalog& catalog, const Value& value, std::size_t depth);

Json list_to_json(const tensor::FileCatalog& catalog, const tensor::ValueList& items,
                  std::size_t depth) {
  Json out = Json::array();
  for (const Value& item : items)
    out.push_back(to_json(catalog, item, depth));
  return out;
}

/// An object when every key is a text and none stands twice, else a list of pairs.
Json pairs_to_json(const tensor::FileCatalog& catalog,
                   const std::vector<std::pair<Value, Value>>& entries, std::size_t depth) {
  Json object = Json::object(), pairs = Json::array();
  bool plain = true;
  for (const auto& [key, value] : entries) {
    const std::string* name = key.get_if<std::string>();
    Json item = to_json(catalog, value, depth);
    plain = plain && name && !name->starts_with('$') && !object.contains(*name);
    pairs.push_back(Json::array({to_json(catalog, key, depth), item}));
    if (plain) object[*name] = std::move(item);
  }
  if (plain) return object;
  return Json{{"$pairs", std::move(pairs)}};
}

std::string hex(const std::string& bytes) {
  static constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4U];
    out += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return out;
}

/// What JSON cannot say stands as an object with one key that begins with '$'.
struct ToJson {
  const tensor::FileCatalog& catalog;
  std::size_t depth;

  Json operator()(tensor::Null) const { return nullptr; }
  Json operator()(bool value) const { return value; }
  Json operator()(std::int64_t value) const { return value; }
  Json operator()(double value) const {
    if (std::isfinite(value)) return value;
    return Json{{"$float", std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"}};
  }
  Json operator()(const std::string& value) const { return value; }
  Json operator()(const tensor::Bytes& value) const { return Json{{"$bytes", hex(value.bytes)}}; }
  Json operator()(const tensor::BigInteger& value) const {
    return Json{{"$integer", hex(value.bytes)}};
  }
  Json operator()(const tensor::Sequence& value) const {
    return list_to_json(catalog, value.items, depth);
  }
  Json operator()(const tensor::Mapping& value) const {
    return pairs_to_json(catalog, value.entries, depth);
  }
  Json operator()(const tensor::Symbol& value) const {
    return Json{{"$symbol", value.module.empty() ? value.name : value.module + "." + value.name}};
  }
  Json operator()(tensor::TensorRef value) const {
    return Json{
        {"$tensor", value.index < catalog.tensors.size() ? catalog.tensors[value.index].name : ""}};
  }
  Json operator()(const tensor::Object& value) const {
    Json out;
    out["callee"] = list_to_json(catalog, value.callee, depth);
    if (!value.args.empty()) out["args"] = to_json(catalog, value.args.front(), depth);
    if (!value.state.empty()) out["state"] = to_json(catalog, value.state.front(), depth);
    if (!value.items.empty()) out["items"] = list_to_json(catalog, value.items, depth);
    if (!value.pairs.empty()) out["pairs"] = pairs_to_json(catalog, value.pairs, depth);
    if (out["callee"].size() == 1) out["callee"] = Json(out["callee"][0]);
    return Json{{"$object", std::move(out)}};
  }
};

Json to_json(const tensor::FileCatalog& catalog, const Value& value, std::size_t depth) {
  if (depth > kDeepest) return Json{{"$cut", "nested too deep"}};
  return std::visit(ToJson{catalog, depth + 1}, value.data());
}

Json to_json(const std::vector<Place>& places) {
  Json out = Json::array();
  for (const Place& place : places)
    out.push_back({{"at", place.at}, {"what", place.what}});
  return out;
}

}  // namespace

void print_json(const tensor::FileCatalog& catalog, const FileReport& report, std::ostream& out) {
  Json json;
  json["path"] = catalog.path;
  json["container"] = catalog.container;
  json["nbytes"] = catalog.nbytes;
  json["tensor_count"] = report.all.tensors;
  json["element_count"] = report.all.elements;
  json["tensor_nbytes"] = report.all.nbytes;
  json["dtypes"] = Json::array();
  for (const DTypeTotal& total : report.dtypes)
    json["dtypes"].push_back({{"dtype", tensor::dtype_name(total.dtype)},
                              {"tensors", total.tensors},
                              {"elements", total.elements},
                              {"nbytes", total.nbytes}});
  json["tensors"] = Json::array();
  for (const tensor::StoredTensor& tensor : catalog.tensors)
    json["tensors"].push_back({{"name", tensor.name},
                               {"dtype", tensor::dtype_name(tensor.dtype)},
                               {"shape", tensor.shape},
                               {"strides", tensor.strides},
                               {"nbytes", tensor_nbytes(tensor)},
                               {"byte_offset", tensor.byte_offset}});
  json["opaque"] = to_json(report.opaque);
  json["document"] = to_json(catalog, catalog.root, 0);
  // Names come from files and need not be UTF-8.
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace recast::cli
