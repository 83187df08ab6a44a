// Any bytes as a name template of each kind; what it expands to matches its own pattern.

#include "engine/lang/parser.hpp"
#include "tests/fuzz/lang/check.hpp"

namespace recast::lang {
namespace {

/// Whether all places are plain names: those of expressions match integers only, and may give a
/// text.
bool is_plain(const std::vector<TemplateItem>& items) {
  for (const TemplateItem& item : items) {
    if (const auto* place = std::get_if<TemplatePlace>(&item)) {
      if (place_name(*place).empty()) return false;
    } else if (const auto* option = std::get_if<TemplateOption>(&item)) {
      if (!is_plain(option->items)) return false;
    }
  }
  return true;
}

void check_expansion(const NameTemplate& name) {
  static const tensor::Value known(7);
  const Environment environment = [](std::string_view) { return &known; };
  const auto text = expand(name, environment);
  if (!text) return;
  const std::vector<std::string> places = places_of(name);
  const auto regex = to_regex(name, places, &environment);
  require(regex.has_value());
  const auto set = TemplateSet::make({*regex});
  if (!set) return;  // RE2 bounds the size of a pattern
  const auto captures = set->captures(0, *text);
  require(captures || !is_plain(name.items));
  require(!captures || captures->size() == places.size());
  require(set->matching(*text).size() == (captures ? 1 : 0));
}

}  // namespace
}  // namespace recast::lang

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t nbytes) {
  using namespace recast::lang;
  for (const TemplateKind kind : {TemplateKind::Name, TemplateKind::File, TemplateKind::Ignore}) {
    const auto tree =
        check_parser(fuzz_source(bytes, nbytes),
                     [kind](const recast::SourceSpan& span) { return parse_template(span, kind); });
    if (tree && kind != TemplateKind::Ignore) check_expansion(*tree);
  }
  return 0;
}
