#include "tests/golden/diagnostics/archive.hpp"

#include <algorithm>

namespace recast::golden {
namespace {

constexpr std::string_view kOpen = "-- ", kClose = " --";

/// The name of the section that a line begins; empty for every other line.
std::string_view heading(std::string_view line) {
  if (line.size() <= kOpen.size() + kClose.size() || !line.starts_with(kOpen) ||
      !line.ends_with(kClose))
    return {};
  return line.substr(kOpen.size(), line.size() - kOpen.size() - kClose.size());
}

}  // namespace

std::string_view Archive::find(std::string_view name) const {
  for (const Section& section : sections)
    if (section.name == name) return section.text;
  return {};
}

void Archive::set(const std::string& name, std::string text) {
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const Section& section) { return section.name == name; });
  if (text.empty()) {
    if (found != sections.end()) sections.erase(found);
  } else if (found != sections.end()) {
    found->text = std::move(text);
  } else {
    sections.push_back({name, std::move(text)});
  }
}

Archive parse_archive(std::string_view text) {
  Archive out;
  std::string* into = &out.about;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (const std::string_view name = heading(line); !name.empty()) {
      out.sections.push_back({std::string(name), {}});
      into = &out.sections.back().text;
    } else {
      *into += std::string(line) + '\n';
    }
  }
  return out;
}

std::string print_archive(const Archive& archive) {
  std::string out = archive.about;
  for (const Section& section : archive.sections) {
    out += kOpen;
    out += section.name;
    out += kClose;
    out += '\n' + section.text;
  }
  return out;
}

}  // namespace recast::golden
