// exec_bench FOLDER [--size MB] [--pairs N] [--threads N] [--case NAME] [--sync] [--crc]
// [--kernels]
//
// Runs each synthetic plan on FOLDER (tmpfs or disk) in turn with `cp -r --reflink=never` of the
// same source files and prints JSON: wall times, GB/s and their ratio as the median of the pairs,
// with the extremes. Where element sizes differ, cp counts for half of the sum of bytes read and
// written.

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "engine/exec/run_limited.hpp"
#include "tests/bench/bench_cases.hpp"
#include "tests/bench/kernel_bench.hpp"

extern char** environ;

namespace recast::bench {
namespace {

struct Arguments {
  std::string folder;
  std::int64_t nbytes = 512 << 20;
  int pairs = 5;
  int threads = 0;
  std::string only;
  bool sync = false;
  bool crc = false;
  bool kernels = false;
};

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "exec_bench: %s\n", why.c_str());
  std::exit(2);
}

template <class T>
T must(Result<T> result) {
  if (!result) die(result.error().message);
  return std::move(result).value();
}
void must(const Result<void>& result) {
  if (!result) die(result.error().message);
}

/// Wall time, and processor time of all threads: the latter tells what a busy machine hides.
struct Time {
  double wall = 0;
  double cpu = 0;
};

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Time measure_time(int who, const std::function<void()>& work) {
  const double cpu = cpu_seconds(who);
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  return {wall.count(), cpu_seconds(who) - cpu};
}

void spawn(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& each : words)
    argv.push_back(each.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  if (posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0 ||
      waitpid(child, &status, 0) < 0 || status != 0) {
    die("cannot run " + words[0]);
  }
}

void sync_folder(const std::string& folder, const std::vector<std::string>& names) {
  for (const std::string& each : names) {
    const int file = open((folder + "/" + each).c_str(), O_RDONLY);
    if (file < 0 || fsync(file) != 0) die("cannot sync " + folder + "/" + each);
    close(file);
  }
}

/// Places tensors one after the other, as containers do; returns the files' sizes.
std::vector<std::uint64_t> place_tensors(const std::vector<plan::PlanTensor>& tensors,
                                         std::size_t file_count,
                                         std::vector<exec::TensorPlace>& places) {
  constexpr std::uint64_t kHeaderNbytes = 1 << 10;
  std::vector<std::uint64_t> sizes(file_count, kHeaderNbytes);
  for (const plan::PlanTensor& each : tensors) {
    places.push_back({each.file, sizes[each.file]});
    sizes[each.file] +=
        static_cast<std::uint64_t>(each.shape[0]) * tensor::dtype_nbytes(each.dtype);
  }
  return sizes;
}

void write_random(io::FileSystem& disk, const std::string& path, std::uint64_t nbytes) {
  auto file = must(disk.create(path));
  std::mt19937_64 random(nbytes);
  std::vector<std::uint64_t> chunk(1 << 17);
  for (std::uint64_t at = 0; at < nbytes;) {
    // Exponents stay small, so that any two neighbouring words are finite in every type.
    for (std::uint64_t& each : chunk)
      each = random() & 0x3fff3fff3fff3fffULL;
    const std::uint64_t n = std::min<std::uint64_t>(nbytes - at, chunk.size() * 8);
    must(file->write(at, std::as_bytes(std::span(chunk)).subspan(0, n)));
    at += n;
  }
  must(file->sync());
}

