#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "tests/lint/lint.hpp"

namespace recast::lint {

namespace {

struct Wall {
  std::vector<std::string> headers;
  std::vector<std::string> places;
};

struct Layers {
  std::map<std::string, std::set<std::string>> allowed;
  std::vector<Wall> walls;
};

Layers parse(const TextFile& file, std::vector<Problem>& problems) {
  Layers layers;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    if (words_of(line).empty() || line.starts_with('#')) continue;
    const auto report = [&](std::string message) {
      problems.push_back({file.path, number, std::move(message)});
    };
    const std::size_t colon = line.find(':');
    std::vector<std::string> left = words_of(line.substr(0, colon));
    if (colon == std::string_view::npos || left.size() < 2) {
      report("expected 'layer FOLDER: …' or 'wall HEADERS: …'");
      continue;
    }
    const std::vector<std::string> right = words_of(line.substr(colon + 1));
    const std::string keyword = left.front();
    left.erase(left.begin());
    if (keyword == "wall") {
      layers.walls.push_back({left, right});
    } else if (keyword == "layer" && left.size() == 1) {
      for (const std::string& below : right)
        if (!layers.allowed.count(below))
          report("layer '" + left.front() + "' names '" + below +
                 "', which does not stand above it");
      if (!layers.allowed.emplace(left.front(), std::set(right.begin(), right.end())).second)
        report("layer '" + left.front() + "' stands here twice");
    } else {
      report("expected 'layer FOLDER: …' or 'wall HEADERS: …'");
    }
  }
  return layers;
}

/// The layer of `engine/io/file.hpp` is io, that of `cli/main.cpp` is cli; nothing else has one.
std::optional<std::string> layer_of(std::string_view path) {
  if (path.starts_with("cli/")) return "cli";
  constexpr std::string_view kEngine = "engine/";
  if (!path.starts_with(kEngine)) return std::nullopt;
  path.remove_prefix(kEngine.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return std::string(path.substr(0, slash));
}

bool may_include(const Layers& layers, const std::string& from, const std::string& into) {
  const auto found = layers.allowed.find(from);
  return from == into || (found != layers.allowed.end() && found->second.count(into) != 0);
}

bool matches_header(std::string_view pattern, std::string_view header) {
  return pattern.ends_with('/') ? header.starts_with(pattern) : header == pattern;
}

bool matches_place(std::string_view pattern, std::string_view path) {
  if (pattern.starts_with('*')) return path.ends_with(pattern.substr(1));
  return path.starts_with(pattern);
}

/// Nothing if `path` may include <header>, else what is wrong.
std::optional<std::string> against_walls(const Layers& layers, std::string_view path,
                                         std::string_view header) {
  for (const Wall& wall : layers.walls) {
    const bool walled =
        std::any_of(wall.headers.begin(), wall.headers.end(),
                    [&](const auto& pattern) { return matches_header(pattern, header); });
    if (!walled) continue;
    const bool inside =
        std::any_of(wall.places.begin(), wall.places.end(),
                    [&](const auto& pattern) { return matches_place(pattern, path); });
    if (inside) return std::nullopt;
    return "<" + std::string(header) + "> may not be included here";
  }
  // The standard library's names have neither a dot nor a slash.
  if (header.find_first_of("./") == std::string_view::npos) return std::nullopt;
  return "<" + std::string(header) + "> has no wall in layers.txt";
}

std::optional<std::string> against_layers(const Layers& layers, std::string_view path,
                                          std::string_view included) {
  const std::optional<std::string> from = layer_of(path);
  const std::optional<std::string> into = layer_of(included);
  if (!from || !layers.allowed.count(*from)) return "its folder is no layer of layers.txt";
  if (!into)
    return "\"" + std::string(included) + "\" is not a path of engine/ or cli/ from the root";
  if (!may_include(layers, *from, *into))
    return "'" + *from + "' may not include '" + *into + "': \"" + std::string(included) + "\"";
  return std::nullopt;
}

void check_include(const Layers& layers, const std::string& path, std::size_t line_number,
                   std::string_view line, std::vector<Problem>& problems) {
  constexpr std::string_view kBlank = " \t";
  const auto skip_blank = [&] {
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  };
  skip_blank();
  if (!line.starts_with('#')) return;
  line.remove_prefix(1);
  skip_blank();
  constexpr std::string_view kInclude = "include";
  if (!line.starts_with(kInclude)) return;
  line.remove_prefix(kInclude.size());
  skip_blank();
  const bool own = line.starts_with('"');
  if (!own && !line.starts_with('<')) {
    problems.push_back({path, line_number, "an #include whose name is not written out"});
    return;
  }
  const std::string_view name = line.substr(1, line.find(own ? '"' : '>', 1) - 1);
  const auto wrong = own ? against_layers(layers, path, name) : against_walls(layers, path, name);
  if (wrong) problems.push_back({path, line_number, *wrong});
}

void check_links(const Layers& layers, const std::string& path, std::size_t line_number,
                 std::string_view line, std::vector<Problem>& problems) {
  const std::optional<std::string> from = layer_of(path);
  if (!from) return;
  constexpr std::string_view kPrefix = "recast_";
  for (const std::string& word : words_of(line.substr(0, line.find('#')))) {
    if (!word.starts_with(kPrefix)) continue;
    std::string library = word.substr(kPrefix.size());
    while (library.ends_with(')'))
      library.pop_back();
    if (layers.allowed.count(library) && !may_include(layers, *from, library))
      problems.push_back({path, line_number, "'" + *from + "' may not link '" + library + "'"});
  }
}

}  // namespace

std::vector<Problem> check_layers(const TextFile& layers_file, const std::vector<TextFile>& files) {
  std::vector<Problem> problems;
  const Layers layers = parse(layers_file, problems);
  for (const TextFile& file : files) {
    const bool is_cmake = file.path.ends_with("CMakeLists.txt");
    std::size_t number = 0;
    for (const std::string_view line : lines_of(file.text)) {
      ++number;
      if (is_cmake) {
        check_links(layers, file.path, number, line, problems);
      } else {
        check_include(layers, file.path, number, line, problems);
      }
    }
  }
  return problems;
}

}  // namespace recast::lint
