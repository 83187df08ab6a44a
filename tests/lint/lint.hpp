#pragma once
// Checks on the repository as text. Each takes what it looks at as an argument, so that it is
// tested on small bad examples; tree_test.cpp gives them the repository itself.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace recast::lint {

/// `path` is relative to the repository, with slashes.
struct TextFile {
  std::string path;
  std::string text;
};

struct Problem {
  std::string path;
  std::size_t line = 0;  // 1-based; 0 if it is about all of the file
  std::string message;
};

/// `path:line: message`, one a line.
std::string listing(const std::vector<Problem>& problems);

/// The files below `root`/`folder` whose name ends in one of `endings`, sorted by path. Files over
/// 1 MiB are not text of ours and left out. Throws std::runtime_error if there is none: a check of
/// nothing would always pass.
std::vector<TextFile> read_tree(const std::string& root, const std::string& folder,
                                const std::vector<std::string>& endings);
/// One file. Throws std::runtime_error if there is none.
TextFile read_one(const std::string& root, const std::string& path);

std::vector<std::string_view> lines_of(std::string_view text);
/// The parts between blanks.
std::vector<std::string> words_of(std::string_view text);

/// Every #include of C++ files below engine/ and cli/, and every library that a CMakeLists.txt
/// there links, against `layers` (engine/layers.txt). A line of `layers` that makes no sense is a
/// problem too.
std::vector<Problem> check_layers(const TextFile& layers, const std::vector<TextFile>& files);

/// Names of families and frameworks that engine/ must not mention: folders and dialects among
/// `rule_paths` (paths below rules/) and the well-known ones.
std::vector<std::string> foreign_names(const std::vector<std::string>& rule_paths);
/// Mentions of `names`, in any case, anywhere in `files` except below engine/formats/. Names of up
/// to four letters count as whole words only.
std::vector<Problem> check_names(const std::vector<std::string>& names,
                                 const std::vector<TextFile>& files);

/// Files of more than 400 lines without a line `// long because: …` (or `# long because: …`).
std::vector<Problem> check_lengths(const std::vector<TextFile>& files);

/// Codes of `codes` (codes.def) that no file of `tests` mentions as 'area.name' or
/// Code::enumerator.
std::vector<Problem> check_codes(const TextFile& codes, const std::vector<TextFile>& tests);

}  // namespace recast::lint
