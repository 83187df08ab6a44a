#pragma once
// recast inspect PATH …

#include "cli/shared_options.hpp"

namespace recast::cli {

struct InspectOptions {
  std::string path;
  bool tensors = false;  // every tensor, not only the first
  bool all = false;      // everything that is cut short otherwise
  SourceOptions source;
  OutputOptions output;
};

OptionParser inspect_parser(InspectOptions& options);

}  // namespace recast::cli
