#pragma once
// Which keys of a dict Python holds for equal: 1, 1.0 and True are one key.

#include <cmath>
#include <cstdint>
#include <string_view>
#include <unordered_set>

namespace recast::formats {

/// Text and numbers seen as keys of one dict; keys of other kinds are not compared. Views must stay
/// valid.
class PythonKeys {
 public:
  // Each returns false if an equal key was there before.
  bool insert(std::string_view text) { return texts_.insert(text).second; }
  bool insert(bool flag) { return numbers_.insert(flag ? 1 : 0).second; }
  bool insert(std::int64_t number) { return numbers_.insert(number).second; }
  bool insert(double number) {
    if (!(std::fabs(number) < 0x1p62)) return true;
    const auto whole = static_cast<std::int64_t>(number);
    return static_cast<double>(whole) != number || insert(whole);
  }

 private:
  std::unordered_set<std::string_view> texts_;
  std::unordered_set<std::int64_t> numbers_;
};

}  // namespace recast::formats
