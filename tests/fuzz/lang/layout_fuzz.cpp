// Any bytes as a layout.

#include "engine/lang/parser.hpp"
#include "tests/fuzz/lang/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t nbytes) {
  using namespace recast::lang;
  const auto tree = check_parser(fuzz_source(bytes, nbytes), parse_layout);
  if (!tree) return 0;
  for (const LayoutNode& node : tree->nodes)
    require(!node.span.text().empty());
  return 0;
}
