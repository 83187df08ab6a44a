#pragma once
// A golden case is one file: a sentence on what it shows, then sections `-- name --`, each with the
// lines up to the next.

#include <string>
#include <string_view>
#include <vector>

namespace recast::golden {

struct Section {
  std::string name;
  std::string text;  // every line with its newline
};

struct Archive {
  std::string about;  // what stands before the first section
  std::vector<Section> sections;

  /// The text of a section; empty if there is none.
  std::string_view find(std::string_view name) const;
  /// Replaces a section's text, adds it at the end, or removes it when the text is empty.
  void set(const std::string& name, std::string text);
};

Archive parse_archive(std::string_view text);
/// parse_archive(print_archive(x)) == x.
std::string print_archive(const Archive& archive);

}  // namespace recast::golden
