#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "engine/exec/kernels/kernels.hpp"
#include "tests/support/reference_executor.hpp"

namespace recast::exec {
namespace {

using tensor::DType;

constexpr std::uint64_t kOnes = ~std::uint64_t{0};
constexpr std::array kTypes{DType::F16, DType::BF16, DType::F32, DType::F64};

CastRow kernel(const KernelTable& table, DType from, DType into) {
  return table
      .cast[static_cast<std::size_t>(cast_type(from))][static_cast<std::size_t>(cast_type(into))];
}

template <class Bits>
std::string bytes_of(const std::vector<Bits>& values) {
  std::string out(values.size() * sizeof(Bits), '\0');
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

std::string all_16_bit_values() {
  std::vector<std::uint16_t> values(65536);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<std::uint16_t>(i);
  return bytes_of(values);
}

/// Bit patterns next to every power of two of a narrower format, where rounding, denormals and
/// overflow change; NaNs of both kinds; and random ones.
template <class Bits>
std::string telling_values(int exponent_bits, int fraction_bits, std::size_t randoms) {
  std::mt19937_64 random(20240917);
  std::vector<Bits> values;
  const int total = 1 + exponent_bits + fraction_bits;
  for (std::uint64_t exponent = 0; exponent < (1ULL << exponent_bits); ++exponent) {
    for (int cut = 0; cut < fraction_bits; ++cut) {
      // A tie at `cut` bits, and its neighbours; with a tail of ones above it too.
      const std::uint64_t tie = std::uint64_t{1} << cut;
      for (const std::uint64_t fraction :
           {tie - 1, tie, tie + 1, 3 * tie, 3 * tie - 1, kOnes << cut, (kOnes << cut) - 1}) {
        values.push_back(static_cast<Bits>((exponent << fraction_bits) |
                                           (fraction & ((1ULL << fraction_bits) - 1))));
      }
    }
  }
  const std::size_t positive = values.size();
  for (std::size_t i = 0; i < positive; ++i) {
    values.push_back(static_cast<Bits>(values[i] | static_cast<Bits>(1ULL << (total - 1))));
  }
  for (std::size_t i = 0; i < randoms; ++i)
    values.push_back(static_cast<Bits>(random()));
  return bytes_of(values);
}

std::string values_of(DType from) {
  if (from == DType::F32) return telling_values<std::uint32_t>(8, 23, 20000);
  if (from == DType::F64) return telling_values<std::uint64_t>(11, 52, 5000);
  return all_16_bit_values();
}

struct Cast {
  std::string bytes;
  std::uint64_t overflows = 0;
};

Cast run_kernel(CastRow cast, std::string_view values, std::size_t from_nbytes,
                std::size_t into_nbytes) {
  Cast out;
  const std::size_t count = values.size() / from_nbytes;
  out.bytes.resize(count * into_nbytes);
  out.overflows = cast(reinterpret_cast<std::byte*>(out.bytes.data()),
                       reinterpret_cast<const std::byte*>(values.data()), count);
  return out;
}

}  // namespace

TEST_CASE("exec/casts: every table rounds as exact arithmetic does") {
  for (const DType from : kTypes) {
    const std::string values = values_of(from);
    const std::size_t from_nbytes = tensor::dtype_nbytes(from);
    for (const DType into : kTypes) {
      if (from == into) continue;
      const std::size_t into_nbytes = tensor::dtype_nbytes(into);
      std::string expected;
      for (std::size_t at = 0; at < values.size(); at += from_nbytes) {
        expected += support::reference_cast({values.data() + at, from_nbytes}, from, into);
      }
      for (const KernelTable* table : usable_kernel_tables()) {
        CAPTURE(table->cpu);
        CAPTURE(std::string(tensor::dtype_name(from)));
        CAPTURE(std::string(tensor::dtype_name(into)));
        const Cast actual =
            run_kernel(kernel(*table, from, into), values, from_nbytes, into_nbytes);
        const auto differs =
            std::mismatch(actual.bytes.begin(), actual.bytes.end(), expected.begin());
        CHECK(static_cast<std::size_t>(differs.first - actual.bytes.begin()) / into_nbytes ==
              values.size() / from_nbytes);
      }
    }
  }
}

TEST_CASE("exec/casts: every table counts the finite values that became infinite") {
  struct Row {
    DType into;
    std::vector<float> values;
    std::uint64_t overflows;
  };
  const float infinity = std::bit_cast<float>(0x7f800000U);
  const float nan = std::bit_cast<float>(0x7fc00000U);
  const std::vector<Row> rows{
      {DType::F16, {65504, 65519, 65520, -65520, 1e30F, infinity, -infinity, nan, 0, 1}, 3},
      {DType::F16, {1, 2, 3}, 0},
      {DType::BF16, {3.3e38F, std::bit_cast<float>(0x7f7fffffU), 65520, infinity, nan}, 1},
  };
  for (const Row& row : rows) {
    for (const KernelTable* table : usable_kernel_tables()) {
      CAPTURE(table->cpu);
      CAPTURE(row.overflows);
      const std::string values = bytes_of(row.values);
      CHECK(run_kernel(kernel(*table, DType::F32, row.into), values, 4, 2).overflows ==
            row.overflows);
    }
  }
}

TEST_CASE("exec/casts: every count of elements is cast whole and nothing behind it is touched") {
  const std::string values = telling_values<std::uint32_t>(8, 23, 0).substr(0, 4 * 40);
  for (const KernelTable* table : usable_kernel_tables()) {
    for (std::size_t count = 0; count <= 33; ++count) {
      CAPTURE(table->cpu);
      CAPTURE(count);
      std::string out(2 * 40, '\x5a');
      kernel(*table, DType::F32, DType::BF16)(reinterpret_cast<std::byte*>(out.data()),
                                              reinterpret_cast<const std::byte*>(values.data()),
                                              count);
      std::string expected;
      for (std::size_t i = 0; i < count; ++i) {
        expected += support::reference_cast({values.data() + 4 * i, 4}, DType::F32, DType::BF16);
      }
      expected.resize(out.size(), '\x5a');
      CHECK(out == expected);
    }
  }
}

}  // namespace recast::exec
