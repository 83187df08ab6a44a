// Any bytes as a scalar, evaluated where half of the names are known.

#include <cmath>

#include "engine/lang/parser.hpp"
#include "tests/fuzz/lang/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t nbytes) {
  using namespace recast::lang;
  using recast::tensor::Value;
  const auto tree = check_parser(fuzz_source(bytes, nbytes), parse_scalar);
  if (!tree) return 0;
  static const Value values[] = {Value(), Value(3), Value("text"), Value(0.5)};
  const auto value = evaluate(*tree, [](std::string_view name) -> const Value* {
    return name.size() % 2 == 0 ? nullptr : &values[name.size() / 2 % std::size(values)];
  });
  if (!value) {
    require(!value.error().message.empty() && !value.error().hint.empty());
    require(value.error().span.end <= nbytes);
  } else if (const auto* number = value->get_if<double>()) {
    require(std::isfinite(*number));  // nothing overflows in silence
  }
  return 0;
}
