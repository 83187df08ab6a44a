#pragma once
// recast verify A B …

#include "cli/shared_options.hpp"

namespace recast::cli {

struct VerifyOptions {
  std::string left_path, right_path;
  std::optional<double> absolute, relative;  // bit for bit when neither is given
  bool check_replicas = false;
  SourceOptions source;  // `--from` is that of A; B's framework is detected
  RunOptions machine;
  OutputOptions output;
};

OptionParser verify_parser(VerifyOptions& options);

}  // namespace recast::cli
