#include "tests/mutation/form.hpp"

#include <algorithm>
#include <utility>

#include "engine/io/file_system.hpp"
#include "tests/conversion/model_config.hpp"
#include "tests/conversion/reference_checkpoint.hpp"

namespace recast::mutation {
namespace {

using reference::Family;
using reference::Names;
using reference::ReferenceFile;
using reference::ReferenceTensor;
using reference::Sizes;
using reference::Stored;
using tensor::Value;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// HabanaAI/Megatron-LM 13c28de megatron/legacy/model/transformer.py: what one module of
/// Transformer Engine holds of the layer, in the place of the names of torch's modules.
std::vector<ReferenceTensor> in_engine_names(const std::vector<ReferenceTensor>& tensors) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {"input_norm.weight", "self_attention.layernorm_qkv.layer_norm_weight"},
      {"input_norm.bias", "self_attention.layernorm_qkv.layer_norm_bias"},
      {"self_attention.query_key_value.", "self_attention.layernorm_qkv."},
      {"self_attention.dense.", "self_attention.proj."},
      {"post_attention_norm.weight", "layernorm_mlp.layer_norm_weight"},
      {"post_attention_norm.bias", "layernorm_mlp.layer_norm_bias"},
      {"mlp.dense_h_to_4h._extra_state", ""},
      {"mlp.dense_h_to_4h.", "layernorm_mlp.fc1_"},
      {"mlp.dense_4h_to_h._extra_state", "layernorm_mlp._extra_state"},
      {"mlp.dense_4h_to_h.", "layernorm_mlp.fc2_"}};
  std::vector<ReferenceTensor> out;
  for (ReferenceTensor tensor : tensors) {
    bool kept = true;
    for (const auto& [from, to] : names) {
      const std::size_t at = tensor.name.find("." + from);
      if (at == std::string::npos) continue;
      tensor.name.replace(at + 1, from.size(), to);
      kept = !to.empty();
      if (ends_with(tensor.name, "_extra_state")) {
        tensor.stored = Stored::EmptyBytes;
        tensor.shape = {0};
      }
      break;
    }
    if (kept) out.push_back(std::move(tensor));
  }
  return out;
}

/// transformers 5 in memory: gate and up of an expert one below the other, the experts outermost.
std::vector<ReferenceTensor> with_stacked_experts(const std::vector<ReferenceTensor>& tensors) {
  std::vector<ReferenceTensor> out;
  const auto stack = [&](const std::string& name, const ReferenceTensor& part, bool second) {
    const auto same = [&](const ReferenceTensor& t) { return t.name == name; };
    auto whole = std::find_if(out.begin(), out.end(), same);
    if (whole == out.end()) {
      out.push_back({name, Stored::Weight, {0, 0, part.shape[1]}, {}, {}});
      whole = out.end() - 1;
    }
    if (!second) whole->shape = {whole->shape[0] + 1, part.shape[0], part.shape[1]};
    if (second) whole->shape[1] = 2 * part.shape[0];
    whole->origins.insert(whole->origins.end(), part.origins.begin(), part.origins.end());
  };
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    ReferenceTensor tensor = tensors[i];
    const std::size_t moe = tensor.name.find("block_sparse_moe.");
    if (moe == std::string::npos) {
      out.push_back(std::move(tensor));
      continue;
    }
    const std::string stem = tensor.name.substr(0, moe) + "mlp.";
    if (ends_with(tensor.name, ".gate.weight")) {
      tensor.name = stem + "gate.weight";
      out.push_back(std::move(tensor));
    } else if (ends_with(tensor.name, ".w1.weight")) {  // w1, w2, w3: gate, down, up
      stack(stem + "experts.gate_up_proj", tensor, false);
      stack(stem + "experts.gate_up_proj", tensors[i + 2], true);
    } else if (ends_with(tensor.name, ".w2.weight")) {
      stack(stem + "experts.down_proj", tensor, false);
    }
  }
  return out;
}

