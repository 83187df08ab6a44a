#include <algorithm>
#include <cctype>
#include <set>

#include "tests/lint/lint.hpp"

namespace recast::lint {

namespace {

// Known whether or not rules/ has them already.
constexpr std::string_view kWellKnown[] = {
    "apertus",      "baichuan",  "bloom",     "chatglm",   "colossal",    "cohere",
    "deepseek",     "deepspeed", "falcon",    "fairseq",   "gemma",       "gpt2",
    "gpt-2",        "gptneox",   "gpt-neox",  "gpt_neox",  "grok",        "internlm",
    "jamba",        "kimi",      "llama",     "mamba",     "mcore",       "megatron",
    "mindspore",    "mistral",   "mixtral",   "nemo",      "olmo",        "phi3",
    "phi-3",        "qwen",      "starcoder", "tinyllama", "huggingface", "hugging face",
    "transformers", "vllm",      "yi"};

constexpr std::size_t kLongestWholeWord = 4;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool stands_alone(std::string_view text, std::size_t at, std::size_t length) {
  const bool begins = at == 0 || !is_letter(text[at - 1]);
  const bool ends = at + length == text.size() || !is_letter(text[at + length]);
  return begins && ends;
}

bool mentions(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1))
    if (name.size() > kLongestWholeWord || stands_alone(text, at, name.size())) return true;
  return false;
}

}  // namespace

std::vector<std::string> foreign_names(const std::vector<std::string>& rule_paths) {
  std::set<std::string> names(std::begin(kWellKnown), std::end(kWellKnown));
  constexpr std::string_view kRules = "rules/";
  constexpr std::string_view kDialects = "rules/dialects/";
  for (const std::string& path : rule_paths) {
    if (!path.starts_with(kRules)) continue;
    const std::size_t begin = path.starts_with(kDialects) ? kDialects.size() : kRules.size();
    const std::string_view rest = std::string_view(path).substr(begin);
    // A dialect is a file, a family a folder; a file between them (a README) is neither.
    const bool is_dialect = begin == kDialects.size();
    const std::size_t end = is_dialect ? rest.find('.') : rest.find('/');
    if (end != std::string_view::npos && end > 0) names.insert(lower(rest.substr(0, end)));
  }
  return {names.begin(), names.end()};
}

std::vector<Problem> check_names(const std::vector<std::string>& names,
                                 const std::vector<TextFile>& files) {
  std::vector<Problem> problems;
  for (const TextFile& file : files) {
    if (file.path.starts_with("engine/formats/")) continue;
    for (const std::string& name : names)
      if (mentions(lower(file.path), name))
        problems.push_back({file.path, 0, "the path says '" + name + "'"});
    std::size_t number = 0;
    for (const std::string_view line : lines_of(file.text)) {
      ++number;
      const std::string text = lower(line);
      for (const std::string& name : names)
        if (mentions(text, name))
          problems.push_back({file.path, number, "the name '" + name + "' belongs into rules/"});
    }
  }
  return problems;
}

}  // namespace recast::lint
