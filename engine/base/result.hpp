#pragma once
// A value or the one Diagnostic that explains why there is none; members are named as in
// std::expected.

#include <optional>
#include <utility>
#include <variant>

#include "engine/base/diagnostic.hpp"

namespace recast {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Diagnostic error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return checked(), *std::get_if<0>(&state_); }
  const T& value() const& { return checked(), *std::get_if<0>(&state_); }
  T&& value() && { return checked(), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Diagnostic& error() & { return *std::get_if<1>(&state_); }
  const Diagnostic& error() const& { return *std::get_if<1>(&state_); }
  Diagnostic&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  void checked() const { RECAST_CHECK(has_value(), "value() of a Result that holds an error"); }
  std::variant<T, Diagnostic> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Diagnostic error) : error_(std::move(error)) {}

  bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  Diagnostic& error() & { return *error_; }
  const Diagnostic& error() const& { return *error_; }
  Diagnostic&& error() && { return std::move(*error_); }

 private:
  std::optional<Diagnostic> error_;
};

// `RECAST_TRY(expression)` returns the error of a Result<void>; `RECAST_ASSIGN(auto x, expression)`
// also takes the value.
#define RECAST_CONCAT_(a, b) a##b
#define RECAST_CONCAT(a, b) RECAST_CONCAT_(a, b)
#define RECAST_TRY(expression)                               \
  do {                                                       \
    if (auto recast_outcome = (expression); !recast_outcome) \
      return std::move(recast_outcome).error();              \
  } while (false)
#define RECAST_ASSIGN(target, expression) \
  RECAST_ASSIGN_(RECAST_CONCAT(recast_outcome_, __LINE__), target, expression)
#define RECAST_ASSIGN_(outcome, target, expression) \
  auto outcome = (expression);                      \
  if (!outcome) return std::move(outcome).error();  \
  target = std::move(outcome).value()

}  // namespace recast
