#pragma once
// Names with places for axes and mesh coordinates:
//
//   model.layers.{layer}.self_attn.q_proj.weight                         a tensor's name
//   {tag}/mp_rank_{tp:02}[_{pp:03} if pp.size > 1]/model_optim_rng.pt    a file's name
//
// `{expr}` is a scalar expression, `{expr:0N}` at least N digits; `[ … if condition ]` is there
// when the condition holds.
// `*` matches within a component (no '/' and no '.'), `**` anything: both in `ignore` patterns
// only, which have no options.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/lang/scalar.hpp"

namespace recast::lang {

struct TemplateText {
  std::string text;
};
struct TemplatePlace {
  ScalarExpr expr;
  int width = 0;  // at least so many digits, padded with zeros; 0: as it comes
  SourceSpan span;
};
struct TemplateStar {
  bool deep = false;  // `**`
};
struct TemplateOption;
using TemplateItem = std::variant<TemplateText, TemplatePlace, TemplateStar, TemplateOption>;
struct TemplateOption {
  std::vector<TemplateItem> items;
  ScalarExpr condition;
};

struct NameTemplate {
  std::vector<TemplateItem> items;
  SourceSpan span;
};

/// The plain name of a place (`{layer}`): empty if the place is an expression.
std::string_view place_name(const TemplatePlace& place) noexcept;

/// The plain place names in order of appearance, those inside options included.
std::vector<std::string> places_of(const NameTemplate& name);

/// Writes the name out. Places take integers, strings and symbols; with a width, integers only. Not
/// for patterns with stars. Errors: those of evaluate.
Result<std::string> expand(const NameTemplate& name, const Environment& environment);

/// A regular expression for RE2 that matches exactly the names this template can expand to, with
/// one capture group per plain place, in the order of places_of (a name that stands twice is
/// captured twice). Places in `numbers`, and those with a width, match an integer as expand()
/// writes it: no zero in front but those of the width. Others match `[^/]+?`. Options are decided
/// by `environment` if it is given (the captures of one that is left out stay, empty), else each
/// may be there or not. A place that is no plain name captures nothing: it matches an integer, or
/// its text if it mentions no name.
Result<std::string> to_regex(const NameTemplate& name, const std::vector<std::string>& numbers,
                             const Environment* environment = nullptr);

/// What a match found: the template's index and the text of its plain places in order.
struct TemplateMatch {
  std::size_t index = 0;
  std::vector<std::string> captures;
};

/// Many regexes matched as one set (RE2::Set), then captured. Matches bytes. Thread-safe after
/// construction.
class TemplateSet {
 public:
  /// Errors: expr.syntax for a regex that RE2 refuses.
  static Result<TemplateSet> make(std::vector<std::string> regexes);
  TemplateSet(TemplateSet&&) noexcept;
  TemplateSet& operator=(TemplateSet&&) noexcept;
  ~TemplateSet();
  /// Indices of all templates that match the whole of `name`, ascending.
  std::vector<std::size_t> matching(std::string_view name) const;
  /// Captures of template `index` in `name`; nullopt if it does not match.
  std::optional<std::vector<std::string>> captures(std::size_t index, std::string_view name) const;

 private:
  struct State;
  explicit TemplateSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace recast::lang
