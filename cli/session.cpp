#include "cli/session.hpp"

#include <ostream>
#include <utility>

#include "cli/rules_folder.hpp"
#include "engine/base/spell.hpp"
#include "engine/checkpoint/carry.hpp"
#include "engine/checkpoint/family.hpp"

namespace recast::cli {

bool Session::reported(const DiagnosticSink& sink) {
  report_.print(sink);
  return sink.has_errors();
}

bool Session::load_rules(const std::vector<std::string>& folders) {
  const auto own = rules_folder(streams_.files, program_path());
  if (!own) {
    report_.fail(own.error());
    return false;
  }
  std::vector<std::string> all{*own};
  all.insert(all.end(), folders.begin(), folders.end());
  DiagnosticSink sink;
  auto library = rules::Library::open(streams_.files, all, sink);
  if (reported(sink)) return false;
  if (!library) {
    report_.fail(library.error());
    return false;
  }
  library_ = std::move(library).value();
  return true;
}

std::optional<rules::ValueMap> Session::settings(const std::vector<Assignment>& sets) {
  rules::ValueMap out;
  for (const Assignment& each : sets) {
    auto parsed = rules::parse_setting(each.size + "=" + each.value);
    if (!parsed) {
      report_.fail(parsed.error());
      return std::nullopt;
    }
    out[parsed->first] = std::move(parsed->second);
  }
  return out;
}

std::unique_ptr<const Source> Session::open(const std::string& path, const SourceOptions& options,
                                            bool alone) {
  const auto set = settings(options.sets);
  if (!set) return nullptr;
  DiagnosticSink sink;
  auto opened = checkpoint::open_checkpoint(streams_.files, *library_, path,
                                            {options.from.value_or(""), *set, alone}, sink);
  if (!opened) {
    reported(sink);
    return nullptr;
  }
  auto bound = bind(*opened, options, *set, sink);
  const bool failed = reported(sink);
  if (!bound || failed) return nullptr;
  return std::make_unique<const Source>(Source{std::move(*opened), std::move(*bound)});
}

std::optional<checkpoint::Bound> Session::bind(const checkpoint::Opened& opened,
                                               const SourceOptions& options,
                                               const rules::ValueMap& set, DiagnosticSink& sink) {
  checkpoint::BindOptions wanted{options.family.value_or(""), set, nullptr};
  const auto carried =
      checkpoint::carried_model(streams_.files, *library_, opened, wanted.family, sink);
  if (carried) {
    wanted.family = carried->family;
    wanted.carried = &carried->sizes;
  }
  return checkpoint::bind(opened, *library_, wanted, sink);
}

std::optional<checkpoint::Conversion> Session::plan(const Source& source,
                                                    const TargetOptions& target,
                                                    const SourceOptions& options) {
  const auto set = settings(options.sets);
  if (!set) return std::nullopt;
  checkpoint::TargetOptions wanted;
  wanted.framework = target.to;
  for (const auto& [name, size] :
       {std::pair("tp", target.tp), std::pair("pp", target.pp), std::pair("vpp", target.vpp),
        std::pair("ep", target.ep), std::pair("etp", target.etp)})
    if (size) wanted.mesh.emplace_back(name, *size);
  wanted.stages = target.stages;
  wanted.first_stage_layers = target.first_stage_layers;
  wanted.last_stage_layers = target.last_stage_layers;
  wanted.dtype = target.dtype;
  wanted.max_shard_nbytes = target.max_shard_nbytes;
  wanted.set = *set;
  wanted.tokenizer = target.tokenizer.value_or("");
  wanted.args_file = target.args_file.value_or("");
  DiagnosticSink sink;
  auto conversion = checkpoint::plan_conversion(streams_.files, *library_, source.opened,
                                                source.bound, wanted, sink);
  // A setting that neither side knows is a slip of the pen.
  if (conversion)
    for (const auto& [name, value] : *set) {
      if (conversion->rules.size(name) != nullptr || source.bound.rules.size(name) != nullptr)
        continue;
      std::vector<std::string> known;
      for (const rules::RuleSet* rules : {&std::as_const(conversion->rules), &source.bound.rules})
        for (const rules::SizeRule& size : rules->sizes)
          known.push_back(size.name);
      const auto near = nearest(name, known);
      sink.add(
          make_diagnostic(Code::rule_unknown_size, cat("there is no size '", name, "'"))
              .suggest(near ? cat("did you mean '", *near, "'?") : "`rules show` lists the sizes"));
    }
  if (reported(sink)) return std::nullopt;
  return conversion;
}

void print_notes(const Source& source, std::ostream& err) {
  for (const auto* notes : {&source.opened.notes, &source.bound.notes})
    for (const std::string& note : *notes)
      err << "note: " << note << "\n";
}

exec::Options exec_options(const RunOptions& machine, bool allow_overflow) {
  exec::Options options;
  if (machine.memory_nbytes) options.memory_nbytes = *machine.memory_nbytes;
  if (machine.threads) options.threads = static_cast<int>(*machine.threads);
  options.allow_overflow = allow_overflow;
  return options;
}

}  // namespace recast::cli
