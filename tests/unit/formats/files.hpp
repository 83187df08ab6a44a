#pragma once
// What the tests of this folder stand on: files in memory, read and written through the containers,
// and shown as text.

#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/container.hpp"

namespace recast::formats::tests {

/// The path of every file that read_bytes reads.
inline constexpr std::string_view kPath = "f.pt";

Result<tensor::FileCatalog> read_bytes(std::string_view bytes);

/// A diagnostic as users see it, without the newline at its end.
std::string shown(const Diagnostic& diagnostic);

/// `name dtype [shape] @offset`, one a line, with `/strides` behind the shape where they are not
/// row-major; then the root.
std::string listing(const tensor::FileCatalog& catalog);

/// The listing of what reading gives, or the diagnostic.
std::string outcome(std::string_view bytes);

/// The outcome of a torch file with this pickle and no storages: a value printed, or a diagnostic.
/// The pickle begins at byte 46 of the file.
std::string unpickled(std::string stream);

/// How many read calls reading the catalog of a file takes.
std::size_t reads_of(std::string_view bytes);

/// The elements of a tensor as they lie row-major.
std::string elements(const tensor::StoredTensor& tensor, std::string_view file);

/// The file that `container` lays out for `spec`, with `payloads` in the spec's order. Fails the
/// test if it cannot.
std::string write_bytes(const Container& container, const FileSpec& spec,
                        const std::vector<std::string>& payloads);
/// The diagnostic of a spec that cannot be laid out.
std::string refusal(const Container& container, const FileSpec& spec);

/// A spec that writes what was read: the same document, every tensor row-major.
FileSpec spec_of(const tensor::FileCatalog& catalog);
std::vector<std::string> payloads_of(const tensor::FileCatalog& catalog, std::string_view file);

/// A file of tests/fixtures/formats.
std::string fixture(std::string_view name);

std::uint32_t crc32(std::string_view bytes);

}  // namespace recast::formats::tests
