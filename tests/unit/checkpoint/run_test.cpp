// Whole conversions on disks that may fail: output does not depend on the machine, and a run that
// stops leaves nothing.

#include <doctest/doctest.h>

#include <atomic>
#include <map>

#include "engine/base/render.hpp"
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
                        const WriteOptions& options, const std::string& folder = "out") {
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
  return write_checkpoint(disk, *opened, *planned, folder, options, {});
}

std::map<std::string, std::string> contents(const MemoryFileSystem& disk,
                                            const std::string& folder) {
  std::map<std::string, std::string> out;
  for (const std::string& path : disk.files(folder))
    out[path] = disk.get(path);
  return out;
}

/// What a power cut could take, the source apart.
std::string at_risk(const MemoryFileSystem& disk) {
  std::string out;
  for (const auto& paths : {disk.unsynced_files(), disk.unsynced_folders()})
    for (const std::string& path : paths)
      if (path != "in" && !path.starts_with("in/")) out += cat("'", path, "' ");
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
        CHECK(at_risk(disk) == "");
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

/// Whether the disk is as it was: the source alone, and hidden folders that could not be removed.
void check_untouched(const MemoryFileSystem& disk,
                     const std::map<std::string, std::string>& before) {
  std::map<std::string, std::string> after = contents(disk, ".");
  for (const auto& [path, bytes] : after)
    if (!before.contains(path)) CHECK_MESSAGE(path.find(".out.recast-") == 0, path);
  for (const auto& [path, bytes] : before)
    CHECK((after.contains(path) && after[path] == bytes));
  CHECK(disk.locks().empty());
}

TEST_CASE(
    "checkpoint/run: whichever operation fails, there is a diagnostic and nothing under the final "
    "name") {
  WriteOptions options;
  options.run.threads = 1;
  std::size_t operations = 0;
  std::map<std::string, std::string> good;
  {
    MemoryFileSystem disk;
    put_source(disk);
    FaultyFileSystem counting(disk);
    REQUIRE(convert(counting, conversion::to_megatron(two_by_two()), options).has_value());
    operations = counting.operation_count();
    good = contents(disk, "out");
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
    REQUIRE(n < log.size());
    const std::string& failed = log[n];
    CAPTURE(failed);
    if (!written) {
      const std::string_view area = code_name(written.error().code);
      CHECK_MESSAGE(area.substr(0, area.find('.')) != "verify", area);
      // The rename is the last but the sync of the folder above: after it the name is there, whole.
      const bool renamed = disk.has("out");
      if (renamed)
        CHECK((contents(disk, "out") == good));
      else
        check_untouched(disk, before);
    } else {
      ++harmless;  // nothing depends on it
      CHECK((contents(disk, "out") == good));
    }
  }
  // Looking for what killed runs left.
  CHECK(harmless == 1);
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
    if (!disk.has("out")) check_untouched(disk, before);
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
  CHECK_FALSE(disk.has("out"));
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

TEST_CASE("checkpoint/run: weights that cannot be looked at are not replaced by older ones") {
  MemoryFileSystem disk;
  put_source(disk);
  const std::string weights = disk.get("in/model.safetensors");
  REQUIRE(disk.remove_all("in/model.safetensors").has_value());
  disk.put_link("in/model.safetensors", "../blobs/gone");
  disk.put("in/pytorch_model.bin", weights);
  const auto written = convert(disk, conversion::to_megatron(two_by_two()), {});
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().place.file == "in/model.safetensors");
  CHECK(written.error().message ==
        "cannot look at the path: it is a link to '../blobs/gone', which is not there");
  disk.put("blobs/gone", weights);
  CHECK(convert(disk, conversion::to_megatron(two_by_two()), {}).has_value());
}

TEST_CASE("checkpoint/run: a tokenizer that cannot be looked at is not left behind in silence") {
  MemoryFileSystem disk;
  put_source(disk);
  REQUIRE(disk.remove_all("in/tokenizer.json").has_value());
  disk.put_link("in/tokenizer.json", "../blobs/gone");
  const auto written = convert(disk, conversion::to_megatron(two_by_two()), {});
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().place.file == "in/tokenizer.json");
  CHECK(written.error().code == Code::io_read_failed);
  CHECK_FALSE(disk.has("out"));
}

