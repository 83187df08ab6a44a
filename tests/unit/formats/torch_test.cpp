#include "engine/formats/torch_zip/torch.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "engine/formats/torch_zip/torch_dtypes.hpp"
#include "tests/unit/formats/files.hpp"
#include "tests/unit/formats/pickle_text.hpp"
#include "tests/unit/formats/zip_maker.hpp"

namespace recast::formats::tests {
namespace {

const TorchContainer kTorch;

constexpr const char* kSaveAgain =
    "\nhint: load it with a PyTorch that reads it and save it again with torch.save(object, path)";

TEST_CASE("formats/torch: names, dtypes, shapes and elements are those that PyTorch tells") {
  const std::string bytes = fixture("kinds.pt");
  auto catalog = read_bytes(bytes);
  REQUIRE_MESSAGE(catalog, shown(catalog.error()));
  std::ostringstream told;
  for (const tensor::StoredTensor& tensor : catalog->tensors) {
    // PyTorch tells of tensors only: not of the storages of the quantised tensor and of the bare
    // one.
    if (tensor.name == "quantised/0" || tensor.name == "storage") continue;
    told << tensor.name << ' ' << torch_name(tensor.dtype) << " [";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
      told << (i > 0 ? "x" : "") << tensor.shape[i];
    std::string crc(8, '0');
    std::snprintf(crc.data(), 9, "%08x", crc32(elements(tensor, bytes)));
    told << "] " << crc << '\n';
  }
  CHECK(told.str() == fixture("kinds.txt"));
}

TEST_CASE("formats/torch: values beside tensors keep what they are") {
  auto catalog = read_bytes(fixture("kinds.pt"));
  REQUIRE(catalog);
  struct Row {
    const char* path;
    const char* text;
  };
  static constexpr Row rows[] = {
      {"args/lr", "1e-04"},
      {"args/betas", "(0.9, 0.999)"},
      {"args/name", "\"größe\""},
      {"args/big", "1180591620717411303424"},
      {"args/none", "null"},
      {"args/color", "__main__.Color(1)"},
      {"options/depth", "3"},
      {"sets", "[set(1, 2), frozenset(3)]"},
      {"bytes", "[<2 bytes>, <0 bytes>, __builtin__.bytearray(<2 bytes>)]"},
      {"torch", "[torch.Size((2, 3)), torch.device(\"cuda\", 1), torch.bfloat16]"},
      {"counter", "collections.Counter({\"a\": 2, \"b\": 1})"},
      {"storage", "torch.storage.UntypedStorage(<tensor 38>)"},
      {"numpy",
       "numpy._core.multiarray._reconstruct(numpy.ndarray, (0,), <1 bytes>)(1, (3,), "
       "numpy.dtype(\"u4\", false, true)(3, \"<\", null, null, null, -1, -1, 0), false, <12 "
       "bytes>)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const tensor::Value* value = tensor::field_at(catalog->root, row.path);
    REQUIRE(value != nullptr);
    CHECK(tensor::print(*value, 1000) == row.text);
  }
}

TEST_CASE("formats/torch: what was read from a framework's file is written and read back equal") {
  for (const char* name :
       {"kinds.pt", "megatron_rank.pt", "megatron_numpy1.pt", "optimizer_state.pt",
        "zero3_optim_states.pt", "zero3_model_states.pt", "step.pt", "g1.pt"}) {
    CAPTURE(name);
    const std::string bytes = fixture(name);
    auto catalog = read_bytes(bytes);
    REQUIRE_MESSAGE(catalog, shown(catalog.error()));
    const auto payloads = payloads_of(*catalog, bytes);
    const std::string written = write_bytes(kTorch, spec_of(*catalog), payloads);
    auto again = read_bytes(written);
    REQUIRE_MESSAGE(again, shown(again.error()));
    CHECK(again->root == catalog->root);
    CHECK(payloads_of(*again, written) == payloads);
    REQUIRE(again->tensors.size() == catalog->tensors.size());
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      const auto& before = catalog->tensors[i];
      const auto& after = again->tensors[i];
      CHECK(after.name == before.name);
      CHECK(after.dtype == before.dtype);
      CHECK(after.shape == before.shape);
      CHECK(after.byte_offset % 64 == 0);
    }
    // Written once more, nothing changes.
    CHECK(write_bytes(kTorch, spec_of(*again), payloads) == written);
  }
}

TEST_CASE("formats/torch: arguments of a training run are found by name") {
  auto catalog = read_bytes(fixture("megatron_rank.pt"));
  REQUIRE(catalog);
  const auto text = [&](const char* path) {
    const tensor::Value* value = tensor::field_at(catalog->root, path);
    return value == nullptr ? "nothing" : tensor::print(*value);
  };
  CHECK(text("args/tensor_model_parallel_size") == "2");
  CHECK(text("args/params_dtype") == "torch.bfloat16");
  CHECK(text("iteration") == "3");
  CHECK(text("args/no_such_argument") == "nothing");
}

TEST_CASE("formats/torch: forms that are not read are named, with what to do") {
  struct Row {
    const char* what;
    std::string bytes;
    std::string outcome;
  };
  std::string tar(512, '\0');
  tar.replace(0, 7, "pickle\0", 7);
  tar.replace(257, 5, "ustar");
  const std::vector<Row> rows = {
      {"before 1.6", fixture("legacy.pt"),
       cat("f.pt:+0x0: error[format.unsupported]: this is a file of torch.save before version 1.6",
           kSaveAgain)},
      {"before 0.1.10", tar,
       cat("f.pt:+0x0: error[format.unsupported]: this is a tar archive, as torch.save wrote "
           "before "
           "version 0.1.10",
           kSaveAgain)},
      {"TorchScript", fixture("script.pt"),
       "f.pt:+0x971: error[format.unsupported]: this is a TorchScript archive, a program\nhint: "
       "save "
       "its state instead: torch.save(torch.jit.load(path).state_dict(), other_path)"},
      {"a pickle", "\x80\x04N.",
       "f.pt:+0x0: error[format.unsupported]: this is a pickle without an archive, which holds no "
       "tensors\nhint: of a distributed checkpoint name the folder, not its .metadata"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(outcome(row.bytes) == row.outcome);
  }
}

TEST_CASE("formats/torch: records beside the pickle are checked") {
  const std::string pickle = p::stream("}");
  const auto with = [&](const char* name, const char* payload) {
    return outcome(
        make_zip({{.name = "a/data.pkl", .payload = pickle}, {.name = name, .payload = payload}}));
  };
  CHECK(with("a/version", "3\n") == "{}");
  CHECK(with("a/version", "10") == "{}");
  CHECK(with("a/.data/version", "6\n") == "{}");
  CHECK(
      with("a/version", "11\n") ==
      cat("f.pt:+0x53: error[format.unsupported]: the archive has version 11; versions 1 to 10 are "
          "read",
          kSaveAgain));
  CHECK(with("a/version", "three") ==
        "f.pt:+0x53: error[format.bad-zip]: record 'version' is 'three', no number");
  CHECK(with("a/other", "") ==
        "f.pt: error[format.missing-record]: the archive has no record 'version'\nhint: torch "
        "refuses "
        "this file too; take it from its source again");
  CHECK(outcome(make_zip({{.name = "a/version", .payload = "3\n"}})) ==
        "f.pt: error[format.missing-record]: the archive has no record 'data.pkl'\nhint: this zip "
        "archive was not written by torch.save");
  CHECK(with("a/version", std::string(100, '1').c_str()) ==
        "f.pt:+0x53: error[format.too-large]: record 'version' has 100 bytes; at most 64 are read");

  const auto ordered = [&](const char* order) {
    return outcome(
        make_zip(torch_parts(pickle, {{.name = "archive/byteorder", .payload = order}})));
  };
  CHECK(ordered("little") == "{}");
  CHECK(
      ordered("big") ==
      "f.pt:+0x90: error[format.unsupported]: the file was written on a big-endian machine\nhint: "
      "load it with PyTorch on a little-endian machine and save it again there");
  CHECK(ordered("middle") ==
        "f.pt:+0x90: error[format.bad-zip]: record 'byteorder' is 'middle', neither 'little' nor "
        "'big'");
}

TEST_CASE("formats/torch: a file of many tensors is read with few calls") {
  // Records near each other come out of one read: the header, the end, the directory, then windows
  // of 64 KiB.
  FileSpec spec;
  tensor::Mapping root;
  std::vector<std::string> payloads;
  for (std::size_t i = 0; i < 2000; ++i) {
    root.entries.emplace_back(cat("w", i), tensor::TensorRef{i});
    spec.tensors.push_back({cat("w", i), tensor::DType::U8, {64}});
    payloads.emplace_back(64, 'x');
  }
  spec.root = std::move(root);
  const std::string bytes = write_bytes(kTorch, spec, payloads);
  CHECK(reads_of(bytes) < 20);
}

}  // namespace
}  // namespace recast::formats::tests