/// One case on the disk.
class Bench {
 public:
  Bench(const Arguments& arguments, const Case& made)
      : arguments_(arguments),
        case_(made),
        disk_(io::local_file_system()),
        in_(arguments.folder + "/in"),
        out_(arguments.folder + "/out") {
    must(disk_->remove_all(in_));
    must(disk_->make_folders(in_));
    const auto sizes =
        place_tensors(made.plan.sources, made.plan.source_files.size(), source_places_);
    target_sizes_ = place_tensors(made.plan.targets, made.plan.target_files.size(), target_places_);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      write_random(*disk_, in_ + "/" + made.plan.source_files[i], sizes[i]);
      read_nbytes_ += sizes[i];
    }
    for (const std::uint64_t each : target_sizes_)
      written_nbytes_ += each;
  }

  nlohmann::ordered_json measure() {
    std::vector<double> walls;
    std::vector<double> cpus;
    std::vector<double> cp_walls;
    std::vector<double> cp_cpus;
    std::vector<double> ratios;
    const double weight =
        static_cast<double>(read_nbytes_ + written_nbytes_) / 2 / static_cast<double>(read_nbytes_);
    const auto ours = [&] {
      const Time time = run_ours();
      walls.push_back(time.wall);
      cpus.push_back(time.cpu);
    };
    run_ours();  // warm
    for (int i = 0; i < arguments_.pairs; ++i) {
      if (i % 2 == 1) ours();  // each is first in every second pair
      const Time cp = run_cp();
      if (i % 2 == 0) ours();
      cp_walls.push_back(cp.wall);
      cp_cpus.push_back(cp.cpu);
      ratios.push_back(walls.back() / (cp.wall * weight));
    }
    must(disk_->remove_all(in_));
    must(disk_->remove_all(out_));
    const auto median = [](std::vector<double> values) {
      std::sort(values.begin(), values.end());
      return values[values.size() / 2];
    };
    const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
    const auto round = [](double value) { return std::round(value * 1000) / 1000; };
    return {{"case", case_.name},
            {"read_mb", read_nbytes_ >> 20},
            {"written_mb", written_nbytes_ >> 20},
            {"seconds", round(median(walls))},
            {"cp_seconds", round(median(cp_walls))},
            {"cpu_seconds", round(median(cpus))},
            {"cp_cpu_seconds", round(median(cp_cpus))},
            {"gb_per_s", round(static_cast<double>(read_nbytes_) / median(walls) / 1e9)},
            {"ratio", round(median(ratios))},
            {"ratio_least", round(*least)},
            {"ratio_most", round(*most)},
            {"buffers_mb", outcome_.peak_buffer_nbytes >> 20},
            {"bytes_read", outcome_.bytes_read}};
  }

 private:
  Time run_cp() {
    must(disk_->remove_all(out_));
    const std::vector<std::string> names(case_.plan.source_files);
    return measure_time(RUSAGE_CHILDREN, [&] {
      spawn({"cp", "-r", "--reflink=never", in_, out_});
      if (arguments_.sync) sync_folder(out_, names);
    });
  }

  Time run_ours() {
    must(disk_->remove_all(out_));
    return measure_time(RUSAGE_SELF, [&] {
      must(disk_->make_folders(out_));
      std::vector<std::unique_ptr<io::RandomAccessFile>> sources;
      std::vector<std::unique_ptr<io::OutputFile>> targets;
      exec::Inputs inputs{case_.plan, {}, source_places_};
      exec::Outputs outputs{{}, target_places_, {}};
      for (const std::string& each : case_.plan.source_files) {
        sources.push_back(must(disk_->open(in_ + "/" + each)));
        inputs.source_files.push_back(sources.back().get());
      }
      for (std::size_t i = 0; i < target_sizes_.size(); ++i) {
        targets.push_back(must(disk_->create(out_ + "/" + case_.plan.target_files[i].path)));
        must(targets.back()->resize(target_sizes_[i]));
        outputs.target_files.push_back(targets.back().get());
        outputs.wants_crc.push_back(arguments_.crc);
      }
      exec::Options options;
      options.threads = arguments_.threads;
      exec::StreamLimits limits = must(exec::limits_of(options));
      override_from_environment("TILE_KB", limits.tiles.preferred_nbytes);
      override_from_environment("CALL_KB", limits.tiles.call_nbytes);
      override_from_environment("MOST_KB", limits.tiles.most_nbytes);
      outcome_ = must(exec::run_limited(inputs, outputs, options, limits, {}, nullptr));
      if (arguments_.sync) {
        for (const auto& each : targets)
          must(each->sync());
      }
    });
  }

  static void override_from_environment(const char* name, std::int64_t& nbytes) {
    if (const char* text = std::getenv(name)) nbytes = std::atoll(text) << 10;
  }

  const Arguments& arguments_;
  const Case& case_;
  std::unique_ptr<io::FileSystem> disk_;
  std::string in_;
  std::string out_;
  std::vector<exec::TensorPlace> source_places_;
  std::vector<exec::TensorPlace> target_places_;
  std::vector<std::uint64_t> target_sizes_;
  std::uint64_t read_nbytes_ = 0;
  std::uint64_t written_nbytes_ = 0;
  exec::Outcome outcome_;
};

Arguments parse(int argc, char** argv) {
  Arguments out;
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto value = [&]() -> std::string {
      if (++i == words.size()) die(words[i - 1] + " needs a value");
      return words[i];
    };
    if (words[i] == "--size") {
      out.nbytes = std::atoll(value().c_str()) << 20;
    } else if (words[i] == "--pairs") {
      out.pairs = std::atoi(value().c_str());
    } else if (words[i] == "--threads") {
      out.threads = std::atoi(value().c_str());
    } else if (words[i] == "--case") {
      out.only = value();
    } else if (words[i] == "--sync") {
      out.sync = true;
    } else if (words[i] == "--crc") {
      out.crc = true;
    } else if (words[i] == "--kernels") {
      out.kernels = true;
    } else if (out.folder.empty() && words[i][0] != '-') {
      out.folder = words[i];
    } else {
      die("unknown argument " + words[i]);
    }
  }
  if (out.nbytes <= 0 || out.pairs <= 0) die("--size and --pairs are positive");
  if (out.folder.empty() && !out.kernels) die("a folder to work in is needed");
  return out;
}

int run(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  nlohmann::ordered_json report;
  if (arguments.kernels) report["kernels"] = measure_kernels();
  if (!arguments.folder.empty()) {
    for (const Case& each : all_cases(arguments.nbytes)) {
      if (!arguments.only.empty() && each.name.find(arguments.only) == std::string::npos) continue;
      report["cases"].push_back(Bench(arguments, each).measure());
      std::fprintf(stderr, "%s\n", report["cases"].back().dump().c_str());
    }
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  report["peak_rss_mb"] = usage.ru_maxrss >> 10;
  std::printf("%s\n", report.dump(2).c_str());
  return 0;
}

}  // namespace
}  // namespace recast::bench

int main(int argc, char** argv) {
  return recast::bench::run(argc, argv);
}
