#include "tests/unit/formats/files.hpp"

#include <doctest/doctest.h>
#include <libdeflate.h>

#include <fstream>
#include <iterator>

#include "engine/base/render.hpp"
#include "engine/formats/little_endian.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/unit/formats/zip_maker.hpp"

namespace recast::formats::tests {
namespace {

std::string numbers(const std::vector<std::int64_t>& list) {
  std::string out;
  for (const std::int64_t number : list)
    out += cat(out.empty() ? "" : "x", number);
  return out;
}

/// Appends the elements from axis `axis` on.
void gather(const tensor::StoredTensor& tensor, std::string_view file, std::size_t axis,
            std::uint64_t at, std::string& out) {
  const std::size_t nbytes = tensor::dtype_nbytes(tensor.dtype);
  if (axis == tensor.shape.size()) {
    out += file.substr(at, nbytes);
    return;
  }
  for (std::int64_t i = 0; i < tensor.shape[axis]; ++i)
    gather(tensor, file, axis + 1,
           at + static_cast<std::uint64_t>(i * tensor.strides[axis]) * nbytes, out);
}

}  // namespace

Result<tensor::FileCatalog> read_bytes(std::string_view bytes) {
  support::MemoryFileSystem files;
  files.put(std::string(kPath), bytes);
  return read_catalog(files, std::string(kPath));
}

std::string shown(const Diagnostic& diagnostic) {
  std::string text = render_text(diagnostic);
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string listing(const tensor::FileCatalog& catalog) {
  std::string out;
  for (const tensor::StoredTensor& tensor : catalog.tensors) {
    out +=
        cat(tensor.name, ' ', tensor::dtype_name(tensor.dtype), " [", numbers(tensor.shape), ']');
    if (!tensor::is_row_major(tensor)) out += cat('/', numbers(tensor.strides));
    out += cat(" @", tensor.byte_offset, '\n');
  }
  return out + tensor::print(catalog.root, 100'000);
}

std::string outcome(std::string_view bytes) {
  const auto catalog = read_bytes(bytes);
  return catalog ? listing(*catalog) : shown(catalog.error());
}

std::string unpickled(std::string stream) {
  return outcome(make_zip(torch_parts(std::move(stream))));
}

std::size_t reads_of(std::string_view bytes) {
  support::MemoryFileSystem files;
  files.put(std::string(kPath), bytes);
  support::FaultyFileSystem counted(files);
  REQUIRE(read_catalog(counted, std::string(kPath)));
  return counted.operation_count() - 1;  // without the opening
}

std::string elements(const tensor::StoredTensor& tensor, std::string_view file) {
  std::string out;
  gather(tensor, file, 0, tensor.byte_offset, out);
  return out;
}

std::string write_bytes(const Container& container, const FileSpec& spec,
                        const std::vector<std::string>& payloads) {
  const auto layout = container.lay_out(spec);
  REQUIRE_MESSAGE(layout, shown(layout.error()));
  support::MemoryFileSystem files;
  auto file = files.create("out");
  REQUIRE(file);
  std::vector<std::uint32_t> crcs;
  const auto& offsets = (*layout)->tensor_offsets();
  REQUIRE(offsets.size() == payloads.size());
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    REQUIRE((*file)->write(offsets[i], as_bytes(payloads[i])));
    if ((*layout)->needs_crc()) crcs.push_back(crc32(payloads[i]));
  }
  REQUIRE((*layout)->finish(**file, crcs));
  std::string bytes = files.get("out");
  CHECK(bytes.size() == (*layout)->nbytes());
  return bytes;
}

std::string refusal(const Container& container, const FileSpec& spec) {
  const auto layout = container.lay_out(spec);
  return layout ? "no refusal" : shown(layout.error());
}

FileSpec spec_of(const tensor::FileCatalog& catalog) {
  FileSpec spec;
  for (const tensor::StoredTensor& tensor : catalog.tensors)
    spec.tensors.push_back({tensor.name, tensor.dtype, tensor.shape});
  spec.root = catalog.root;
  return spec;
}

std::vector<std::string> payloads_of(const tensor::FileCatalog& catalog, std::string_view file) {
  std::vector<std::string> out;
  for (const tensor::StoredTensor& tensor : catalog.tensors)
    out.push_back(elements(tensor, file));
  return out;
}

std::string fixture(std::string_view name) {
  std::ifstream stream(cat(RECAST_FORMAT_FIXTURES, '/', name), std::ios::binary);
  REQUIRE_MESSAGE(stream.is_open(), "no fixture ", name);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::uint32_t crc32(std::string_view bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

}  // namespace recast::formats::tests
