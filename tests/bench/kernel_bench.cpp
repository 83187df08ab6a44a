#include "tests/bench/kernel_bench.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <string>

#include "engine/exec/kernels/kernels.hpp"

namespace recast::bench {
namespace {

using tensor::DType;

constexpr std::size_t kNbytes = 1 << 20;  // of the larger side: what a tile has
constexpr int kRounds = 7;

double best_seconds(const std::function<void()>& work) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    constexpr int kRepeats = 20;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kRepeats; ++i)
      work();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    best = std::min(best, passed.count() / kRepeats);
  }
  return best;
}

class Measure {
 public:
  Measure() : src_(kNbytes), dst_(kNbytes) {
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < kNbytes; ++i) {
      src_[i] = static_cast<std::byte>(random() & (i % 2 == 1 ? 0x3f : 0xff));
    }
  }

  void add(const std::string& kernel, const char* cpu, double nbytes,
           const std::function<void(std::byte*, const std::byte*)>& work) {
    const double seconds = best_seconds([&] { work(dst_.data(), src_.data()); });
    const double copy = best_seconds(
        [&] { std::memcpy(dst_.data(), src_.data(), static_cast<std::size_t>(nbytes)); });
    const auto round = [](double value) { return std::round(value * 100) / 100; };
    out_.push_back({{"kernel", kernel},
                    {"cpu", cpu},
                    {"gb_per_s", round(nbytes / seconds / 1e9)},
                    {"memcpy_gb_per_s", round(nbytes / copy / 1e9)},
                    {"of_memcpy", round(copy / seconds)}});
  }

  nlohmann::ordered_json result() { return std::move(out_); }

 private:
  std::vector<std::byte> src_;
  std::vector<std::byte> dst_;
  nlohmann::ordered_json out_;
};

}  // namespace

nlohmann::ordered_json measure_kernels() {
  Measure measure;
  constexpr DType kTypes[] = {DType::F16, DType::BF16, DType::F32, DType::F64};
  for (const exec::KernelTable* table : exec::usable_kernel_tables()) {
    for (const DType from : kTypes) {
      for (const DType into : kTypes) {
        if (from == into) continue;
        const std::size_t from_nbytes = tensor::dtype_nbytes(from);
        const std::size_t into_nbytes = tensor::dtype_nbytes(into);
        const std::size_t count = kNbytes / std::max(from_nbytes, into_nbytes);
        const exec::CastRow cast = table->cast[static_cast<std::size_t>(exec::cast_type(from))]
                                              [static_cast<std::size_t>(exec::cast_type(into))];
        measure.add("cast " + std::string(tensor::dtype_name(from)) + " -> " +
                        std::string(tensor::dtype_name(into)),
                    table->cpu, static_cast<double>(count * (from_nbytes + into_nbytes)) / 2,
                    [&](std::byte* dst, const std::byte* src) { cast(dst, src, count); });
      }
    }
    for (std::size_t log = 0; log < 4; ++log) {
      const std::size_t word = std::size_t{1} << log;
      const std::size_t rows = 512;
      const std::size_t columns = kNbytes / rows / word;
      for (const std::size_t pad : {std::size_t{0}, std::size_t{64}}) {
        const std::size_t fit = columns - (pad == 0 ? 0 : 64);
        const auto src_stride = static_cast<std::ptrdiff_t>(rows * word + pad);
        const auto dst_stride = static_cast<std::ptrdiff_t>(fit * word + pad);
        const std::size_t high = rows - (pad == 0 ? 0 : 64);
        measure.add(
            "transpose " + std::to_string(8 * word) + " bit" + (pad == 0 ? "" : ", rows apart"),
            table->cpu, static_cast<double>(high * fit * word),
            [&](std::byte* dst, const std::byte* src) {
              table->transpose[log](dst, dst_stride, src, src_stride, high, fit);
            });
      }
    }
  }
  return measure.result();
}

}  // namespace recast::bench
