#include "cli/file_report.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <sstream>

#include <nlohmann/json.hpp>

#include "engine/base/diagnostic.hpp"

namespace recast::cli {
namespace {

using tensor::DType;
using tensor::Mapping;
using tensor::Object;
using tensor::Symbol;
using tensor::TensorRef;
using tensor::Value;

Value object(std::string module, std::string name, Value state) {
  Object made;
  made.callee.push_back(Symbol{std::move(module), std::move(name)});
  made.args.push_back(tensor::Sequence{tensor::Sequence::Kind::Tuple, {}});
  if (!state.is_null()) made.state.push_back(std::move(state));
  return made;
}

/// Two tensors, a namespace with an object that nobody knows, and some plain values.
tensor::FileCatalog sample() {
  tensor::FileCatalog catalog;
  catalog.path = "a.pt";
  catalog.container = "torch";
  catalog.nbytes = 12345;
  catalog.tensors = {{"model/w", DType::BF16, {2, 3}, {3, 1}, 64},
                     {"model/t", DType::BF16, {3, 2}, {1, 3}, 128},
                     {"scale", DType::F32, {}, {}, 192}};
  Object weights;
  weights.callee.push_back(Symbol{"collections", "OrderedDict"});
  weights.args.push_back(tensor::Sequence{tensor::Sequence::Kind::Tuple, {}});
  weights.state.push_back(Mapping{{{"_metadata", 1}}});
  weights.pairs = {{"w", TensorRef{0}}, {"t", TensorRef{1}}};
  const Value kind = object("some.where", "Kind", {});
  const Value args =
      object("argparse", "Namespace",
             Mapping{{{"layers", 2}, {"dtype", Symbol{"torch", "bfloat16"}}, {"kind", kind}}});
  catalog.root =
      Mapping{{{"args", args}, {"model", weights}, {"scale", TensorRef{2}}, {"iteration", 10}}};
  return catalog;
}

std::string text_of(const tensor::FileCatalog& catalog, Detail detail = {}) {
  std::ostringstream out;
  print_text(catalog, report_file(catalog), detail, out);
  return out.str();
}

nlohmann::json json_of(const tensor::FileCatalog& catalog) {
  std::ostringstream out;
  print_json(catalog, report_file(catalog), out);
  return nlohmann::json::parse(out.str());
}

TEST_CASE("cli/file_report: text names container, sums, contents, tensors and what is opaque") {
  CHECK(text_of(sample()) == R"(a.pt
  container  torch, 12.3 kB
  tensors    3, 13 elements, 28 B
    bf16     2, 24 B
    fp32     1, 4 B

contents
  args       argparse.Namespace, 3 fields
  model      2 entries, 2 tensors
  scale      a tensor
  iteration  10

tensors (name, dtype, shape, bytes)
  model/w  bf16  [2, 3]  12
  model/t  bf16  [3, 2]  12  strides [1, 3]
  scale    fp32  []       4

opaque: kept as it is, never run
  args/kind  some.where.Kind()
)");
}

TEST_CASE("cli/file_report: long lists are cut, and an option shows the rest") {
  tensor::FileCatalog catalog;
  catalog.path = "many";
  catalog.container = "safetensors";
  for (int i = 0; i < 1025; ++i)
    catalog.tensors.push_back({cat("t", i), DType::U8, {1}, {1}, 0});
  const std::string cut = text_of(catalog);
  CHECK(cut.find("t19 ") != std::string::npos);
  CHECK(cut.find("t20 ") == std::string::npos);
  CHECK(cut.ends_with("  … 1,005 more (--tensors)\n"));
  CHECK(text_of(catalog, {.tensors = true}).find("t1024 ") != std::string::npos);
  CHECK(text_of(catalog, {.all = true}).find("t1024 ") != std::string::npos);
}

TEST_CASE("cli/file_report: names from the file cannot reach the terminal") {
  tensor::FileCatalog catalog = sample();
  catalog.tensors[0].name = "\x1b]0;title\a";
  set_field(catalog.root, "\x1b[2J", 1);
  const std::string text = text_of(catalog);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\\x1b]0;title\\x07") != std::string::npos);
}

TEST_CASE("cli/file_report: JSON holds everything") {
  const nlohmann::json json = json_of(sample());
  CHECK(json["container"] == "torch");
  CHECK(json["nbytes"] == 12345);
  CHECK(json["tensor_count"] == 3);
  CHECK(json["element_count"] == 13);
  CHECK(json["tensor_nbytes"] == 28);
  CHECK(json["dtypes"][0].dump() == R"({"dtype":"bf16","elements":12,"nbytes":24,"tensors":2})");
  CHECK(
      json["tensors"][1].dump() ==
      R"({"byte_offset":128,"dtype":"bf16","name":"model/t","nbytes":12,"shape":[3,2],"strides":[1,3]})");
  CHECK(json["opaque"].dump() == R"json([{"at":"args/kind","what":"some.where.Kind()"}])json");
  CHECK(json["document"]["scale"].dump() == R"({"$tensor":"scale"})");
  CHECK(json["document"]["args"]["$object"]["state"]["dtype"].dump() ==
        R"({"$symbol":"torch.bfloat16"})");
  CHECK(json["document"]["model"]["$object"]["pairs"]["w"].dump() == R"({"$tensor":"model/w"})");
}

TEST_CASE("cli/file_report: JSON says in words of its own what it has no form for") {
  struct Row {
    Value value;
    const char* json;
  };
  const Row rows[] = {
      {tensor::Null{}, "null"},
      {std::numeric_limits<double>::infinity(), R"({"$float":"inf"})"},
      {std::numeric_limits<double>::quiet_NaN(), R"({"$float":"nan"})"},
      {tensor::Bytes{std::string("\0\xff", 2)}, R"({"$bytes":"00ff"})"},
      {tensor::BigInteger{std::string("\x01\x02", 2)}, R"({"$integer":"0102"})"},
      {Mapping{{{1, 2}}}, R"({"$pairs":[[1,2]]})"},
      {Mapping{{{"a", 1}, {"a", 2}}}, R"({"$pairs":[["a",1],["a",2]]})"},
      {Mapping{{{"$tensor", 1}}}, R"({"$pairs":[["$tensor",1]]})"},
      {"\xff", R"("�")"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    tensor::FileCatalog catalog;
    catalog.root = Mapping{{{"it", row.value}}};
    CHECK(json_of(catalog)["document"]["it"].dump() == row.json);
  }
}

TEST_CASE("cli/file_report: a document that nests too deep is cut, not followed") {
  Value deep = 1;
  for (int i = 0; i < 500; ++i)
    deep = tensor::Sequence{tensor::Sequence::Kind::List, {std::move(deep)}};
  tensor::FileCatalog catalog;
  catalog.root = Mapping{{{"deep", std::move(deep)}}};
  CHECK(json_of(catalog).dump().find("nested too deep") != std::string::npos);
  CHECK(text_of(catalog).find("deep  1 item") != std::string::npos);
}

}  // namespace
}  // namespace recast::cli
