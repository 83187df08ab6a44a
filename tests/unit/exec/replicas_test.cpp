#include <doctest/doctest.h>

#include <atomic>

#include "tests/unit/exec/small_plan.hpp"

namespace recast::exec {
namespace {

using tensor::DType;

/// Two sources that state `embed` (vocab 3, hidden 2), the second with its columns first.
SmallPlan replica_plan(DType other) {
  SmallPlan made;
  const std::uint32_t t = made.logical("embed", {"vocab", "hidden"});
  plan::Replica replica;
  replica.kept = made.source("embed.weight", DType::F32, 6, 0);
  replica.other = made.source("head.weight", other, 6, 1);
  replica.logical = t;
  replica.box = {2, {0, 0}, {3, 2}};
  replica.kept_stride = {2, 1};
  replica.other_stride = {1, 3};
  made.plan.replicas.push_back(replica);
  made.plan.source_files = {"a.bin", "b.bin"};
  return made;
}

}  // namespace

TEST_CASE("exec/replicas: equal replicas are compared in full") {
  const SmallPlan made = replica_plan(DType::F32);
  const SmallDisk disk(made, {bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5}),
                              bytes_of(std::vector<float>{0, 2, 4, 1, 3, 5})});
  CHECK(check_replicas(disk.inputs, 1000, {}).value() == 24);
}

TEST_CASE("exec/replicas: the first difference is named by axis, with both values") {
  const SmallPlan made = replica_plan(DType::F32);
  const SmallDisk disk(made, {bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5}),
                              bytes_of(std::vector<float>{0, 2, 9, 1, 1.5F, 5})});
  const auto outcome = check_replicas(disk.inputs, 1000, {});
  REQUIRE_FALSE(outcome);
  CHECK(code_name(outcome.error().code) == "plan.replica-differs");
  CHECK(outcome.error().message ==
        "'embed' vocab 1, hidden 1 is 3 (fp32 0x40400000) in 'embed.weight' of a.bin but 1.5 (fp32 "
        "0x3fc00000) in 'head.weight' of b.bin");
}

TEST_CASE("exec/replicas: another type is a difference even where the values agree") {
  const SmallPlan made = replica_plan(DType::F64);
  const SmallDisk disk(made, {bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5}),
                              bytes_of(std::vector<double>{0, 2, 4, 1, 3, 5})});
  const auto outcome = check_replicas(disk.inputs, 1000, {});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().message ==
        "'embed' vocab 0, hidden 0 is 0 (fp32 0x00000000) in 'embed.weight' of a.bin but 0 (fp64 "
        "0x0000000000000000) in 'head.weight' of b.bin");
}

TEST_CASE("exec/replicas: comparing stops when the run is stopped") {
  const SmallPlan made = replica_plan(DType::F32);
  SmallDisk disk(made, {std::string(24, 'a'), std::string(24, 'b')});
  const std::size_t before = disk.faulty.operation_count();
  const std::atomic<bool> stop = true;
  const auto outcome = check_replicas(disk.inputs, 1000, {}, &stop);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == Code::plan_cancelled);
  CHECK(disk.faulty.operation_count() == before);
}

TEST_CASE("exec/replicas: boxes over the limit are left alone") {
  const SmallPlan made = replica_plan(DType::F32);
  SmallDisk disk(made, {std::string(24, 'a'), std::string(24, 'b')});
  const std::size_t before = disk.faulty.operation_count();
  CHECK(check_replicas(disk.inputs, 23, {}).value() == 0);
  CHECK(disk.faulty.operation_count() == before);
  CHECK_FALSE(check_replicas(disk.inputs, 24, {}).has_value());
}

TEST_CASE(
    "exec/replicas: two tensors that are said to be the same are compared whatever the limit") {
  SmallPlan made = replica_plan(DType::F32);
  for (plan::Replica& replica : made.plan.replicas)
    replica.tied = true;
  const SmallDisk disk(made, {std::string(24, 'a'), std::string(24, 'b')});
  CHECK_FALSE(check_replicas(disk.inputs, 0, {}).has_value());
}

}  // namespace recast::exec
