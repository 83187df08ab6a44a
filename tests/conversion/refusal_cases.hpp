#pragma once
// What fires each refusal of the rules, and what must not fire any.

#include <cstdint>
#include <string>
#include <vector>

namespace recast::conversion {

/// One field of a configuration that says of another kind of model, with the fields that it needs
/// to count.
struct ReadingCase {
  std::string family, framework;
  std::string argument;                // dots lead into objects
  std::string value;                   // as YAML
  std::vector<std::string> with = {};  // further fields, "name=value"
};

/// A model, or a grid, that a framework cannot hold. `word` stands in the message.
struct WritingCase {
  std::string family, framework;
  std::string word;
  std::vector<std::string> sizes;         // "name=value", over the sizes that the family's demo has
  std::vector<std::string> mesh = {};     // "tp=2"; others are 1, and etp as tp
  std::vector<std::int64_t> stages = {};  // layers of each chunk; empty: not looked at
};

/// A file that says what a folder holds. `word` stands in the message.
struct FileCase {
  std::string framework, file, word;
};

const std::vector<ReadingCase>& reading_cases();
/// Values that say "as usual".
const std::vector<ReadingCase>& harmless_cases();
const std::vector<WritingCase>& writing_cases();
const std::vector<FileCase>& file_cases();

}  // namespace recast::conversion
