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

Result<std::vector<std::string>> files_below(const io::FileSystem& files,
                                             const std::string& folder) {
  std::vector<std::string> out;
  // What cannot be looked at goes by its name: who wants it is told why when opening it.
  const auto may_be_file = [&](const io::Entry& entry, const std::string& path) {
    return entry.kind == io::EntryKind::File ||
           (entry.kind == io::EntryKind::Other && !files.stat(path));
  };
  RECAST_ASSIGN(const auto entries, files.list(folder));
  for (const io::Entry& entry : entries) {
    const std::string path = io::join(folder, entry.name);
    if (may_be_file(entry, path)) out.push_back(entry.name);
    if (entry.kind != io::EntryKind::Folder) continue;
    RECAST_ASSIGN(const auto inner, files.list(path));
    for (const io::Entry& file : inner)
      if (may_be_file(file, io::join(path, file.name)))
        out.push_back(io::join(entry.name, file.name));
  }
  return out;
}

}  // namespace recast::checkpoint
