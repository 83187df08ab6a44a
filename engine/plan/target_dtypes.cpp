#include "engine/plan/target_dtypes.hpp"

#include <map>
#include <vector>

namespace recast::plan {
namespace {

/// What most of the model has: constants are written in it.
tensor::DType common_dtype(const Plan& plan) {
  std::map<tensor::DType, std::int64_t> volumes;
  for (const Copy& copy : plan.copies)
    volumes[plan.sources[copy.from].dtype] += tensor::volume(copy.box);
  tensor::DType most = tensor::DType::F32;
  std::int64_t largest = -1;
  for (const auto& [dtype, volume] : volumes)
    if (volume > largest) {
      most = dtype;
      largest = volume;
    }
  return most;
}

}  // namespace

void choose_dtypes(Plan& plan, const rules::RuleSet& rules, std::optional<tensor::DType> asked,
                   const std::set<TensorIndex>& constants, DiagnosticSink& sink) {
  std::vector<std::optional<tensor::DType>> wanted(plan.targets.size());
  std::vector<bool> keep(plan.targets.size(), false);
  std::set<TensorIndex> reported;
  for (const Copy& copy : plan.copies) {
    const tensor::DType have = plan.sources[copy.from].dtype;
    auto& want = wanted[copy.into];
    if (rules.tensors[copy.logical].keep_dtype) keep[copy.into] = true;
    if (!want || tensor::widens(*want, have)) {
      want = have;
    } else if (!tensor::widens(have, *want) && !asked && reported.insert(copy.into).second) {
      sink.add(make_diagnostic(Code::plan_mixed_dtypes,
                               cat("'", plan.targets[copy.into].name, "' would mix ",
                                   tensor::dtype_name(*want), " and ", tensor::dtype_name(have)))
                   .note(cat("'", plan.sources[copy.from].name, "' of ",
                             plan.source_files[plan.sources[copy.from].file], " is ",
                             tensor::dtype_name(have)))
                   .suggest("choose one with --dtype"));
    }
  }
  std::set<TensorIndex> padded;  // a rank may hold nothing else
  for (const Fill& fill : plan.fills)
    padded.insert(fill.into);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i])
      plan.targets[i].dtype =
          asked && !keep[i] && tensor::is_castable(*wanted[i]) ? *asked : *wanted[i];
    else if (constants.contains(static_cast<TensorIndex>(i)) ||
             padded.contains(static_cast<TensorIndex>(i)))
      plan.targets[i].dtype = asked.value_or(common_dtype(plan));
  }
}

}  // namespace recast::plan
