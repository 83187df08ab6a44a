#include "engine/exec/select.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "engine/base/diagnostic.hpp"

namespace recast::exec {
namespace {

using tensor::DType;
using Kernel = Move::Kernel;

const char* name(Kernel kernel) {
  switch (kernel) {
    case Kernel::Runs:
      return "runs";
    case Kernel::Words:
      return "words";
    case Kernel::Transpose:
      return "transpose";
    case Kernel::CastRuns:
      return "cast runs";
    case Kernel::CastBlocks:
      return "cast blocks";
    case Kernel::CastWords:
      return "cast words";
  }
  return "?";
}

}  // namespace

TEST_CASE("exec/select: the kernel follows from types and strides") {
  struct Row {
    const char* why;
    DType from, into;
    std::vector<MoveAxis> axes;  // extent, dst, src
    const char* expected;        // kernel, bytes of a run, loops
  };
  const DType bf16 = DType::BF16;
  const std::vector<Row> rows{
      {"one element", bf16, bf16, {}, "runs 2 0"},
      {"all adjacent", bf16, bf16, {{4, 10, 10}, {5, 2, 2}}, "runs 40 0"},
      {"rows", bf16, bf16, {{4, 20, 30}, {5, 2, 2}}, "runs 10 1"},
      {"rows, axes in another order", bf16, bf16, {{5, 2, 2}, {4, 20, 30}}, "runs 10 1"},
      {"rows of a word", bf16, bf16, {{4, 20, 30}, {4, 2, 2}}, "words 8 0"},
      {"a matrix turned", bf16, bf16, {{4, 2, 10}, {5, 8, 2}}, "transpose 2 0"},
      {"a batch of them", bf16, bf16, {{3, 40, 40}, {4, 2, 10}, {5, 8, 2}}, "transpose 2 1"},
      {"pairs turned", bf16, bf16, {{4, 4, 20}, {5, 16, 4}, {2, 2, 2}}, "transpose 4 0"},
      {"a column", bf16, bf16, {{4, 2, 10}}, "words 2 0"},
      {"16 bytes turned", DType::C128, DType::C128, {{4, 16, 80}, {5, 64, 16}}, "words 16 1"},
      {"a cast of all", bf16, DType::F32, {{4, 20, 10}, {5, 4, 2}}, "cast runs 4 0"},
      {"a cast of rows", bf16, DType::F32, {{4, 24, 10}, {5, 4, 2}}, "cast runs 4 1"},
      {"a cast and a turn", bf16, DType::F32, {{4, 4, 10}, {5, 16, 2}}, "cast blocks 4 0"},
      {"a cast of a column", bf16, DType::F32, {{4, 8, 10}}, "cast words 4 0"},
      {"a cast of one element", bf16, DType::F32, {}, "cast runs 4 0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Move move =
        select_move(row.from, row.into, row.axes.data(), row.axes.size(), kernel_table(), true);
    CHECK(cat(name(move.kernel), " ", move.nbytes, " ", int{move.loop_rank}) == row.expected);
  }
}

TEST_CASE("exec/select: unmerged axes move the same bytes") {
  const std::vector<MoveAxis> axes{{3, 40, 40}, {4, 10, 10}, {5, 2, 2}};
  std::string src(120, '\0');
  for (std::size_t i = 0; i < src.size(); ++i)
    src[i] = static_cast<char>(i);
  for (const bool merge : {false, true}) {
    std::string dst(120, '\0');
    run_move(select_move(DType::BF16, DType::BF16, axes.data(), 3, kernel_table(), merge),
             reinterpret_cast<std::byte*>(dst.data()),
             reinterpret_cast<const std::byte*>(src.data()));
    CHECK(dst == src);
  }
}

TEST_CASE("exec/select: large casts of turned matrices are exact at block borders") {
  constexpr std::int64_t kRows = 130;
  constexpr std::int64_t kColumns = 67;
  std::vector<float> src(kRows * kColumns);
  for (std::size_t i = 0; i < src.size(); ++i)
    src[i] = static_cast<float>(i);
  std::vector<double> dst(src.size());
  const std::vector<MoveAxis> axes{{kColumns, kRows * 8, 4}, {kRows, 8, kColumns * 4}};
  const Move move = select_move(DType::F32, DType::F64, axes.data(), 2, kernel_table(), true);
  CHECK(run_move(move, reinterpret_cast<std::byte*>(dst.data()),
                 reinterpret_cast<const std::byte*>(src.data())) == 0);
  bool equal = true;
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < kColumns; ++j) {
      equal = equal && dst[j * kRows + i] == static_cast<double>(src[i * kColumns + j]);
    }
  }
  CHECK(equal);
}

}  // namespace recast::exec
