#pragma once
// What holds for any text, whatever the parser: it gives a tree that prints and parses back, or a
// diagnostic with a place inside the text and a hint.

#include <cstdlib>
#include <string>

#include "engine/base/source.hpp"
#include "engine/lang/print.hpp"

namespace recast::lang {

inline void require(bool claim) {
  if (!claim) std::abort();
}

inline SourceSpan fuzz_source(const std::uint8_t* bytes, std::size_t nbytes) {
  return make_source("fuzz", std::string(reinterpret_cast<const char*>(bytes), nbytes));
}

/// The tree if there is one, for more checks of its own.
template <class Parse>
auto check_parser(const SourceSpan& span, Parse parse) {
  auto tree = parse(span);
  if (!tree) {
    const Diagnostic& error = tree.error();
    require(error.span.source == span.source && error.span.begin <= error.span.end &&
            error.span.end <= span.end);
    require(!error.message.empty() && !error.hint.empty());
    return tree;
  }
  const std::string text = print(*tree);
  const auto back = parse(make_source("print", text));
  require(back && same(*back, *tree) && print(*back) == text);
  return tree;
}

}  // namespace recast::lang
