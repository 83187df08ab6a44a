#pragma once
// recast demo [--family NAME] [--size SIZE] [--keep DIR]

#include "cli/shared_options.hpp"

namespace recast::cli {

struct DemoOptions {
  std::optional<std::string> family;         // of the rules, with sizes for a demonstration
  std::optional<std::uint64_t> size_nbytes;  // of the model; what the rules say without
  std::optional<std::string> keep;  // folder that stays; a temporary one is removed without
  RunOptions machine;
  OutputOptions output;
};

OptionParser demo_parser(DemoOptions& options);

}  // namespace recast::cli
