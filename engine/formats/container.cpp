#include "engine/formats/container.hpp"

#include <algorithm>
#include <array>

#include "engine/formats/little_endian.hpp"
#include "engine/formats/safetensors/safetensors.hpp"
#include "engine/formats/text.hpp"
#include "engine/formats/torch_zip/torch.hpp"

namespace recast::formats {
namespace {

constexpr std::size_t kHead = 512;

const SafetensorsContainer kSafetensors;
const TorchContainer kTorch;
// safetensors first: the length that it begins with may look like the start of a pickle (640 is 80
// 02), while no zip and no pickle has a small number there and '{' behind it.
constexpr std::array<const Container*, 2> kContainers = {&kSafetensors, &kTorch};

struct Look {
  std::string_view begin;
  std::string_view what;
  std::string_view hint;
};

// What is often found where a checkpoint was expected.
constexpr auto kLooks = std::to_array<Look>({
    {"version https://git-lfs", "a Git LFS pointer, not the file itself",
     "fetch the file: git lfs pull"},
    {"<!DOCTYPE", "a web page", "download the file again; the server sent a page instead"},
    {"<html", "a web page", "download the file again; the server sent a page instead"},
    {"\x1F\x8B", "gzip", "unpack it first"},
    {"\x28\xB5\x2F\xFD", "zstd", "unpack it first"},
    {"\xFD"
     "7zXZ",
     "xz", "unpack it first"},
    {"BZh", "bzip2", "unpack it first"},
    {"\x89HDF", "HDF5", ""},
    {"\x93NUMPY", "a numpy array", ""},
    {"GGUF", "GGUF", ""},
    {"{", "JSON", ""},
});

Diagnostic unknown(std::span<const std::byte> head, const std::string& path) {
  const std::string_view text = as_text(head);
  const auto fail = [&](std::string what, std::string_view hint = {}) {
    return make_diagnostic(Code::format_unknown_container, std::move(what))
        .in(path, 0)
        .suggest(std::string(hint));
  };
  if (text.empty()) return fail("the file is empty");
  for (const Look& look : kLooks)
    if (text.starts_with(look.begin))
      return fail(cat("this is no checkpoint: it looks like ", look.what), look.hint);
  if (text.find_first_not_of('\0') == std::string_view::npos)
    return fail("this is no checkpoint: it begins with zeros",
                "it was not written completely; take it from its source again");
  return fail(cat("this is no checkpoint that recast knows: it begins with '",
                  shown(text.substr(0, 8)), "'"));
}

}  // namespace

const Container* container_named(std::string_view name) noexcept {
  for (const Container* container : kContainers)
    if (container->name() == name) return container;
  return nullptr;
}

std::span<const Container* const> all_containers() noexcept {
  return kContainers;
}

Result<tensor::FileCatalog> read_catalog(const io::FileSystem& files, const std::string& path) {
  RECAST_ASSIGN(const auto file, files.open(path));
  std::array<std::byte, kHead> buffer{};
  const std::span<std::byte> head =
      std::span(buffer).first(std::min<std::uint64_t>(kHead, file->size()));
  RECAST_TRY(file->read(0, head));
  for (const Container* container : kContainers)
    if (container->recognises(head, file->size())) return container->read(*file);
  return unknown(head, path);
}

}  // namespace recast::formats