TEST_CASE("checkpoint/run: a source that cannot be listed is not one of an unknown framework") {
  MemoryFileSystem disk;
  put_source(disk);
  FaultyFileSystem failing(disk);
  failing.fail_operation(1);
  const auto written = convert(failing, conversion::to_megatron(two_by_two()), {});
  REQUIRE(failing.log()[1] == "list in");
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().message == "operation 1 failed on purpose: list in");
}

TEST_CASE("checkpoint/run: a tokenizer's folder that is none is told once") {
  MemoryFileSystem disk;
  put_source(disk);
  TargetOptions target = conversion::to_megatron(two_by_two());
  target.tokenizer = "in/config.json";
  const auto written = convert(disk, target, {});
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().message == "cannot list the folder: not a directory");
}

/// Reads of the source after planning: those that follow its last opening.
std::size_t reads_of_payload(const FaultyFileSystem& disk) {
  std::size_t out = 0;
  for (const std::string& operation : disk.log()) {
    if (operation.starts_with("open in/")) out = 0;
    if (operation.starts_with("read in/")) ++out;
  }
  return out;
}

TEST_CASE(
    "checkpoint/run: copies are compared after the output was found to fit, and not if stopped") {
  TargetOptions target;
  target.framework = "huggingface";
  WriteOptions options;
  options.check_replicas = true;
  MemoryFileSystem disk;
  put_source(disk);
  REQUIRE(convert(disk, conversion::to_megatron(two_by_two()), {}).has_value());
  REQUIRE(disk.remove_all("in").has_value());
  REQUIRE(disk.rename("out", "in").has_value());

  disk.set_free_bytes(100);
  FaultyFileSystem full(disk);
  const auto refused = convert(full, target, options);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::io_disk_full);
  CHECK(reads_of_payload(full) == 0);

  disk.set_free_bytes(1 << 30);
  const std::atomic<bool> stop = true;
  options.cancel = &stop;
  FaultyFileSystem stopped(disk);
  const auto cancelled = convert(stopped, target, options);
  REQUIRE_FALSE(cancelled.has_value());
  CHECK(cancelled.error().code == Code::plan_cancelled);
  CHECK(reads_of_payload(stopped) == 0);

  options.cancel = nullptr;
  const auto written = convert(disk, target, options);
  REQUIRE_MESSAGE(written.has_value(), written.error().message);
  CHECK(written->replica_nbytes > 0);
}

TEST_CASE("checkpoint/run: more files than may be open are refused before the first is made") {
  MemoryFileSystem disk;
  put_source(disk);
  const auto before = contents(disk, ".");
  FaultyFileSystem logging(disk);
  disk.set_most_open_files(36);  // one of the source, four of the output, 32 besides
  const auto refused = convert(logging, conversion::to_megatron(two_by_two()), {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(render_text(refused.error()) ==
        "error[io.too-many-files]: the run opens 37 files at once (1 of the source, 4 of the "
        "output), but the limit is 36\n"
        "hint: raise the limit of open files ('ulimit -n 37', and its hard limit), or convert to "
        "fewer files\n");
  CHECK((contents(disk, ".") == before));
  disk.set_most_open_files(37);
  CHECK(convert(disk, conversion::to_megatron(two_by_two()), {}).has_value());
}

TEST_CASE("checkpoint/run: after a power cut all is there") {
  MemoryFileSystem disk;
  put_source(disk);
  REQUIRE(convert(disk, conversion::to_megatron(two_by_two()), {}, "new/below/out").has_value());
  CHECK(contents(disk, "new/below/out").size() == 7);
  CHECK(at_risk(disk) == "");
}

}  // namespace
}  // namespace recast::checkpoint
