#pragma once
// What a conversion will write: the target's sizes, grid and files, the solved plan, the
// configuration in the target's words, and the small files beside the weights. Nothing is written
// yet and no payload is read.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/checkpoint/bind.hpp"
#include "engine/formats/container.hpp"
#include "engine/plan/solve.hpp"

namespace recast::checkpoint {

struct TargetOptions {
  std::string framework;
  std::vector<std::pair<std::string, std::int64_t>>
      mesh;                          // tp 4 …; others as the source, else the dialect's default
  std::vector<std::int64_t> stages;  // layers per chunk; empty: even
  std::optional<std::int64_t> first_stage_layers, last_stage_layers;
  std::optional<tensor::DType> dtype;
  std::optional<std::uint64_t> max_shard_nbytes;
  rules::ValueMap set;
  std::string tokenizer;  // a folder; empty: what the source carries
  std::string args_file;  // JSON with fields of the target's configuration; or empty
};

/// A small file that is made here, and one that is copied as it is.
struct OutputText {
  std::string path, text;
};
struct CarriedFile {
  std::string from, to;  // full path, path below the output folder
  std::uint64_t nbytes = 0;
};

struct Conversion {
  rules::RuleSet rules;
  rules::Sizes sizes;
  rules::Grid grid;
  rules::Stages stages;
  rules::Placement placement;
  std::vector<rules::LiveTensor> live;
  plan::Solution solution;        // plan.target_files are complete
  std::vector<OutputText> texts;  // in the order in which they are written, a tracker last
  std::vector<CarriedFile> carried;
  std::vector<plan::Dropped> dropped;  // entries that are neither tensors of the model nor carried
  std::vector<std::string> notes;

  std::uint64_t payload_nbytes() const;
};

/// Both must outlive the result. Codes: plan.*, layout.*, expr.*, rule.*, io.*, format.*.
std::optional<Conversion> plan_conversion(const io::FileSystem& files,
                                          const rules::Library& library, const Opened& opened,
                                          const Bound& source, const TargetOptions& options,
                                          DiagnosticSink& sink);

/// The file as its container wants it.
formats::FileSpec file_spec(const plan::Plan& plan, const plan::TargetFile& file);

}  // namespace recast::checkpoint
