#include "engine/formats/torch_zip/rebuild.hpp"

#include <doctest/doctest.h>

#include "tests/unit/formats/files.hpp"
#include "tests/unit/formats/pickle_text.hpp"
#include "tests/unit/formats/zip_maker.hpp"

namespace recast::formats::tests {
namespace {

using namespace std::string_literals;

// data/0 has 24 bytes from byte 0x400 on or so: offsets of tensors are shown relative to it.
std::string outcome_of(const std::string& body) {
  const std::string bytes = make_zip({{.name = "archive/data/0", .payload = std::string(24, 'x')},
                                      {.name = "archive/data/1", .payload = ""},
                                      {.name = "archive/data.pkl", .payload = p::stream(body)},
                                      {.name = "archive/version", .payload = "3\n"}});
  const auto catalog = read_bytes(bytes);
  if (!catalog) {
    const std::string& message = catalog.error().message;
    return cat(code_name(catalog.error().code), ": ", message);
  }
  std::string text = listing(*catalog);
  return text;
}

std::string dict_of(const std::string& tensor) {
  return p::dict("w", tensor);
}

const std::string kFloats = p::storage("FloatStorage", "0", 6);

struct Row {
  const char* what;
  std::string tensor;
  const char* outcome;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(outcome_of(dict_of(row.tensor)) == row.outcome);
  }
}

/// `function` of torch._utils over 24 bytes.
std::string rebuilt(const char* function, const std::string& storage, const std::string& more) {
  return p::global("torch._utils", function) + "(" + storage + p::integer(0) + p::tuple({2, 3}) +
         p::tuple({3, 1}) + more + "tR";
}

const std::string kHooks = "\x89" + p::kOrderedDict;

TEST_CASE("formats/rebuild: plain tensors of all three versions") {
  const std::string bytes = p::storage("UntypedStorage", "0", 24, "torch.storage");
  check({
      {"version 1", rebuilt("_rebuild_tensor", kFloats, ""),
       "w fp32 [2x3] @44\n{\"w\": <tensor 0>}"},
      {"version 2", rebuilt("_rebuild_tensor_v2", kFloats, kHooks),
       "w fp32 [2x3] @44\n{\"w\": <tensor 0>}"},
      {"version 2 with metadata", rebuilt("_rebuild_tensor_v2", kFloats, kHooks + "}"),
       "w fp32 [2x3] @44\n{\"w\": <tensor 0>}"},
      {"version 2 with None for metadata", rebuilt("_rebuild_tensor_v2", kFloats, kHooks + "N"),
       "w fp32 [2x3] @44\n{\"w\": <tensor 0>}"},
      {"version 2, not conjugated",
       rebuilt("_rebuild_tensor_v2", kFloats, kHooks + p::dict("conj", "\x89")),
       "w fp32 [2x3] @44\n{\"w\": <tensor 0>}"},
      {"version 3", rebuilt("_rebuild_tensor_v3", bytes, kHooks + p::global("torch", "uint32")),
       "w u32 [2x3] @44\n{\"w\": <tensor 0>}"},
      {"version 3 by an alias",
       rebuilt("_rebuild_tensor_v3", bytes, kHooks + p::global("torch", "int")),
       "w i32 [2x3] @44\n{\"w\": <tensor 0>}"},
      {"sizes as torch.Size",
       p::tensor(kFloats, 0, p::reduce(p::global("torch", "Size"), p::tuple({6}) + "\x85"),
                 p::tuple({1})),
       "w fp32 [6] @44\n{\"w\": <tensor 0>}"},
  });
}

TEST_CASE("formats/rebuild: views name their place in the storage") {
  check({
      {"offset", p::tensor(kFloats, 2, p::tuple({4}), p::tuple({1})),
       "w fp32 [4] @52\n{\"w\": <tensor 0>}"},
      {"transposed", p::tensor(kFloats, 0, p::tuple({3, 2}), p::tuple({1, 3})),
       "w fp32 [3x2]/1x3 @44\n{\"w\": <tensor 0>}"},
      {"expanded", p::tensor(kFloats, 5, p::tuple({100, 1}), p::tuple({0, 7})),
       "w fp32 [100x1]/0x7 @64\n{\"w\": <tensor 0>}"},
      {"scalar", p::tensor(kFloats, 5, ")", ")"), "w fp32 [] @64\n{\"w\": <tensor 0>}"},
      {"empty, wherever it says", p::tensor(kFloats, 999, p::tuple({0, 3}), p::tuple({3, 1})),
       "w fp32 [0x3] @44\n{\"w\": <tensor 0>}"},
      {"empty storage",
       p::tensor(p::storage("FloatStorage", "1", 0), 0, p::tuple({0}), p::tuple({1})),
       "w fp32 [0] @112\n{\"w\": <tensor 0>}"},
  });
}

TEST_CASE("formats/rebuild: parameters and subclasses are their inner tensors") {
  const std::string tensor = p::tensor(kFloats, 0, p::tuple({6}), p::tuple({1}));
  const std::string args =
      "(" + kFloats + p::integer(0) + p::tuple({6}) + p::tuple({1}) + kHooks + "t";
  check({
      {"parameter", p::global("torch._utils", "_rebuild_parameter") + "(" + tensor + kHooks + "tR",
       "w fp32 [6] @44\n{\"w\": <tensor 0>}"},
      {"parameter with state",
       p::global("torch._utils", "_rebuild_parameter_with_state") + "(" + tensor + kHooks + "}tR",
       "w fp32 [6] @44\n{\"w\": <tensor 0>}"},
      {"subclass",
       p::global("torch._tensor", "_rebuild_from_type_v2") + "(" +
           p::global("torch._utils", "_rebuild_tensor_v2") + p::global("torch", "Tensor") + args +
           "}tR",
       "w fp32 [6] @44\n{\"w\": <tensor 0>}"},
      {"parameter of something else",
       p::global("torch._utils", "_rebuild_parameter") + "(N" + kHooks + "tR",
       "{\"w\": torch._utils._rebuild_parameter(null, false, {})}"},
  });
  // Parameters in parameters, deeper than any stack: no tensor, and too deep for a value.
  constexpr int kLevels = 20'000;
  std::string nested;
  for (int level = 0; level < kLevels; ++level)
    nested += p::global("torch._utils", "_rebuild_parameter");
  nested += tensor;
  for (int level = 0; level < kLevels; ++level)
    nested += "\x89)\x87R";
  CHECK(outcome_of(dict_of(nested)) == "format.too-large: values nest deeper than 1000");
}

TEST_CASE("formats/rebuild: what is more than bytes and strides stays an object with its storage") {
  check({
      {"conjugated",
       p::global("torch._utils", "_rebuild_tensor_v2") + "(" +
           p::storage("ComplexFloatStorage", "0", 3) + p::integer(0) + p::tuple({3}) +
           p::tuple({1}) + kHooks + p::dict("conj", "\x88") + "tR",
       "w/0 c64 [3] @44\n{\"w\": "
       "torch._utils._rebuild_tensor_v2(torch.ComplexFloatStorage(<tensor "
       "0>), 0, (3,), (1,), false, {}, {\"conj\": true})}"},
      {"unknown dtype",
       p::global("torch._utils", "_rebuild_tensor_v3") + "(" +
           p::storage("UntypedStorage", "0", 24, "torch.storage") + p::integer(0) + p::tuple({24}) +
           p::tuple({1}) + kHooks + p::global("torch", "bits8") + "tR",
       "w/0 u8 [24] @44\n{\"w\": torch._utils._rebuild_tensor_v3(torch.storage.UntypedStorage("
       "<tensor 0>), 0, (24,), (1,), false, {}, torch.bits8)}"},
      {"quantised",
       p::global("torch._utils", "_rebuild_qtensor") + "(" + p::storage("QInt8Storage", "0", 24) +
           "tR",
       "w/0 i8 [24] @44\n{\"w\": torch._utils._rebuild_qtensor(torch.QInt8Storage(<tensor 0>))}"},
      {"bare storage", p::storage("LongStorage", "0", 3),
       "w i64 [3] @44\n{\"w\": torch.LongStorage(<tensor 0>)}"},
      {"a storage made out of a tensor",
       p::global("torch", "FloatStorage") + p::tensor(kFloats, 0, p::tuple({6}), p::tuple({1})) +
           "\x85R",
       "format.bad-pickle: 'w' makes a storage out of a tensor"},
      {"no storage",
       p::global("torch._utils", "_rebuild_tensor_v2") + "(N" + p::integer(0) + p::tuple({1}) +
           p::tuple({1}) + kHooks + "tR",
       "{\"w\": torch._utils._rebuild_tensor_v2(null, 0, (1,), (1,), false, {})}"},
  });
}

TEST_CASE("formats/rebuild: a tensor must lie inside its storage") {
  const std::string big = "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F";
  check({
      {"one element too far", p::tensor(kFloats, 1, p::tuple({6}), p::tuple({1})),
       "format.bad-tensor: tensor 'w': it reaches to byte 28 of a storage of 24 bytes"},
      {"strides too far", p::tensor(kFloats, 0, p::tuple({2, 3}), p::tuple({4, 1})),
       "format.bad-tensor: tensor 'w': it reaches to byte 28 of a storage of 24 bytes"},
      {"negative offset", p::tensor(kFloats, -1, p::tuple({1}), p::tuple({1})),
       "format.bad-tensor: tensor 'w': its offset, a size or a stride is negative"},
      {"negative size", p::tensor(kFloats, 0, p::tuple({-1}), p::tuple({1})),
       "format.bad-tensor: tensor 'w': its offset, a size or a stride is negative"},
      {"negative stride", p::tensor(kFloats, 5, p::tuple({6}), p::tuple({-1})),
       "format.bad-tensor: tensor 'w': its offset, a size or a stride is negative"},
      {"ranks", p::tensor(kFloats, 0, p::tuple({2, 3}), p::tuple({1})),
       "format.bad-tensor: tensor 'w': it has 2 sizes and 1 strides"},
      {"product of sizes", p::tensor(kFloats, 0, "(" + big + big + "t", p::tuple({0, 0})),
       "format.bad-tensor: tensor 'w': its sizes overflow 64 bits"},
      {"size times stride", p::tensor(kFloats, 0, p::tuple({9}), "(" + big + "t"),
       "format.bad-tensor: tensor 'w': its sizes overflow 64 bits"},
      {"sum of strides", p::tensor(kFloats, 6, p::tuple({2}), "(" + big + "t"),
       "format.bad-tensor: tensor 'w': its sizes overflow 64 bits"},
      {"sizes that are no integers", p::tensor(kFloats, 0, "N\x85", p::tuple({1})),
       "format.bad-tensor: tensor 'w': '_rebuild_tensor_v2' wants an offset, a tuple of sizes and "
       "a "
       "tuple of strides"},
      {"too few arguments", p::global("torch._utils", "_rebuild_tensor_v2") + "(" + kFloats + "tR",
       "format.bad-tensor: tensor 'w': '_rebuild_tensor_v2' has 1 arguments, 6 or one more were "
       "expected"},
      {"changed later", p::tensor(kFloats, 0, p::tuple({6}), p::tuple({1})) + "N" + "Ns",
       "format.bad-tensor: tensor 'w': it is changed after it was made"},
  });
}

TEST_CASE("formats/rebuild: a storage must be what its record is") {
  const auto whole = [](const std::string& storage) {
    return p::tensor(storage, 0, p::tuple({1}), p::tuple({1}));
  };
  check({
      {"shorter than declared", whole(p::storage("FloatStorage", "0", 7)),
       "format.bad-tensor: tensor 'w': storage '0' is 7 × fp32, but record 'data/0' has 24 bytes"},
      {"longer than declared", whole(p::storage("FloatStorage", "0", 5)),
       "format.bad-tensor: tensor 'w': storage '0' is 5 × fp32, but record 'data/0' has 24 bytes"},
      {"negative", whole(p::storage("FloatStorage", "0", -6)),
       "format.bad-tensor: tensor 'w': storage '0' is -6 × fp32, but record 'data/0' has 24 bytes"},
      {"missing", whole(p::storage("FloatStorage", "7", 6)),
       "format.missing-record: tensor 'w': the archive has no record 'data/7'"},
      {"class of nobody", whole(p::storage("FloatStorage", "0", 6, "evil")),
       "format.unknown-dtype: tensor 'w': 'evil.FloatStorage' is no known class of storages"},
      {"unknown class", whole(p::storage("FooStorage", "0", 6)),
       "format.unknown-dtype: tensor 'w': 'torch.FooStorage' is no known class of storages"},
      {"two dtypes", "(" + whole(kFloats) + whole(p::storage("IntStorage", "0", 6)) + "t",
       "format.bad-tensor: tensor 'w/1': storage '0' is 6 × fp32 first and 6 × i32 later"},
      {"two sizes", "(" + whole(kFloats) + whole(p::storage("FloatStorage", "0", 3)) + "t",
       "format.bad-tensor: tensor 'w/1': storage '0' is 6 × fp32 first and 3 × fp32 later"},
  });
}

}  // namespace
}  // namespace recast::formats::tests
