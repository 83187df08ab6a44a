// What names tell against arguments, and what is said of it.

#include "engine/checkpoint/bind.hpp"

#include <doctest/doctest.h>

#include "engine/base/join.hpp"
#include "tests/conversion/reference_checkpoint.hpp"
#include "tests/support/memory_file_system.hpp"

namespace recast::checkpoint {
namespace {

using support::MemoryFileSystem;
using tensor::Value;

TEST_CASE("checkpoint/bind: what is noted under options that do not fit is not said again") {
  const reference::Sizes sizes = reference::tiny(reference::Family::Mixtral);
  reference::Grid grid;
  grid.tp = grid.ep = grid.etp = 2;
  grid.vocab_divisor = 4;
  grid.experts = reference::Experts::Grouped;
  Value args = conversion::megatron_args(sizes, grid);
  tensor::set_field(args, "moe_use_legacy_grouped_gemm", Value(false));
  std::erase_if(*tensor::fields_of(args),
                [](const auto& entry) { return entry.first == Value("vocab_size"); });
  MemoryFileSystem disk;
  conversion::put_megatron(disk, "in", sizes, grid, args, true);
  DiagnosticSink sink;
  const auto opened = open_checkpoint(disk, conversion::library(), "in", {}, sink);
  REQUIRE(opened);
  const auto bound = bind(*opened, conversion::library(), {}, sink);
  REQUIRE(bound);
  CHECK(joined(bound->notes, "\n") ==
        "transformer_impl = \"local\": told by the tensors' names\n"
        "experts_as = \"grouped_legacy\": told by the tensors' names\n"
        "vocab = 56: the true size is not known, so the padding is kept; give --set vocab=N to cut "
        "it off");
}

}  // namespace
}  // namespace recast::checkpoint
