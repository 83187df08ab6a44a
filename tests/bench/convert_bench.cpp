// convert_bench PROGRAM RULES FOLDER [--size BYTES] [--pairs N] [--cold] [--case NAME]
//
// Makes checkpoints of a real model's sizes with random values in FOLDER and times whole
// conversions by PROGRAM against `cp -r --reflink=never` of the same bytes on the same file system,
// followed by fsync of every file because the program syncs too. Runs alternate; the ratio is the
// median over pairs, with its extremes; a pair before them, in which a virtual machine gets its
// pages, is not counted. Where the bytes read and written differ, cp counts for half of their sum.
// --cold: the page cache is dropped before every run (as root).

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/byte_size.hpp"
#include "engine/base/render.hpp"
#include "engine/checkpoint/synthesise.hpp"

extern char** environ;

namespace recast::bench {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string program, rules, folder, only;
  std::uint64_t nbytes = 2'000'000'000;
  int pairs = 5;
  bool cold = false;
};

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "convert_bench: %s\n", why.c_str());
  std::exit(2);
}

struct Run {
  double seconds = 0;
  long peak_kib = 0;
};

Run spawn(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words)
    argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ) != 0)
    die("cannot run " + words[0]);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child || status != 0)
    die(words[0] + " " + words[1] + " failed");
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          usage.ru_maxrss};
}

void sync_tree(const std::string& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const int file = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0 || fsync(file) != 0) die("cannot sync " + entry.path().string());
    close(file);
  }
}

std::uint64_t tree_nbytes(const std::string& folder) {
  std::uint64_t nbytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) nbytes += entry.file_size();
  return nbytes;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

class Bench {
 public:
  explicit Bench(Arguments arguments)
      : arguments_(std::move(arguments)), files_(io::local_file_system()) {
    DiagnosticSink sink;
    auto library = rules::Library::open(*files_, {arguments_.rules}, sink);
    if (!library) die(render_text(library.error()));
    if (sink.has_errors()) die(render_text(sink.all().front()));
    library_.emplace(std::move(library).value());
  }

  void run() {
    // Hidden sizes, heads and MLP of LLaMA 3.1 8B with a vocabulary of 32000; layers make up the
    // size.
    rules::ValueMap llama{{"hidden", tensor::Value(4096)},        {"ffn", tensor::Value(14336)},
                          {"heads", tensor::Value(32)},           {"groups", tensor::Value(8)},
                          {"head_dim", tensor::Value(128)},       {"vocab", tensor::Value(32000)},
                          {"positions", tensor::Value(8192)},     {"norm_eps", tensor::Value(1e-5)},
                          {"rope.theta", tensor::Value(500000.0)}};
    const std::string bf16 = make("llama", llama, tensor::DType::BF16, "llama-bf16");
    const std::string ranks = path("llama-tp4-pp2");
    measure("hf-to-megatron-tp4-pp2", bf16, {"--to", "megatron", "--tp", "4", "--pp", "2"});
    (void)spawn({arguments_.program, "convert", bf16, ranks, "--to", "megatron", "--tp", "4",
                 "--pp", "2", "--quiet"});
    fs::remove_all(bf16);
    measure("megatron-tp4-pp2-to-hf", ranks, {"--to", "huggingface"});
    measure("megatron-tp4-pp2-to-tp2", ranks, {"--to", "megatron", "--tp", "2", "--pp", "1"});
    fs::remove_all(ranks);
    const std::string fp32 = make("llama", llama, tensor::DType::F32, "llama-fp32");
    measure("cast-fp32-to-bf16-tp4-pp2", fp32,
            {"--to", "megatron", "--tp", "4", "--pp", "2", "--dtype", "bf16"});
    fs::remove_all(fp32);
    rules::ValueMap mixtral = llama;
    // Mixtral 8x7B has 97 of 100 bytes in experts. Smaller experts make room for two layers, and a
    // smaller vocabulary keeps what every expert rank repeats from outweighing them.
    mixtral.erase("ffn");
    mixtral["expert_ffn"] = tensor::Value(4096);
    mixtral["vocab"] = tensor::Value(8192);
    mixtral["experts"] = tensor::Value(8);
    mixtral["router.topk"] = tensor::Value(2);
    const std::string experts = make("mixtral", mixtral, tensor::DType::BF16, "mixtral-bf16");
    const std::string expert_ranks = path("mixtral-ep4-tp2");
    measure("mixtral-to-megatron-ep4-tp2", experts, {"--to", "megatron", "--ep", "4", "--tp", "2"});
    (void)spawn({arguments_.program, "convert", experts, expert_ranks, "--to", "megatron", "--ep",
                 "4", "--tp", "2", "--quiet"});
    fs::remove_all(experts);
    measure("mixtral-ep4-tp2-to-hf", expert_ranks, {"--to", "huggingface"});
    fs::remove_all(expert_ranks);
  }

 private:
  std::string path(const std::string& name) const { return arguments_.folder + "/" + name; }

