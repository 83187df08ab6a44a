#include "engine/formats/safetensors/safetensors.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/formats/little_endian.hpp"
#include "tests/unit/formats/files.hpp"

namespace recast::formats::tests {
namespace {

using tensor::DType;
using tensor::Mapping;
using tensor::Value;

const SafetensorsContainer kSafetensors;

TEST_CASE("formats/safetensors: data lies by dtype, widest first, then by name") {
  const FileSpec spec{{{"b", DType::U8, {3}},
                       {"z", DType::BF16, {1}},
                       {"a", DType::U8, {1}},
                       {"m", DType::F64, {}},
                       {"e", DType::BF16, {0, 2}}},
                      Mapping{{{"format", "pt"}, {"q\"uote", "ü\n"}}, false}};
  const std::string bytes = write_bytes(kSafetensors, spec, {"BBB", "ZZ", "A", "MMMMMMMM", ""});
  const std::string json = R"({"__metadata__":{"format":"pt","q\"uote":"ü\n"},)"
                           R"("m":{"dtype":"F64","shape":[],"data_offsets":[0,8]},)"
                           R"("e":{"dtype":"BF16","shape":[0,2],"data_offsets":[8,8]},)"
                           R"("z":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]},)"
                           R"("a":{"dtype":"U8","shape":[1],"data_offsets":[10,11]},)"
                           R"("b":{"dtype":"U8","shape":[3],"data_offsets":[11,14]}})";
  const std::size_t padded = (json.size() + 7) / 8 * 8;
  CHECK(load_le<std::uint64_t>(std::string_view(bytes), 0) == padded);
  CHECK(bytes.substr(8, padded) == json + std::string(padded - json.size(), ' '));
  CHECK(bytes.substr(8 + padded) == "MMMMMMMMZZABBB");
}

TEST_CASE("formats/safetensors: offsets are in the order of the spec") {
  const FileSpec spec{{{"b", DType::U8, {3}}, {"m", DType::F64, {}}}, Value()};
  const auto layout = kSafetensors.lay_out(spec);
  REQUIRE(layout);
  const auto& offsets = (*layout)->tensor_offsets();
  CHECK(offsets[1] % 8 == 0);
  CHECK(offsets[0] == offsets[1] + 8);
  CHECK((*layout)->nbytes() == offsets[0] + 3);
  CHECK(!(*layout)->needs_crc());
}

TEST_CASE("formats/safetensors: a file without tensors") {
  const std::string bytes = write_bytes(kSafetensors, {{}, Value()}, {});
  CHECK(bytes == std::string("\x08\0\0\0\0\0\0\0{}      ", 16));
}

TEST_CASE(
    "formats/safetensors: a file of the reference library is read and written back the same") {
  const std::string bytes = fixture("dtypes.safetensors");
  auto catalog = read_bytes(bytes);
  REQUIRE_MESSAGE(catalog, shown(catalog.error()));
  CHECK(catalog->tensors.size() == 18);
  const auto payloads = payloads_of(*catalog, bytes);
  const std::string written = write_bytes(kSafetensors, spec_of(*catalog), payloads);
  auto again = read_bytes(written);
  REQUIRE(again);
  CHECK(again->root == catalog->root);
  for (const tensor::StoredTensor& before : catalog->tensors) {
    CAPTURE(before.name);
    const auto after = std::find_if(again->tensors.begin(), again->tensors.end(),
                                    [&](const auto& tensor) { return tensor.name == before.name; });
    REQUIRE(after != again->tensors.end());
    CHECK(after->dtype == before.dtype);
    CHECK(after->shape == before.shape);
    CHECK(elements(*after, written) == elements(before, bytes));
    CHECK(after->byte_offset % tensor::dtype_nbytes(after->dtype) == 0);
  }
}

TEST_CASE("formats/safetensors: what the format cannot hold is refused") {
  const auto said = [](std::vector<TensorSpec> tensors, Value root) {
    return refusal(kSafetensors, {std::move(tensors), std::move(root)});
  };
  const auto error = [](const char* message) {
    return cat("error[format.cannot-write]: ", message);
  };
  CHECK(said({{"w", DType::C128, {1}}}, {}) ==
        error("safetensors has no dtype for tensor 'w' of c128"));
  CHECK(said({{"__metadata__", DType::U8, {1}}}, {}) ==
        error("a tensor in a safetensors file cannot be called '__metadata__'"));
  CHECK(said({{"\xFF", DType::U8, {1}}}, {}) ==
        error("a tensor in a safetensors file cannot be called '\\xff'"));
  CHECK(said({{"w", DType::U8, {1}}, {"w", DType::U8, {1}}}, {}) ==
        error("two tensors are called 'w'"));
  CHECK(said({{"w", DType::U8, {-1}}}, {}) ==
        error("the size of tensor 'w' is negative or too large for a file"));
  CHECK(said({}, 7) == error("the metadata of a safetensors file must be a mapping"));
  CHECK(said({}, Mapping{{{"a", 7}}, false}) ==
        error("the metadata of a safetensors file must be text, 'a' is not"));
  CHECK(said({}, Mapping{{{7, "a"}}, false}) ==
        error("the metadata of a safetensors file must be text, '7' is not"));
  CHECK(said({}, Mapping{{{"a", "\xFF"}}, false}) == error("metadata 'a' is not UTF-8"));
  CHECK(said({}, Mapping{{{"a", ""}, {"a", ""}}, false}) == error("metadata 'a' stands twice"));
  CHECK(said({{std::string(100'000'001, 'w'), DType::U8, {1}}}, {}) ==
        error("the header would be longer than the 100000000 bytes that safetensors allows\n"
              "hint: write more, smaller files"));
}

}  // namespace
}  // namespace recast::formats::tests
