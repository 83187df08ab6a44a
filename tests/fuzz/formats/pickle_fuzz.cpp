// Any bytes as the pickle of a torch file with two storages, "0" of 24 bytes and "1" of none.

#include <string>

#include "engine/formats/torch_zip/interpret.hpp"
#include "tests/fuzz/formats/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t nbytes) {
  namespace formats = recast::formats;
  namespace fuzz = recast::fuzz;
  const formats::pickle::Origin origin{"f", 64};
  // Limits low enough to be met: an input must not take long because it is allowed much.
  const formats::pickle::Limits limits{100'000, 400'000, 1000, 64};
  const auto graph =
      formats::pickle::read_pickle({reinterpret_cast<const char*>(bytes), nbytes}, origin, limits);
  if (!graph) {
    fuzz::check_refusal(graph.error());
    return 0;
  }
  fuzz::require(graph->stop <= nbytes);
  const formats::ZipDirectory zip("archive",
                                  {{"data/0", 100, 128, 24, 0}, {"data/1", 160, 192, 0, 0}});
  auto document = formats::interpret(*graph, zip, origin, {100'000, 1 << 20, 1000});
  if (!document) {
    fuzz::check_refusal(document.error());
    return 0;
  }
  const recast::tensor::FileCatalog catalog{"f", "torch", 1024, std::move(document->tensors),
                                            std::move(document->root)};
  for (const recast::tensor::StoredTensor& tensor : catalog.tensors)
    fuzz::require(tensor.byte_offset >= 128 && tensor.byte_offset <= 192);
  fuzz::check_catalog(catalog);
  // A name with dots is written as getattr, which is read as that.
  for (const formats::pickle::GlobalName& global : graph->globals)
    if (global.name.find('.') != std::string_view::npos) return 0;
  fuzz::check_rewriting(*formats::container_named("torch"), catalog);
  return 0;
}
