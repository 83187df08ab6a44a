// print(Value): apart from value.cpp because it is a small printer of its own.

#include <array>
#include <charconv>
#include <cmath>

#include "engine/base/render.hpp"
#include "engine/base/utf8.hpp"
#include "engine/tensor/value.hpp"

namespace recast::tensor {

namespace {

constexpr std::size_t kDeepest = 64;  // values come out of files, and each level is a stack frame
constexpr std::size_t kLongestDecimal = 32;  // bytes of an integer that is still written out
constexpr std::string_view kEllipsis = "…";

/// Decimal digits of an integer given as little-endian two's complement.
std::string decimal(std::string bytes) {
  if (bytes.empty()) return "0";
  const bool negative = (static_cast<unsigned char>(bytes.back()) & 0x80U) != 0;
  if (negative) {  // magnitude: all bits flipped, plus one
    unsigned carry = 1;
    for (char& byte : bytes) {
      carry += static_cast<unsigned char>(~static_cast<unsigned>(static_cast<unsigned char>(byte)));
      byte = static_cast<char>(carry & 0xFFU);
      carry >>= 8;
    }
  }
  std::string digits;
  while (!bytes.empty()) {  // divide by ten from the most significant byte down
    unsigned remainder = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
      const unsigned part = remainder * 256 + static_cast<unsigned char>(bytes[i - 1]);
      bytes[i - 1] = static_cast<char>(part / 10);
      remainder = part % 10;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + remainder));
    while (!bytes.empty() && bytes.back() == '\0')
      bytes.pop_back();
  }
  return (negative ? "-" : "") + digits;
}

/// Writes until `limit` bytes are there, and from then on nothing: a value may be far larger than
/// what is wanted of it.
class Printer {
 public:
  explicit Printer(std::size_t limit) : limit_(limit) {}

  void value(const Value& value, std::size_t depth) {
    if (cut_) return;
    if (depth > kDeepest) return text(kEllipsis);
    std::visit([&](const auto& held) { one(held, depth); }, value.data());
  }

  std::string result() && {
    if (!cut_) return std::move(out_);
    while (!out_.empty() && !ends_whole())
      out_.pop_back();
    return std::move(out_) + std::string(kEllipsis);
  }

 private:
  void one(const Null&, std::size_t) { text("null"); }
  void one(bool flag, std::size_t) { text(flag ? "true" : "false"); }
  void one(std::int64_t number, std::size_t) { text(std::to_string(number)); }
  void one(double number, std::size_t) {
    if (std::isnan(number)) return text("nan");
    if (std::isinf(number)) return text(number < 0 ? "-inf" : "inf");
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    const std::string_view shortest(digits.data(), static_cast<std::size_t>(end - digits.data()));
    text(shortest);
    // A whole number keeps its point, so that 1.0 and 1 do not look alike.
    if (shortest.find_first_of(".e") == std::string_view::npos) text(".0");
  }
  void one(const std::string& string, std::size_t) {
    // Of a long string only what can be shown is escaped; a code point cut in two goes with the
    // rest.
    const std::size_t room = limit_ - std::min(limit_, out_.size());
    text(json_quote(std::string_view(string).substr(0, room + 4)));
  }
  void one(const Bytes& held, std::size_t) { text(cat("<", held.bytes.size(), " bytes>")); }
  void one(const BigInteger& held, std::size_t) {
    const std::size_t nbytes = held.bytes.size();
    text(nbytes <= kLongestDecimal ? decimal(held.bytes) : cat("<integer of ", nbytes, " bytes>"));
  }
  void one(const Symbol& symbol, std::size_t) { name(symbol); }
  void one(const TensorRef& tensor, std::size_t) { text(cat("<tensor ", tensor.index, ">")); }

  void one(const Sequence& sequence, std::size_t depth) {
    switch (sequence.kind) {
      case Sequence::Kind::List:
        return items("[", sequence.items, "]", depth);
      case Sequence::Kind::Tuple:
        // As Python writes it: a comma makes a tuple of one.
        return items("(", sequence.items, sequence.items.size() == 1 ? ",)" : ")", depth);
      case Sequence::Kind::Set:
        return items("set(", sequence.items, ")", depth);
      case Sequence::Kind::FrozenSet:
        return items("frozenset(", sequence.items, ")", depth);
    }
  }
  void one(const Mapping& mapping, std::size_t depth) { pairs(mapping.entries, depth); }
  void one(const Object& object, std::size_t depth) {
    if (!object.callee.empty()) value(object.callee.front(), depth + 1);
    const Sequence* args = object.args.empty() ? nullptr : object.args.front().get_if<Sequence>();
    if (args) {
      items("(", args->items, ")", depth);
    } else {
      items("(", object.args, ")", depth);
    }
    for (const Value& state : object.state)
      value(state, depth + 1);
    if (!object.items.empty()) items("[", object.items, "]", depth);
    if (!object.pairs.empty()) pairs(object.pairs, depth);
  }

  void items(std::string_view open, const ValueList& list, std::string_view close,
             std::size_t depth) {
    text(open);
    bool first = true;
    for (const Value& item : list) {
      if (cut_) return;
      if (!first) text(", ");
      first = false;
      value(item, depth + 1);
    }
    text(close);
  }
  void pairs(const std::vector<std::pair<Value, Value>>& entries, std::size_t depth) {
    text("{");
    bool first = true;
    for (const auto& [key, held] : entries) {
      if (cut_) return;
      if (!first) text(", ");
      first = false;
      value(key, depth + 1);
      text(": ");
      value(held, depth + 1);
    }
    text("}");
  }
  /// Escaped like a string, without its quotes: names come from files as well.
  void name(const Symbol& symbol) {
    const auto part = [this](std::string_view whole) {
      const std::string quoted = json_quote(whole.substr(0, limit_ + 4));
      text(std::string_view(quoted).substr(1, quoted.size() - 2));
    };
    part(symbol.module);
    if (!symbol.module.empty()) text(".");
    part(symbol.name);
  }

  void text(std::string_view part) {
    if (cut_) return;
    const std::size_t room = limit_ - out_.size();
    out_ += part.substr(0, room);
    cut_ = part.size() > room;
  }

  /// False if the text, which is UTF-8 until it is cut, ends inside a code point.
  bool ends_whole() const noexcept {
    std::size_t begin = out_.size() - 1;
    while (begin > 0 && is_continuation(out_[begin]))
      --begin;
    const CodePoint last = code_point_at(out_, begin);
    return last.valid && begin + last.nbytes == out_.size();
  }

  std::string out_;
  std::size_t limit_;
  bool cut_ = false;
};

}  // namespace

std::string print(const Value& value, std::size_t limit) {
  Printer printer(limit);
  printer.value(value, 0);
  return std::move(printer).result();
}

}  // namespace recast::tensor
