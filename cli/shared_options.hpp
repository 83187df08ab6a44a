#pragma once
// Options that several commands have, each declared once.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/option_parser.hpp"
#include "engine/tensor/dtype.hpp"

namespace recast::cli {

/// `--set SIZE=VALUE`. The value stays text: its type is the size's, which the rules know.
struct Assignment {
  std::string size;
  std::string value;
  bool operator==(const Assignment&) const = default;
};

/// How a checkpoint that is read is understood.
struct SourceOptions {
  std::optional<std::string> from;    // framework; detected without
  std::optional<std::string> family;  // detected without
  std::vector<Assignment> sets;
  std::vector<std::string> rules;  // folders, later ones override earlier ones
};

/// What a checkpoint that is written is like. Without a value: as the source, or the target's
/// default.
struct TargetOptions {
  std::string to;  // framework
  std::optional<std::int64_t> tp, pp, vpp, ep, etp;
  std::vector<std::int64_t>
      stages;  // layers per stage (with vpp: per chunk), in the order of the layers; empty: even
  std::optional<std::int64_t> first_stage_layers, last_stage_layers;
  std::optional<tensor::DType> dtype;  // one of the castable ones
  std::optional<std::uint64_t> max_shard_nbytes;
  std::optional<std::string> tokenizer;  // folder with a tokenizer's files
  std::optional<std::string> args_file;  // JSON with further arguments of the target framework
};

/// How the machine is used; the bytes written are the same for any of these.
struct RunOptions {
  std::optional<std::int64_t> threads;         // one per core without
  std::optional<std::uint64_t> memory_nbytes;  // the executor's default without
};

/// What is said, and how. `--diagnostics` is taken here only to be checked: diagnostic_form() reads
/// it beforehand.
struct OutputOptions {
  bool quiet = false;
  bool json = false;
  std::string diagnostics = "text";
};

void declare(OptionParser& parser, SourceOptions& options);
void declare(OptionParser& parser, TargetOptions& options);
void declare(OptionParser& parser, RunOptions& options);
void declare(OptionParser& parser, OutputOptions& options);

/// SIZE=VALUE. Errors: usage.bad-value.
Take take_assignments(std::vector<Assignment>& into);
/// An element type that a cast can write, by its short name. Errors: usage.bad-value.
Take take_dtype(std::optional<tensor::DType>& into);

}  // namespace recast::cli
