#include "engine/lang/name_template.hpp"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <span>
#include <utility>

#include "engine/lang/operators.hpp"
#include "engine/lang/print.hpp"

namespace recast::lang {
namespace {

using tensor::Value;

void collect_places(const std::vector<TemplateItem>& items, std::vector<std::string>& out) {
  for (const TemplateItem& item : items) {
    if (const auto* place = std::get_if<TemplatePlace>(&item)) {
      if (const std::string_view name = place_name(*place); !name.empty()) out.emplace_back(name);
    } else if (const auto* option = std::get_if<TemplateOption>(&item)) {
      collect_places(option->items, out);
    }
  }
}

// ---- expand

/// A place's value as it stands in a name; integers get leading zeros, after the sign.
Result<std::string> place_text(const TemplatePlace& place, const Environment& environment) {
  RECAST_ASSIGN(const Value value, evaluate(place.expr, environment));
  const Operand operand{{place.expr, static_cast<ScalarId>(place.expr.nodes.size() - 1)}, value};
  if (const auto* integer = value.get_if<std::int64_t>()) {
    std::string digits = std::to_string(*integer);
    const std::size_t sign = *integer < 0 ? 1 : 0;
    const auto width = static_cast<std::size_t>(place.width) + sign;
    if (digits.size() < width) digits.insert(sign, width - digits.size(), '0');
    return digits;
  }
  if (place.width > 0) return wrong_type(operand, "an integer for a place with a width");
  if (auto text = text_of(value)) return *std::move(text);
  return wrong_type(operand, "an integer or a string for a name");
}

Result<void> expand_items(const std::vector<TemplateItem>& items, const Environment& environment,
                          std::string& out) {
  for (const TemplateItem& item : items) {
    if (const auto* text = std::get_if<TemplateText>(&item)) {
      out += text->text;
    } else if (const auto* place = std::get_if<TemplatePlace>(&item)) {
      RECAST_ASSIGN(const std::string text_of_place, place_text(*place, environment));
      out += text_of_place;
    } else if (const auto* option = std::get_if<TemplateOption>(&item)) {
      RECAST_ASSIGN(const Value condition, evaluate(option->condition, environment));
      if (is_true(condition)) RECAST_TRY(expand_items(option->items, environment, out));
    } else {
      internal_error(__FILE__, __LINE__, "a pattern with '*' is matched, never expanded");
    }
  }
  return {};
}

// ---- regular expressions

/// What an integer with at least `width` digits looks like as expand() writes it: no zero too many.
std::string digits_regex(int width) {
  if (width <= 1) return "0|-?[1-9][0-9]*";
  return cat("-?(?:[0-9]{", width, "}|[1-9][0-9]{", width, ",})");
}

class RegexWriter {
 public:
  RegexWriter(const std::vector<std::string>& numbers, const Environment* environment)
      : numbers_(numbers), environment_(environment) {}

  Result<void> append(const std::vector<TemplateItem>& items) {
    for (const TemplateItem& item : items) {
      RECAST_TRY(std::visit([this](const auto& alternative) { return one(alternative); }, item));
    }
    return {};
  }

  std::string take() { return std::move(out_); }

 private:
  Result<void> one(const TemplateText& text) {
    out_ += RE2::QuoteMeta(text.text);
    return {};
  }

  Result<void> one(const TemplatePlace& place) {
    const std::string_view name = place_name(place);
    if (!name.empty()) {
      const bool is_number = std::find(numbers_.begin(), numbers_.end(), name) != numbers_.end();
      out_ += cat("(", is_number || place.width > 0 ? digits_regex(place.width) : "[^/]+?", ")");
    } else if (names_in(place.expr).empty()) {  // `{'*'}`: a text that has a meaning of its own
      RECAST_ASSIGN(const std::string text, place_text(place, Environment{}));
      out_ += RE2::QuoteMeta(text);
    } else {
      out_ += cat("(?:", digits_regex(place.width), ")");
    }
    return {};
  }

  Result<void> one(const TemplateStar& star) {
    out_ += star.deep ? ".*" : "[^/.]*";
    return {};
  }

  Result<void> one(const TemplateOption& option) {
    if (!environment_) {
      out_ += "(?:";
      RECAST_TRY(append(option.items));
      out_ += ")?";
      return {};
    }
    RECAST_ASSIGN(const Value condition, evaluate(option.condition, *environment_));
    if (is_true(condition)) return append(option.items);
    std::vector<std::string> places;  // their captures stay, empty: places_of() tells their order
    collect_places(option.items, places);
    for (std::size_t i = 0; i < places.size(); ++i)
      out_ += "()";
    return {};
  }