  /// The model with as many layers as the size asks for, at least 2.
  std::string make(const std::string& family, rules::ValueMap sizes, tensor::DType dtype,
                   const std::string& name) {
    std::optional<checkpoint::Conversion> plans[2];
    for (const std::int64_t layers : {2, 3}) {
      sizes["layers"] = tensor::Value(layers);
      plans[layers - 2] = plan(family, sizes, dtype);
    }
    const std::uint64_t base = plans[0]->payload_nbytes(),
                        per_layer = plans[1]->payload_nbytes() - base;
    const std::uint64_t more =
        arguments_.nbytes > base ? (arguments_.nbytes - base) / per_layer : 0;
    // Even, for two stages.
    sizes["layers"] = tensor::Value(static_cast<std::int64_t>(2 + (more + 1) / 2 * 2));
    const auto planned = plan(family, sizes, dtype);
    fs::remove_all(path(name));
    const auto written = checkpoint::write_synthetic(*files_, *planned, path(name), 7);
    if (!written) die(render_text(written.error()));
    return path(name);
  }

  std::optional<checkpoint::Conversion> plan(const std::string& family,
                                             const rules::ValueMap& sizes, tensor::DType dtype) {
    DiagnosticSink sink;
    auto planned = checkpoint::plan_synthetic(*library_, family, "huggingface", sizes, dtype, sink);
    if (!planned) die(sink.all().empty() ? family : render_text(sink.all().front()));
    return planned;
  }

  void before_run() const {
    sync();
    if (!arguments_.cold) return;
    std::ofstream drop("/proc/sys/vm/drop_caches");
    drop << "3" << std::flush;
    if (!drop) die("cannot drop the page cache: --cold needs root");
  }

  Run copy(const std::string& source, const std::string& output) const {
    before_run();
    const auto start = std::chrono::steady_clock::now();
    Run run = spawn({"cp", "-r", "--reflink=never", source, output});
    sync_tree(output);
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return run;
  }

  void measure(const std::string& name, const std::string& source,
               const std::vector<std::string>& options) {
    if (!arguments_.only.empty() && arguments_.only != name) return;
    const std::string copied = path("copied"), converted = path("converted");
    std::vector<std::string> words{arguments_.program, "convert", source, converted, "--quiet"};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<double> ratios, cp_seconds, seconds;
    long peak_kib = 0;
    const std::uint64_t read = tree_nbytes(source);
    std::uint64_t written = 0;
    for (int pair = -1; pair < arguments_.pairs; ++pair) {  // the first is not counted
      fs::remove_all(copied);
      fs::remove_all(converted);
      const Run cp = copy(source, copied);
      fs::remove_all(copied);
      before_run();
      const Run run = spawn(words);
      written = tree_nbytes(converted);
      peak_kib = std::max(peak_kib, run.peak_kib);
      fs::remove_all(converted);
      if (pair < 0) continue;
      const double share = static_cast<double>(read + written) / 2 / static_cast<double>(read);
      ratios.push_back(run.seconds / (cp.seconds * share));
      cp_seconds.push_back(cp.seconds * share);
      seconds.push_back(run.seconds);
    }
    const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
    std::printf(
        "{\"case\": \"%s\", \"folder\": \"%s\", \"cold\": %s, \"read\": \"%s\", \"written\": "
        "\"%s\", \"seconds\": %.3f, "
        "\"cp_seconds\": %.3f, \"ratio\": %.2f, \"least\": %.2f, \"most\": %.2f, \"pairs\": %d, "
        "\"peak_rss_mib\": %ld}\n",
        name.c_str(), arguments_.folder.c_str(), arguments_.cold ? "true" : "false",
        print_byte_size(read).c_str(), print_byte_size(written).c_str(), median(seconds),
        median(cp_seconds), median(ratios), *least, *most, arguments_.pairs, peak_kib / 1024);
    std::fflush(stdout);
  }

  Arguments arguments_;
  std::unique_ptr<io::FileSystem> files_;
  std::optional<rules::Library> library_;
};

}  // namespace
}  // namespace recast::bench

int main(int argc, char** argv) {
  using recast::bench::die;
  recast::bench::Arguments arguments;
  std::vector<std::string> plain;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&]() -> std::string {
      return i + 1 < argc ? argv[++i] : (die(word + " needs a value"), "");
    };
    if (word == "--size")
      arguments.nbytes = recast::parse_byte_size(value()).value_or(0);
    else if (word == "--pairs")
      arguments.pairs = std::atoi(value().c_str());
    else if (word == "--case")
      arguments.only = value();
    else if (word == "--cold")
      arguments.cold = true;
    else
      plain.push_back(word);
  }
  if (plain.size() != 3 || arguments.pairs < 1 || arguments.nbytes == 0)
    die("PROGRAM RULES FOLDER [--size BYTES] [--pairs N] [--cold] [--case NAME]");
  arguments.program = plain[0];
  arguments.rules = plain[1];
  arguments.folder = plain[2] + "/recast-bench";
  std::filesystem::create_directories(arguments.folder);
  recast::bench::Bench(arguments).run();
  std::filesystem::remove_all(arguments.folder);
  return 0;
}
