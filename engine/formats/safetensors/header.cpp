#include "engine/formats/safetensors/header.hpp"

#include <algorithm>

#include "engine/base/checked.hpp"
#include "engine/formats/safetensors/dtypes.hpp"
#include "engine/formats/safetensors/json_events.hpp"
#include "engine/formats/text.hpp"

namespace recast::formats::safetensors {
namespace {

using tensor::StoredTensor;

/// A tensor with the range that its entry claims, relative to the data area.
struct Claim {
  StoredTensor tensor;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t at = 0;  // of its entry in the file
};

class Checker {
 public:
  Checker(std::string_view json, std::uint64_t file_nbytes, const std::string& path)
      : json_(json), file_nbytes_(file_nbytes), path_(path) {}

  Result<Header> run() {
    RECAST_TRY(check_frame());
    RECAST_ASSIGN(JsonHeader parsed, read_json(json_, path_, kLengthNbytes));
    std::vector<Claim> claims;
    claims.reserve(parsed.entries.size());
    for (JsonEntry& entry : parsed.entries) {
      RECAST_ASSIGN(Claim claim, claim_of(std::move(entry)));
      claims.push_back(std::move(claim));
    }
    std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
      return std::tie(a.begin, a.end, a.tensor.name) < std::tie(b.begin, b.end, b.tensor.name);
    });
    RECAST_TRY(check_ranges(claims));

    Header header;
    header.tensors.reserve(claims.size());
    for (Claim& claim : claims)
      header.tensors.push_back(std::move(claim.tensor));
    tensor::Mapping metadata;
    for (auto& [key, text] : parsed.metadata)
      metadata.entries.emplace_back(std::move(key), std::move(text));
    header.metadata = std::move(metadata);
    return header;
  }

 private:
  Diagnostic fail(Code code, std::uint64_t at, std::string message) const {
    return make_diagnostic(code, std::move(message)).in(path_, at);
  }
  Diagnostic bad(std::uint64_t at, std::string message) const {
    return fail(Code::format_bad_header, at, std::move(message));
  }

  /// The object fills the header from its first byte; behind it only spaces, which align the data.
  Result<void> check_frame() const {
    if (json_.empty() || json_.front() != '{')
      return bad(kLengthNbytes, "the header does not begin with '{'");
    const std::size_t last = json_.find_last_not_of(' ');
    if (json_[last] != '}')
      return bad(kLengthNbytes + last, "the header does not end with '}' and spaces");
    return {};
  }

  Result<Claim> claim_of(JsonEntry entry) const {
    const std::uint64_t at = kLengthNbytes + entry.at;
    const auto name = [&] { return cat("tensor '", shown(entry.name), "'"); };
    if (!entry.dtype || !entry.shape || !entry.offsets)
      return bad(at, cat(name(), " lacks its ",
                         !entry.dtype ? "dtype" : (!entry.shape ? "shape" : "data_offsets")));
    const auto dtype = dtype_of(*entry.dtype);
    if (!dtype)
      return fail(Code::format_unknown_dtype, at,
                  cat(name(), " has the unknown dtype '", shown(*entry.dtype), "'"));
    if (entry.offsets->size() != 2)
      return bad(at, cat(name(), " has ", entry.offsets->size(), " data_offsets, not 2"));
    const std::int64_t begin = (*entry.offsets)[0];
    const std::int64_t end = (*entry.offsets)[1];
    if (end < begin)
      return bad(at, cat(name(), " ends at byte ", end, ", before its begin at ", begin));

    // As the reference: the product in the order of the shape, so that a later 0 does not hide an
    // overflow.
    std::optional<std::int64_t> nbytes = 1;
    for (const std::int64_t extent : *entry.shape)
      nbytes = nbytes ? checked_mul(*nbytes, extent) : std::nullopt;
    if (nbytes) nbytes = checked_mul(*nbytes, std::int64_t(tensor::dtype_nbytes(*dtype)));
    if (!nbytes) return bad(at, cat("the shape of ", name(), " overflows 64 bits"));
    if (end - begin != *nbytes)
      return bad(
          at, cat(name(), " has ", end - begin, " bytes, its shape and dtype ask for ", *nbytes));

    std::vector<std::int64_t> strides = tensor::row_major(*entry.shape);
    return Claim{{std::move(entry.name), *dtype, std::move(*entry.shape), std::move(strides),
                  data_offset() + std::uint64_t(begin)},
                 std::uint64_t(begin),
                 std::uint64_t(end),
                 at};
  }

  /// The ranges follow each other without a gap and end where the file ends.
  Result<void> check_ranges(const std::vector<Claim>& claims) const {
    std::uint64_t reached = 0;
    for (const Claim& claim : claims) {
      if (claim.begin != reached)
        return bad(claim.at,
                   cat("tensor '", shown(claim.tensor.name), "' begins at byte ", claim.begin,
                       " of the data, ", reached, " was expected: tensors must ",
                       claim.begin < reached ? "not overlap" : "leave no gap"));
      reached = claim.end;
    }
    const std::uint64_t available = file_nbytes_ - data_offset();
    if (reached > available)
      return fail(Code::format_truncated, file_nbytes_,
                  cat("the tensors have ", reached, " bytes, the file holds ", available,
                      " of them"))
          .suggest("copy the file again and compare its size with the original's");
    if (reached < available)
      return bad(data_offset() + reached,
                 cat(available - reached, " bytes follow the last tensor"));
    return {};
  }

  std::uint64_t data_offset() const noexcept { return kLengthNbytes + json_.size(); }

  std::string_view json_;
  std::uint64_t file_nbytes_;
  const std::string& path_;
};

}  // namespace

Result<Header> parse_header(std::string_view json, std::uint64_t file_nbytes,
                            const std::string& path) {
  RECAST_CHECK(file_nbytes >= kLengthNbytes && file_nbytes - kLengthNbytes >= json.size(),
               "a header longer than its file");
  return Checker(json, file_nbytes, path).run();
}

}  // namespace recast::formats::safetensors
