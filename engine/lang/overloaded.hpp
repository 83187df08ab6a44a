#pragma once
// One visitor out of several lambdas, for std::visit.

namespace recast::lang {

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
overloaded(Ts...) -> overloaded<Ts...>;  // C++20 deduces it, Clang 14 does not

}  // namespace recast::lang
