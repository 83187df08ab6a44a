// Whole conversions on disks that may fail: output does not depend on the machine, and a run that
// stops leaves nothing.

#include <doctest/doctest.h>

#include <atomic>
#include <map>

#include "engine/checkpoint/write.hpp"
#include "tests/conversion/model_config.hpp"
#include "tests/conversion/reference_checkpoint.hpp"
#include "tests/support/faulty_file_system.hpp"

namespace recast::checkpoint {
namespace {

using support::FaultyFileSystem;
using support::MemoryFileSystem;

reference::Sizes small() {
  reference::Sizes sizes = reference::tiny(reference::Family::Llama);
  sizes.layers = 2;
  sizes.vocab = 37;
  return sizes;
}

reference::Grid two_by_two() {
  reference::Grid grid;
  grid.tp = grid.pp = 2;
  grid.vocab_divisor = 5;
  return grid;
}

void put_source(MemoryFileSystem& disk) {
  conversion::put_huggingface(disk, "in", small(), conversion::config_json(small()));
  disk.put("in/tokenizer.json", "{}");
}

/// Plans and runs; the first thing that goes wrong.
Result<Written> convert(io::FileSystem& disk, const TargetOptions& target,
                        const WriteOptions& options) {
  DiagnosticSink sink;
  const auto first = [&] {
    return sink.all().empty() ? make_diagnostic(Code::plan_cancelled, "?") : sink.all().front();
  };
  const auto opened = open_checkpoint(disk, conversion::library(), "in", {"", target.set}, sink);
  if (!opened) return first();
  const auto bound = bind(*opened, conversion::library(), {"", target.set, nullptr}, sink);
  if (!bound) return first();
  const auto planned = plan_conversion(disk, conversion::library(), *opened, *bound, target, sink);
  if (!planned) return first();
  return write_checkpoint(disk, *opened, *planned, "out", options, {});
}

std::map<std::string, std::string> contents(const MemoryFileSystem& disk,
                                            const std::string& folder) {
  std::map<std::string, std::string> out;
  for (const std::string& path : disk.files(folder))
    out[path] = disk.get(path);
  return out;
}

TEST_CASE("checkpoint/run: the files do not depend on threads and memory") {
  std::map<std::string, std::string> expected;
  for (const std::optional<tensor::DType> dtype :
       {std::optional<tensor::DType>(), std::optional(tensor::DType::BF16)})
    for (const int threads : {1, 2, 5})
      for (const std::uint64_t memory : {std::uint64_t{5} << 20, std::uint64_t{64} << 20}) {
        CAPTURE(threads);
        CAPTURE(memory);
        MemoryFileSystem disk;
        put_source(disk);
        TargetOptions target = conversion::to_megatron(two_by_two());
        target.dtype = dtype;
        WriteOptions options;
        options.run.threads = threads;
        options.run.memory_nbytes = memory;
        const auto written = convert(disk, target, options);
        REQUIRE_MESSAGE(written.has_value(), written.error().message);
        CHECK(disk.unsynced_files().empty());
        auto files = contents(disk, "out");
        CHECK(files.size() == 4 + 2 + 1);  // ranks, what is carried, the tracker
        if (threads == 1 && memory == std::uint64_t{5} << 20)
          expected = std::move(files);
        else
          CHECK((files == expected));
      }
}

TEST_CASE("checkpoint/run: two runs give the same bytes") {
  MemoryFileSystem first, second;
  for (MemoryFileSystem* disk : {&first, &second}) {
    put_source(*disk);
    REQUIRE(convert(*disk, conversion::to_megatron(two_by_two()), {}).has_value());
  }
  CHECK((contents(first, "out") == contents(second, "out")));
}

/// Whether the disk is as it was: the source alone.
void check_untouched(const MemoryFileSystem& disk,
                     const std::map<std::string, std::string>& before) {
  std::map<std::string, std::string> after = contents(disk, ".");
  for (const auto& [path, bytes] : after)
    if (!before.contains(path)) CHECK_MESSAGE(path.find(".out.recast-partial") == 0, path);
  for (const auto& [path, bytes] : before)
    CHECK((after.contains(path) && after[path] == bytes));
}

TEST_CASE(
    "checkpoint/run: whichever operation fails, there is a diagnostic and nothing under the final "
    "name") {
  WriteOptions options;
  options.run.threads = 1;
  std::size_t operations = 0;
  std::string good;
  {
    MemoryFileSystem disk;
    put_source(disk);
    FaultyFileSystem counting(disk);
    REQUIRE(convert(counting, conversion::to_megatron(two_by_two()), options).has_value());
    operations = counting.operation_count();
    good = std::to_string(contents(disk, "out").size());
  }
  REQUIRE(operations > 50);
  std::size_t harmless = 0;
  for (std::size_t n = 0; n < operations; ++n) {
    MemoryFileSystem disk;
    put_source(disk);
    const auto before = contents(disk, ".");
    FaultyFileSystem failing(disk);
    failing.fail_operation(n);
    const auto written = convert(failing, conversion::to_megatron(two_by_two()), options);
    const std::vector<std::string> log = failing.log();
    CAPTURE(n);
    if (n < log.size()) CAPTURE(log[n]);
    if (!written) {
      const std::string_view area = code_name(written.error().code);
      CHECK_MESSAGE(area.substr(0, area.find('.')) != "verify", area);
      // The rename is the last but the sync of the folder above: after it the name is there, whole.
      const bool renamed = disk.exists("out");
      if (renamed)
        CHECK(std::to_string(contents(disk, "out").size()) == good);
      else
        check_untouched(disk, before);
    } else {
      ++harmless;  // looking for something that need not be there
      CHECK(disk.exists("out"));
    }
  }
  CHECK(harmless < operations / 4);
}

TEST_CASE("checkpoint/run: a disk that goes away for good leaves nothing under the final name") {
  WriteOptions options;
  options.run.threads = 1;
  for (std::size_t n = 0; n < 400; n += 7) {
    CAPTURE(n);
    MemoryFileSystem disk;
    put_source(disk);
    const auto before = contents(disk, ".");
    FaultyFileSystem failing(disk);
    failing.fail_from(n);
    const auto written = convert(failing, conversion::to_megatron(two_by_two()), options);
    if (written) break;  // there are no more operations
    if (!disk.exists("out")) check_untouched(disk, before);
  }
}

TEST_CASE("checkpoint/run: a disk that runs full is named, and nothing stays") {
  MemoryFileSystem disk;
  put_source(disk);
  const auto before = contents(disk, ".");
  FaultyFileSystem full(disk);
  full.disk_full_after(20'000);
  const auto written = convert(full, conversion::to_megatron(two_by_two()), {});
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == Code::io_disk_full);
  CHECK_FALSE(disk.exists("out"));
  check_untouched(disk, before);
}

TEST_CASE("checkpoint/run: a run that is stopped says so and leaves nothing") {
  MemoryFileSystem disk;
  put_source(disk);
  const auto before = contents(disk, ".");
  const std::atomic<bool> stop = true;
  WriteOptions options;
  options.cancel = &stop;
  const auto written = convert(disk, conversion::to_megatron(two_by_two()), options);
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == Code::plan_cancelled);
  CHECK((contents(disk, ".") == before));
}

TEST_CASE("checkpoint/run: what a killed run left aside does not disturb the next") {
  MemoryFileSystem disk;
  put_source(disk);
  disk.put(".out.recast-partial/iter_0000010/old", "x");
  REQUIRE(convert(disk, conversion::to_megatron(two_by_two()), {}).has_value());
  CHECK_FALSE(disk.exists(".out.recast-partial"));
  CHECK_FALSE(disk.exists("out/iter_0000010/old"));
}

}  // namespace
}  // namespace recast::checkpoint
