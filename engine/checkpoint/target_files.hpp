#pragma once
// Distributes a target's tensors over files and writes the documents around them.

#include <string>

#include "engine/checkpoint/target.hpp"

namespace recast::checkpoint {

class TargetFileWriter {
 public:
  /// Everything is borrowed. `values`: sizes and grid, as expressions know them.
  TargetFileWriter(Conversion& out, const rules::ValueMap& values, const Opened& opened,
                   bool same_framework, DiagnosticSink& sink)
      : out_(out), values_(values), opened_(opened), same_framework_(same_framework), sink_(sink) {}

  /// One file per rank, the configuration inside each, a tracker beside them.
  void write_ranks(const tensor::Value& config);
  /// One set of weights, cut greedily in the order of the tensors into files of at most `limit`
  /// bytes of payload (a larger tensor has a file of its own), with an index when there are
  /// several; the configuration in its own file.
  void write_weights(std::uint64_t limit, tensor::Value config);

 private:
  tensor::Value document(const tensor::Value& config);
  void place_in(tensor::Value& root, const std::string& name, tensor::Value leaf);

  Conversion& out_;
  const rules::ValueMap& values_;
  const Opened& opened_;
  const bool same_framework_;
  DiagnosticSink& sink_;
};

}  // namespace recast::checkpoint
