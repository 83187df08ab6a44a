#pragma once
// Reads a pickle stream of any protocol (0 to 5) into a graph. Symbolic: an opcode that would call
// something makes a node that says so. Cost is linear in the stream; counts are compared with the
// bytes left before anything is reserved.

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/formats/torch_zip/pickle_graph.hpp"

namespace recast::formats::pickle {

/// Where the stream lies, for diagnostics.
struct Origin {
  std::string file;
  std::uint64_t byte_offset = 0;
};

/// The longest stream that is read.
inline constexpr std::uint64_t kMaxStream = 1ULL << 30;

struct Limits {
  std::uint64_t nodes = 10'000'000;  // also entries of the memo and of the stack
  std::uint64_t edges = 40'000'000;
  std::uint64_t marks = 10'000;
  std::uint64_t integer_nbytes = 4096;
};

/// `stream` must outlive the graph. Bytes after STOP are left alone. Errors: format.bad-pickle,
/// format.unsupported, format.too-large.
Result<Graph> read_pickle(std::string_view stream, const Origin& origin, const Limits& limits = {});

}  // namespace recast::formats::pickle