  const std::vector<std::string>& numbers_;
  const Environment* environment_;
  std::string out_;
};

/// Bytes, not code points: names come out of files and may hold anything.
RE2::Options regex_options(std::int64_t max_mem) {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_dot_nl(true);
  options.set_log_errors(false);
  options.set_max_mem(max_mem);
  return options;
}

}  // namespace

std::string_view place_name(const TemplatePlace& place) noexcept {
  if (place.expr.nodes.size() != 1) return {};
  const auto* name = std::get_if<ScalarName>(&place.expr.nodes.front().node);
  return name ? std::string_view(name->name) : std::string_view{};
}

std::vector<std::string> places_of(const NameTemplate& name) {
  std::vector<std::string> out;
  collect_places(name.items, out);
  return out;
}

Result<std::string> expand(const NameTemplate& name, const Environment& environment) {
  std::string out;
  RECAST_TRY(expand_items(name.items, environment, out));
  return out;
}

Result<std::string> to_regex(const NameTemplate& name, const std::vector<std::string>& numbers,
                             const Environment* environment) {
  RegexWriter writer(numbers, environment);
  RECAST_TRY(writer.append(name.items));
  return writer.take();
}

// ---- the set

struct TemplateSet::State {
  /// Regexes [first, last) as one automaton; none if they take more memory than any budget.
  struct Part {
    std::size_t first, last;
    std::unique_ptr<RE2::Set> set;
  };
  std::vector<Part> parts;
  std::vector<std::unique_ptr<RE2>> regexes;
};

TemplateSet::TemplateSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
TemplateSet::TemplateSet(TemplateSet&&) noexcept = default;
TemplateSet& TemplateSet::operator=(TemplateSet&&) noexcept = default;
TemplateSet::~TemplateSet() = default;

namespace {

// Budgets are limits, not allocations. The automaton of a set grows with the ways in which its
// patterns overlap, and one that outgrows its budget is thrown away and rebuilt all the time:
// measured, 1,000 patterns with free places in one set of 32 MiB took 80 s for 100,000 names, in
// parts of 128 they take 1.5 s and less than 30 MiB.
constexpr std::size_t kPart = 128;
constexpr std::int64_t kSmallest = std::int64_t{32} << 20U;
constexpr std::int64_t kLargest = std::int64_t{2} << 30U;

/// Null if no budget is enough.
std::unique_ptr<RE2::Set> compiled(std::span<const std::string> regexes) {
  for (std::int64_t budget = kSmallest; budget <= kLargest; budget *= 8) {
    auto set = std::make_unique<RE2::Set>(regex_options(budget), RE2::ANCHOR_BOTH);
    for (const std::string& regex : regexes)
      set->Add(regex, nullptr);
    if (set->Compile()) return set;
  }
  return nullptr;
}

}  // namespace

Result<TemplateSet> TemplateSet::make(std::vector<std::string> regexes) {
  auto state = std::make_unique<State>();
  for (const std::string& regex : regexes) {
    state->regexes.push_back(std::make_unique<RE2>(regex, regex_options(kSmallest)));
    if (!state->regexes.back()->ok()) {
      return make_diagnostic(Code::expr_syntax, cat("the pattern '", regex, "' does not compile: ",
                                                    state->regexes.back()->error()))
          .suggest("shorten the name");
    }
  }
  const std::span<const std::string> all(regexes);
  for (std::size_t first = 0; first < all.size(); first += kPart) {
    const std::size_t last = std::min(first + kPart, all.size());
    state->parts.push_back({first, last, compiled(all.subspan(first, last - first))});
  }
  return TemplateSet(std::move(state));
}

std::vector<std::size_t> TemplateSet::matching(std::string_view name) const {
  const re2::StringPiece text(name.data(), name.size());
  std::vector<std::size_t> out;
  std::vector<int> found;
  for (const State::Part& part : state_->parts) {
    RE2::Set::ErrorInfo error{};
    if (part.set && (part.set->Match(text, &found, &error) || error.kind == RE2::Set::kNoError)) {
      for (const int i : found)
        out.push_back(part.first + static_cast<std::size_t>(i));
      continue;
    }
    // Out of memory: ask one by one, slower and with the same answer.
    for (std::size_t i = part.first; i < part.last; ++i) {
      if (RE2::FullMatch(text, *state_->regexes[i])) out.push_back(i);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<std::vector<std::string>> TemplateSet::captures(std::size_t index,
                                                              std::string_view name) const {
  const RE2& regex = *state_->regexes.at(index);
  const re2::StringPiece text(name.data(), name.size());
  std::vector<re2::StringPiece> groups(1 +
                                       static_cast<std::size_t>(regex.NumberOfCapturingGroups()));
  if (!regex.Match(text, 0, text.size(), RE2::ANCHOR_BOTH, groups.data(),
                   static_cast<int>(groups.size())))
    return std::nullopt;
  std::vector<std::string> out;
  for (std::size_t i = 1; i < groups.size(); ++i)
    out.emplace_back(groups[i].data() ? std::string(groups[i].data(), groups[i].size())
                                      : std::string());
  return out;
}

}  // namespace recast::lang
