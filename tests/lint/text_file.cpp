#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/lint/lint.hpp"

namespace recast::lint {

namespace {

constexpr std::uintmax_t kLargestText = std::uintmax_t{1} << 20;

std::string read_all(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

std::string listing(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) {
    out += problem.path;
    if (problem.line != 0) out += ":" + std::to_string(problem.line);
    out += ": " + problem.message + "\n";
  }
  return out;
}

std::vector<TextFile> read_tree(const std::string& root, const std::string& folder,
                                const std::vector<std::string>& endings) {
  const std::filesystem::path top = std::filesystem::path(root) / folder;
  std::vector<TextFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
    const std::string name = entry.path().filename().string();
    const bool wanted = std::any_of(endings.begin(), endings.end(),
                                    [&](const auto& ending) { return name.ends_with(ending); });
    if (!entry.is_regular_file() || !wanted || entry.file_size() > kLargestText) continue;
    files.push_back(
        {std::filesystem::relative(entry.path(), root).generic_string(), read_all(entry.path())});
  }
  if (files.empty()) throw std::runtime_error("nothing to check below " + top.string());
  std::sort(files.begin(), files.end(),
            [](const TextFile& a, const TextFile& b) { return a.path < b.path; });
  return files;
}

TextFile read_one(const std::string& root, const std::string& path) {
  return {path, read_all(root + "/" + path)};
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string> words_of(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  std::vector<std::string> words;
  for (std::size_t begin = text.find_first_not_of(kBlank); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlank, begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBlank, end);
  }
  return words;
}

}  // namespace recast::lint
