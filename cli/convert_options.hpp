#pragma once
// recast convert SOURCE OUT --to FRAMEWORK …

#include "cli/shared_options.hpp"

namespace recast::cli {

struct ConvertOptions {
  std::string source_path;
  std::string output_folder;
  TargetOptions target;
  SourceOptions source;
  RunOptions machine;
  OutputOptions output;
  bool allow_overflow = false;  // values beyond fp16 become infinite instead of being refused
  bool check_replicas = false;  // read all of them, not only the small ones
  bool dry_run = false;
};

OptionParser convert_parser(ConvertOptions& options);

}  // namespace recast::cli
