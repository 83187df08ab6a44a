#include <doctest/doctest.h>

#include "tests/unit/exec/small_plan.hpp"

namespace recast::exec {
namespace {

using tensor::DType;

/// A cut of a matrix of 32 × 32 bytes into two files, in small tiles.
SmallPlan cut_plan() {
  SmallPlan made;
  const std::uint32_t t = made.logical("t", {"hidden", "ffn"});
  const plan::TensorIndex from = made.source("s", DType::U8, 32 * 32);
  for (std::uint32_t rank = 0; rank < 2; ++rank) {
    made.copy(t, {{0, 32}, {rank * 16, rank * 16 + 16}}, from, {rank * 16, {32, 1}},
              made.target("d", DType::U8, 32 * 16, rank), {0, {16, 1}});
  }
  return made;
}

std::string code_of(const Result<Outcome>& outcome) {
  return outcome ? "done" : std::string(code_name(outcome.error().code));
}

}  // namespace

TEST_CASE("exec/run: whichever read or write fails, the run ends with its error") {
  const SmallPlan made = cut_plan();
  const std::string bytes(32 * 32, 'x');
  for (const std::size_t workers : {1U, 4U}) {
    SmallDisk whole(made, {bytes});
    const std::size_t first = whole.faulty.operation_count();
    REQUIRE(run_limited(whole.inputs, whole.outputs, {}, small_limits(workers, 512), {}, nullptr));
    const std::size_t end = whole.faulty.operation_count();
    REQUIRE(end - first > 10);
    for (std::size_t n = first; n < end; ++n) {
      CAPTURE(workers);
      CAPTURE(n);
      SmallDisk disk(made, {bytes});
      disk.faulty.fail_operation(n);
      const auto outcome =
          run_limited(disk.inputs, disk.outputs, {}, small_limits(workers, 512), {}, nullptr);
      const std::string code = code_of(outcome);
      CHECK((code == "io.read-failed" || code == "io.write-failed"));
    }
  }
}

TEST_CASE("exec/run: a full disk is reported as such") {
  const SmallPlan made = cut_plan();
  SmallDisk disk(made, {std::string(32 * 32, 'x')});
  disk.faulty.disk_full_after(700);
  CHECK(code_of(run_limited(disk.inputs, disk.outputs, {}, small_limits(2, 512), {}, nullptr)) ==
        "io.disk-full");
}

TEST_CASE("exec/run: a source that is shorter than its tensors is reported") {
  const SmallPlan made = cut_plan();
  SmallDisk disk(made, {std::string(1000, 'x')});
  CHECK(code_of(run(disk.inputs, disk.outputs, {}, {}, nullptr)) == "io.read-failed");
}

}  // namespace recast::exec
