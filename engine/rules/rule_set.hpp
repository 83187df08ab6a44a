#pragma once
// Rules as the engine uses them: a family's sizes, axes and inventory, and how one framework keeps
// that family. A RuleSet is what loading a family's model.yaml, the framework's dialect and the
// family's own page for that framework gives.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/lang/layout_expr.hpp"
#include "engine/lang/name_template.hpp"
#include "engine/lang/scalar.hpp"
#include "engine/layout/layout.hpp"
#include "engine/tensor/dtype.hpp"
#include "engine/tensor/value.hpp"

namespace recast::rules {

enum class SizeType : std::uint8_t { Integer, Number, Flag, Text, List, Any };

/// A hyper-parameter or a house option of a framework; `--set` gives any of them.
struct SizeRule {
  std::string name;
  SizeType type = SizeType::Any;
  std::optional<lang::ScalarExpr> fallback;
  bool optional = false;  // may stay null
  bool option = false;    // stored names tell its value (a house option)
  bool training =
      false;  // of the training, not of the model: a file of arguments may say otherwise
  std::vector<tensor::Value> values;  // empty: any
  std::string about;
  SourceSpan span;
};

/// An elementary axis and its extent over sizes.
struct AxisRule {
  std::string name;
  lang::ScalarExpr extent;
  SourceSpan span;
};

/// A tensor of the inventory.
struct LogicalRule {
  std::string name;
  std::vector<layout::AxisId> axes;
  bool keep_dtype = false;                     // a cast leaves it alone
  std::optional<lang::ScalarExpr> value;       // a constant: written, checked on reading
  std::optional<lang::ScalarExpr> when;        // only in models for which this holds
  layout::LabelId same_as = layout::kNoLabel;  // shares the elements of that tensor …
  std::optional<lang::ScalarExpr> same_when;   // … when this holds
  bool incomplete = false;  // its axes were reported: comparing with them would only repeat that
  SourceSpan span;
};

/// What is cut along one mesh dimension.
struct ShardCut {
  std::string mesh;                      // tp
  std::vector<layout::AxisId> axes;      // restricted before packing …
  std::optional<std::size_t> dimension;  // … or the packed dimension that is cut
};
struct ShardAlternative {
  std::optional<lang::ScalarExpr> when;
  std::vector<ShardCut> cuts;
};

/// A line of a tensor table.
struct TensorRule {
  lang::NameTemplate name;
  std::string name_text;
  std::size_t table = 0;  // 0: the dialect's own; else Dialect::tables, counted from 1
  layout::Layout layout;  // of the memory
  std::optional<layout::Layout>
      shape;  // where the framework declares another shape over the same memory
  std::string layout_text;
  std::vector<layout::LabelId> labels;    // all that the layout mentions, in its order
  std::vector<layout::AxisId> name_axes;  // axes that stand in the name, outermost first
  std::vector<layout::AxisId>
      global;  // of these, `local` ones that this name numbers through the whole model
  std::optional<lang::ScalarExpr> when;    // written and required when it holds
  std::optional<lang::ScalarExpr> accept;  // read if there, when it holds
  bool any_unit_dims = false;              // read whatever the number of its dimensions of 1
  std::vector<ShardAlternative> shard;     // empty: the dialect's shard line
  std::vector<std::string> whole;          // mesh dimensions along which it is not cut
  // A tensor that carries no elements of the model: made empty, or null, in every stage that holds
  // the label `with`; a line for families without that label is no line.
  bool created = false;
  bool created_null = false;
  tensor::DType created_dtype = tensor::DType::U8;
  std::vector<std::int64_t> created_shape;
  layout::LabelId with = layout::kNoLabel;
  SourceSpan span;
};

struct IgnoreRule {
  lang::NameTemplate name;  // a leading '/' in the text: from the file's root
  bool from_root = false;
  std::string text;
  std::string why;
};

struct MeshRule {
  std::string name;
  lang::ScalarExpr size;                     // over the checkpoint's own configuration
  std::optional<lang::ScalarExpr> index;     // a coordinate that follows from others
  std::optional<lang::ScalarExpr> fallback;  // size for a target that does not say
};

struct PadRule {
  layout::AxisId axis = 0;
  lang::ScalarExpr to;
  bool repeat_last = true;  // else zeros
};

struct StageRule {
  layout::AxisId axis = 0;
  std::vector<std::string> over;  // mesh dimensions, slowest first
  std::vector<layout::LabelId> first, last;
};

/// One size against a framework's configuration. `write` holds (field path, expression over sizes).
struct ConfigRule {
  std::string size;
  std::optional<lang::ScalarExpr> read;
  std::optional<lang::ScalarExpr> fallback;  // where `read` gives null: the framework's own default
  std::vector<std::pair<std::string, lang::ScalarExpr>> write;
  std::optional<lang::ScalarExpr>
      needed;  // when it holds, the size must be known before it is written
  bool prefer_carried = false;
  std::string note;  // why a value that the file does not hold is what it is
  SourceSpan span;
};

struct RefuseRule {
  lang::ScalarExpr when;
  std::string say, hint;
};
struct RefuseFile {
  lang::NameTemplate name;
  std::string say, hint;
};

/// One way to keep the weights in one file or in several with an index.
struct WeightsRule {
  std::string container;
  std::string one;
  lang::NameTemplate part;
  std::string index;
};

struct CarryRule {
  std::vector<lang::NameTemplate> except;
  std::vector<std::string> folders;
  std::uint64_t up_to = 64'000'000;
};

struct DropRule {
  std::string name, why;
};

/// Tensors that each rank keeps for itself, no part of the model.
struct RankBufferRule {
  std::string name;
  IgnoreRule tensors;  // their names in a rank's file
  std::string kind;    // the place in the name that tells one kind from another
  std::string file;    // where a framework without ranks keeps them …
  std::vector<std::string>
      keys;  // … and under which keys, outermost first: places of the name and mesh coordinates
};

/// A class whose values have names, as text says them outside the framework's own files.
struct ArgsClass {
  tensor::Symbol symbol;
  std::vector<std::pair<std::string, std::int64_t>> values;
};
/// A JSON file that keeps this framework's configuration beside the weights of another.
struct ArgsFileRule {
  std::string file;
  std::vector<std::string> symbols;  // dotted names that are symbols, not texts
  std::vector<std::string> numbers;  // classes whose values are numbers, and are written as such
  std::vector<ArgsClass> classes;
};

/// A framework as far as one family uses it.
struct Dialect {
  std::string framework, about;
  std::vector<lang::NameTemplate> recognise;
  std::vector<RefuseFile> refuse_files;
  std::string container;  // with `file`; else `weights`
  std::vector<WeightsRule> weights;
  std::string max_shard_size;
  std::string tracker_file, tracker_size;
  std::vector<std::string> tracker_words;  // what a tracker may say beside a number
  std::optional<lang::NameTemplate> folder, file, root;
  std::vector<lang::NameTemplate> file_also;  // read where no file has the name that `file` gives
  std::vector<MeshRule> mesh;
  std::vector<ShardCut> shard;
  std::optional<StageRule> stages;
  std::vector<layout::AxisId> local;
  std::vector<PadRule> pad;
  std::string config_file;              // a file of its own …
  std::string config_at, config_class;  // … or a field of each file, an object of this class
  std::optional<ArgsFileRule> args_file;
  std::vector<std::pair<std::string, lang::ScalarExpr>> document;
  std::vector<std::pair<std::string, lang::ScalarExpr>>
      document_read;  // sizes that a file's own entries tell
  std::vector<DropRule> drop;
  tensor::Value metadata;
  std::optional<CarryRule> carry;
  std::optional<lang::ScalarExpr> detect;
  std::vector<std::string> identify;  // fields that name the kind of model, for diagnostics
  std::vector<ConfigRule> config;
  std::vector<std::pair<std::string, tensor::Value>> constants;
  std::vector<std::string> check;     // constants that a checkpoint must agree with
  std::vector<std::string> replaces;  // fields that what we write makes stale
  std::vector<std::pair<std::string, lang::ScalarExpr>> fields;
  std::vector<std::pair<std::string, tensor::Value>> defaults;
  std::vector<RefuseRule> refuse;          // of a configuration that is read
  std::vector<RefuseRule> refuse_writing;  // over the sizes and the grid of a target
  std::vector<RefuseRule> tell;            // over the sizes of either side; said, not refused
  std::vector<TensorRule> tensors;
  std::vector<lang::ScalarExpr>
      tables;  // the first that holds stands in place of the dialect's own table
  std::vector<RankBufferRule> rank_buffers;
  std::vector<IgnoreRule> ignore;
  std::vector<IgnoreRule> ignore_files;
};

struct RuleSet {
  std::string family, about;
  std::vector<SizeRule> sizes;  // the family's, then the dialect's
  std::size_t family_size_count = 0;
  std::vector<AxisRule> axes;
  std::vector<LogicalRule> tensors;
  std::vector<std::pair<std::string, tensor::Value>> demo;
  Dialect dialect;

  const SizeRule* size(std::string_view name) const noexcept;
  layout::LabelId label(std::string_view name) const noexcept;
  std::optional<layout::AxisId> axis(std::string_view name) const noexcept;
};

}  // namespace recast::rules
