#include "engine/checkpoint/file_patterns.hpp"

#include <utility>

namespace recast::checkpoint {

std::optional<lang::TemplateSet> pattern_set(const std::vector<lang::NameTemplate>& patterns,
                                             const std::vector<std::string>& numbers,
                                             DiagnosticSink& sink) {
  std::vector<std::string> regexes;
  for (const lang::NameTemplate& pattern : patterns) {
    auto regex = lang::to_regex(pattern, numbers);
    if (!regex) {
      sink.add(std::move(regex).error());
      return std::nullopt;
    }
    regexes.push_back(std::move(regex).value());
  }
  auto set = lang::TemplateSet::make(std::move(regexes));
  if (set) return std::move(set).value();
  sink.add(std::move(set).error());
  return std::nullopt;
}

std::vector<std::string> files_below(const io::FileSystem& files, const std::string& folder) {
  std::vector<std::string> out;
  const auto entries = files.list(folder);
  if (!entries) return out;
  for (const io::Entry& entry : *entries) {
    if (entry.kind == io::EntryKind::File) out.push_back(entry.name);
    if (entry.kind != io::EntryKind::Folder) continue;
    const auto inner = files.list(io::join(folder, entry.name));
    if (!inner) continue;
    for (const io::Entry& file : *inner)
      if (file.kind == io::EntryKind::File) out.push_back(io::join(entry.name, file.name));
  }
  return out;
}

}  // namespace recast::checkpoint