void state(ReferenceFile& file, const Form& form) {
  if (form.legacy_engine) file.tensors = in_engine_names(file.tensors);
  if (form.stacked) file.tensors = with_stacked_experts(file.tensors);
  for (ReferenceTensor& tensor : file.tensors) {
    if (form.bare && tensor.name.rfind("transformer.", 0) == 0)
      tensor.name.erase(0, std::string("transformer.").size());
    const bool scalar = tensor.constant || tensor.name.find("alpha_") != std::string::npos;
    if (form.other_scalars && scalar)
      tensor.shape =
          tensor.shape.empty() ? std::vector<std::int64_t>{1} : std::vector<std::int64_t>{};
  }
}

}  // namespace

bool Form::is_legacy() const {
  return grid.names == Names::Legacy || grid.names == Names::OlderLegacy;
}

std::vector<ReferenceFile> files_of(const Sizes& sizes, const Form& form) {
  std::vector<ReferenceFile> files;
  if (form.megatron)
    files = reference::megatron_files(sizes, form.grid);
  else
    files.push_back({"model.safetensors", reference::hf_tensors(sizes)});
  for (ReferenceFile& file : files)
    state(file, form);
  return files;
}

checkpoint::TargetOptions options_of(const Form& form) {
  if (!form.megatron) {
    checkpoint::TargetOptions out = conversion::to_huggingface();
    if (form.stacked) out.set["expert_tensors"] = Value("stacked");
    if (form.bare) out.set["prefix"] = Value("");
    return out;
  }
  checkpoint::TargetOptions out = conversion::to_megatron(form.grid);
  if (!form.is_legacy()) return out;
  const bool older = form.grid.names == Names::OlderLegacy;
  out.set["names"] = Value("legacy");
  out.set["transformer_impl"] = Value(form.legacy_engine ? "transformer_engine" : "local");
  out.set["checkpoint_version"] = Value(static_cast<double>(form.grid.qkv_version));
  out.set["legacy.stack"] = Value(older ? "transformer/" : "encoder/");
  out.set["legacy.attention"] = Value(older ? "attention" : "self_attention");
  out.set["legacy.norm"] = Value(older ? "layernorm" : "norm");
  return out;
}

void put_form(support::MemoryFileSystem& disk, const std::string& folder, const Sizes& sizes,
              const Form& form) {
  if (!form.megatron) {
    conversion::put_huggingface_tensors(disk, folder, files_of(sizes, form).front().tensors,
                                        conversion::config_json(sizes));
    return;
  }
  std::vector<std::pair<std::string, Value>> more;
  if (sizes.family == Family::Apertus)
    more = {{"swiglu", Value(false)}, {"xielu", Value(true)}, {"qk_layernorm", Value(true)}};
  conversion::put_megatron(disk, folder, sizes, form.grid,
                           conversion::megatron_args(sizes, form.grid, more), true);
}

std::string difference(const support::MemoryFileSystem& disk, const std::string& folder,
                       const std::vector<ReferenceFile>& files) {
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::size_t ranks = 0;
  for (const ReferenceFile& file : files) {
    auto stored = conversion::read_file(disk, io::join(folder, file.path));
    std::string found;
    if (ends_with(file.path, ".safetensors")) {  // sorted in the file
      std::vector<ReferenceTensor> expected = file.tensors;
      std::sort(stored.begin(), stored.end(), by_name);
      std::sort(expected.begin(), expected.end(), by_name);
      found = conversion::difference(stored, expected, file.path);
    } else {
      ++ranks;
      found = conversion::difference(stored, file.tensors, file.path);
    }
    if (!found.empty()) return found;
  }
  for (const std::string& path : disk.files(folder))
    if (path.find("mp_rank_") != std::string::npos) --ranks;
  return ranks == 0 ? "" : "there are ranks that the grid does not have";
}

}  // namespace recast::mutation
