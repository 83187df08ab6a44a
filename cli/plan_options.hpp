#pragma once
// recast plan SOURCE --to FRAMEWORK …

#include "cli/shared_options.hpp"

namespace recast::cli {

struct PlanOptions {
  std::string source_path;
  TargetOptions target;
  SourceOptions source;
  OutputOptions output;
  bool all = false;  // every copy, not only a summary
};

OptionParser plan_parser(PlanOptions& options);

}  // namespace recast::cli
