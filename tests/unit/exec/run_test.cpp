#include <doctest/doctest.h>

#include <numeric>

#include "engine/exec/executor.hpp"
#include "tests/support/reference_executor.hpp"
#include "tests/unit/exec/small_plan.hpp"

namespace recast::exec {
namespace {

using tensor::DType;

/// `[layer, hidden]` fp32 with one value per element, cast to `into`.
SmallPlan cast_plan(DType into, std::int64_t layers, std::int64_t hidden) {
  SmallPlan made;
  const std::uint32_t t = made.logical("mlp.up", {"layer", "hidden"});
  made.copy(t, {{0, layers}, {0, hidden}}, made.source("up.weight", DType::F32, layers * hidden),
            {0, {hidden, 1}}, made.target("fc1.weight", into, layers * hidden), {0, {hidden, 1}});
  made.plan.source_files = {"model.bin"};
  return made;
}

SmallPlan byte_plan(std::int64_t count) {
  SmallPlan made;
  const std::uint32_t t = made.logical("t", {"hidden"});
  made.copy(t, {{0, count}}, made.source("s", DType::U8, count), {0, {1}},
            made.target("d", DType::U8, count), {0, {1}});
  return made;
}

std::string numbered(std::size_t count) {
  std::string out(count, '\0');
  for (std::size_t i = 0; i < count; ++i)
    out[i] = static_cast<char>(i * 7 + i / 256);
  return out;
}

std::string code_and_message(const Diagnostic& diagnostic) {
  return cat(code_name(diagnostic.code), ": ", diagnostic.message);
}

}  // namespace

TEST_CASE(
    "exec/run: each source byte is read once, however many targets want it and tiles there are") {
  SmallPlan made;
  const std::uint32_t t = made.logical("t", {"hidden", "ffn"});
  const plan::TensorIndex from = made.source("s", DType::U8, 64 * 64);
  for (std::uint32_t rank = 0; rank < 4; ++rank) {
    made.copy(t, {{0, 64}, {rank * 16, rank * 16 + 16}}, from, {rank * 16, {64, 1}},
              made.target("d", DType::U8, 64 * 16, rank), {0, {16, 1}});
    made.copy(t, {{0, 64}, {rank * 16, rank * 16 + 16}}, from, {rank * 16, {64, 1}},
              made.target("turned", DType::U8, 64 * 16, rank), {0, {1, 64}});
  }
  for (const std::size_t workers : {1U, 3U}) {
    SmallDisk disk(made, {numbered(64 * 64)});
    const Outcome outcome =
        run_limited(disk.inputs, disk.outputs, {}, small_limits(workers, 2048), {}, nullptr)
            .value();
    CHECK(outcome.bytes_read == 64 * 64);
    CHECK(outcome.bytes_written == 2 * 64 * 64);
    CHECK(outcome.peak_buffer_nbytes <= workers * 2048);
  }
}

TEST_CASE("exec/run: fills write their value as the target's type has it") {
  SmallPlan made;
  const std::uint32_t t = made.logical("embed", {"vocab", "hidden"});
  const plan::TensorIndex into = made.target("d", DType::BF16, 6);
  made.copy(t, {{0, 2}, {0, 2}}, made.source("s", DType::BF16, 4), {0, {2, 1}}, into, {0, {2, 1}});
  plan::Fill fill;
  fill.into = into;
  fill.logical = t;
  fill.into_offset = 4;
  fill.box = {2, {2, 0}, {1, 2}};
  fill.into_stride = {2, 1};
  fill.value = 1.5;
  made.plan.fills.push_back(fill);
  SmallDisk disk(made, {"abcdefgh"});
  REQUIRE(run(disk.inputs, disk.outputs, {}, {}, nullptr));
  CHECK(disk.target(0) == "abcdefgh\xc0\x3f\xc0\x3f");
}

TEST_CASE(
    "exec/run: an overflow names its first element and counts all, whatever tiles and threads") {
  const SmallPlan made = cast_plan(DType::F16, 8, 64);
  std::vector<float> values(8 * 64, 1.0F);
  values[3 * 64 + 17] = -70000;
  values[3 * 64 + 18] = 1e30F;
  values[7 * 64] = 65520;
  for (const std::size_t workers : {1U, 2U, 4U}) {
    for (const std::int64_t most : {256, 1024, 1 << 20}) {
      SmallDisk disk(made, {bytes_of(values)});
      const auto outcome =
          run_limited(disk.inputs, disk.outputs, {}, small_limits(workers, most), {}, nullptr);
      REQUIRE_FALSE(outcome);
      CHECK(code_and_message(outcome.error()) ==
            "plan.overflow: 'mlp.up' layer 3, hidden 17 is -70000, which 'fp16' cannot hold; 3 "
            "values "
            "in all became infinite");
      CHECK(outcome.error().place.file == "model.bin");
      CHECK(outcome.error().hint ==
            "choose a type with more range, or pass --allow-overflow to write infinities");
    }
  }
}

TEST_CASE("exec/run: allowed overflows are written as infinities and counted") {
  const SmallPlan made = cast_plan(DType::F16, 1, 3);
  SmallDisk disk(made, {bytes_of(std::vector<float>{1, 1e9F, -1e9F})});
  Options options;
  options.allow_overflow = true;
  const Outcome outcome = run(disk.inputs, disk.outputs, options, {}, nullptr).value();
  CHECK(outcome.overflows == 2);
  CHECK(disk.target(0) == std::string("\x00\x3c\x00\x7c\x00\xfc", 6));
}

TEST_CASE("exec/run: what cannot be cast is refused before anything is read") {
  SmallPlan made = byte_plan(4);
  made.plan.targets[0].dtype = DType::F32;
  SmallDisk disk(made, {"abcd"});
  const std::size_t before = disk.faulty.operation_count();
  const auto outcome = run(disk.inputs, disk.outputs, {}, {}, nullptr);
  REQUIRE_FALSE(outcome);
  CHECK(code_and_message(outcome.error()) ==
        "plan.cannot-cast: 's' is 'u8', which cannot be cast to the 'fp32' of 'd'");
  CHECK(disk.faulty.operation_count() == before);
}

TEST_CASE("exec/run: a fill that the type has no value for is refused") {
  SmallPlan made = byte_plan(4);
  made.plan.fills.push_back({0, 0, 0, {}, {}, 0.5});
  SmallDisk disk(made, {"abcd"});
  const auto outcome = run(disk.inputs, disk.outputs, {}, {}, nullptr);
  REQUIRE_FALSE(outcome);
  CHECK(code_and_message(outcome.error()) ==
        "plan.cannot-cast: 'd' is 'u8', which has no value 0.500000 to fill it with");
}

TEST_CASE(
    "exec/run: a budget that no thread can do with is refused, one that suits fewer gives fewer") {
  const SmallPlan made = byte_plan(1000);
  SmallDisk disk(made, {numbered(1000)});
  Options options;
  options.threads = 4;
  options.memory_nbytes = (1 << 20) - 1;
  const auto refused = run(disk.inputs, disk.outputs, options, {}, nullptr);
  REQUIRE_FALSE(refused);
  CHECK(
      code_and_message(refused.error()) ==
      "plan.memory-too-small: a memory budget of 1048575 bytes is less than the 1048576 bytes that "
      "one thread needs");
  CHECK(refused.error().hint == "allow at least 1 MiB");
  options.memory_nbytes = 2 << 20;
  CHECK(limits_of(options).value().workers == 2);
  CHECK(run(disk.inputs, disk.outputs, options, {}, nullptr).has_value());
}

TEST_CASE("exec/run: a run that is cancelled stops with a diagnostic") {
  const SmallPlan made = byte_plan(100000);
  SmallDisk disk(made, {numbered(100000)});
  const std::atomic<bool> cancel{true};
  const auto outcome =
      run_limited(disk.inputs, disk.outputs, {}, small_limits(2, 1024), {}, &cancel);
  REQUIRE_FALSE(outcome);
  CHECK(code_and_message(outcome.error()) == "plan.cancelled: the run was stopped before its end");
}

TEST_CASE("exec/run: progress ends at all bytes") {
  const SmallPlan made = byte_plan(1000);
  SmallDisk disk(made, {numbered(1000)});
  Progress last;
  const ProgressSink sink = [&](const Progress& progress) { last = progress; };
  REQUIRE(run(disk.inputs, disk.outputs, {}, sink, nullptr));
  CHECK(last.bytes_done == 1000);
  CHECK(last.bytes_total == 1000);
}

TEST_CASE("exec/run: checksums are taken of wanted files only") {
  SmallPlan made = byte_plan(100);
  SmallDisk disk(made, {numbered(100)});
  CHECK(run(disk.inputs, disk.outputs, {}, {}, nullptr).value().crc32 ==
        std::vector<std::uint32_t>{support::reference_crc32(numbered(100))});
  disk.outputs.wants_crc = {false};
  CHECK(run(disk.inputs, disk.outputs, {}, {}, nullptr).value().crc32.empty());
}

TEST_CASE("exec/run: an empty plan does nothing") {
  const SmallPlan made;
  SmallDisk disk(made, {});
  const Outcome outcome = run(disk.inputs, disk.outputs, {}, {}, nullptr).value();
  CHECK(outcome.bytes_read == 0);
  CHECK(outcome.bytes_written == 0);
}

TEST_CASE("exec/run: steps that overlap in the target are a bug that is caught") {
  SmallPlan made = byte_plan(4);
  made.plan.copies.push_back(made.plan.copies[0]);
  SmallDisk disk(made, {"abcd"});
  CHECK_THROWS_AS(static_cast<void>(run(disk.inputs, disk.outputs, {}, {}, nullptr)),
                  InternalError);
}

}  // namespace recast::exec
