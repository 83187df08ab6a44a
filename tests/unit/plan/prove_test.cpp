#include <doctest/doctest.h>

#include <functional>

#include "engine/plan/solve.hpp"

namespace recast::plan {
namespace {

tensor::Box box(std::vector<std::int64_t> start, std::vector<std::int64_t> extent) {
  tensor::Box out;
  out.rank = static_cast<std::uint8_t>(start.size());
  for (std::size_t i = 0; i < start.size(); ++i) {
    out.start[i] = start[i];
    out.extent[i] = extent[i];
  }
  return out;
}

/// A 2 × 4 tensor written by two copies of a column pair each and a third tensor by a fill.
Plan good_plan() {
  Plan plan;
  plan.logical = {{"t", {"row", "column"}}, {"u", {"row"}}};
  plan.source_files = {"source"};
  plan.sources = {{"left", 0, 0, tensor::DType::F32, {2, 2}},
                  {"right", 0, 1, tensor::DType::F32, {2, 2}}};
  plan.targets = {{"whole", 0, 0, tensor::DType::F32, {2, 4}},
                  {"filled", 0, 1, tensor::DType::F32, {2}}};
  for (const std::uint32_t half : {0U, 1U}) {
    Copy copy;
    copy.from = half;
    copy.into = 0;
    copy.box = box({0, 2 * half}, {2, 2});
    copy.from_stride = {2, 1};
    copy.into_stride = {4, 1};
    copy.into_offset = 2 * half;
    plan.copies.push_back(copy);
  }
  Fill fill;
  fill.into = 1;
  fill.logical = 1;
  fill.box = box({0}, {2});
  fill.into_stride = {1};
  plan.fills.push_back(fill);
  return plan;
}

std::string proof_of(const Plan& plan) {
  DiagnosticSink sink;
  prove(plan, sink);
  std::string out;
  for (const Diagnostic& diagnostic : sink.all())
    out += std::string(code_name(diagnostic.code)) + ": " + diagnostic.message + "\n";
  return out;
}

TEST_CASE("plan/prove: a plan that writes every element once passes") {
  CHECK(proof_of(good_plan()) == "");
}

TEST_CASE("plan/prove: a plan that is wrong anywhere is caught") {
  struct Row {
    const char* what;
    std::function<void(Plan&)> spoil;
    const char* said;
  };
  const Row rows[] = {
      {"a copy is missing", [](Plan& plan) { plan.copies.pop_back(); },
       "plan.not-proven: 'whole' has 8 elements, of which 4 would be written\n"},
      {"a fill is missing", [](Plan& plan) { plan.fills.clear(); },
       "plan.not-proven: 'filled' has 2 elements, of which 0 would be written\n"},
      {"a copy comes twice", [](Plan& plan) { plan.copies[1] = plan.copies[0]; },
       "plan.not-proven: 'whole' would be written twice in places\n"},
      {"two copies overlap",
       [](Plan& plan) {
         plan.copies[1].box.start[1] = 1;
         plan.copies[1].into_offset = 1;
       },
       "plan.not-proven: 'whole' would be written twice in places\n"},
      {"a copy reaches past the target", [](Plan& plan) { plan.copies[1].into_offset = 3; },
       "plan.not-proven: 'whole' has 8 elements and would be written at 8\n"},
      {"a copy begins before the target", [](Plan& plan) { plan.copies[0].into_offset = -1; },
       "plan.not-proven: 'whole' has 8 elements and would be written at -1\n"},
      {"a copy reads before its source", [](Plan& plan) { plan.copies[0].from_offset = -2; },
       "plan.not-proven: 'left' would be read at -2\n"},
      {"strides run backwards",
       [](Plan& plan) {
         plan.copies[0].into_stride = {-4, 1};
       },
       "plan.not-proven: 'whole' has 8 elements and would be written at -4\n"}};
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Plan plan = good_plan();
    row.spoil(plan);
    CHECK(proof_of(plan) == row.said);
  }
}

TEST_CASE("plan/prove: two boxes apart that meet in one address are caught") {
  Plan plan = good_plan();
  plan.copies[1].into_offset = 0;
  CHECK(proof_of(plan) == "plan.not-proven: 'whole' would be written twice in places\n");
  plan = good_plan();
  plan.copies[0].into_stride = {1, 1};  // its own rows meet
  CHECK(proof_of(plan) == "plan.not-proven: 'whole' would be written twice in places\n");
}

}  // namespace
}  // namespace recast::plan
