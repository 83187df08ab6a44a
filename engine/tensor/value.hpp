#pragma once
// Configuration and whatever else a checkpoint holds beside tensors, as a tree that can be looked
// up, printed and written again. Nothing in it is ever called: classes and functions are names.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace recast::tensor {

class Value;
using ValueList = std::vector<Value>;

struct Null {
  bool operator==(const Null&) const = default;
};
struct Bytes {
  std::string bytes;
  bool operator==(const Bytes&) const = default;
};
/// An integer outside 64 bits, as minimal little-endian two's complement.
struct BigInteger {
  std::string bytes;
  bool operator==(const BigInteger&) const = default;
};
struct Sequence {
  enum class Kind : std::uint8_t { List, Tuple, Set, FrozenSet };
  Kind kind = Kind::List;
  ValueList items;
  bool operator==(const Sequence&) const;
};
/// Pairs in their order; keys are any value. `ordered` is a class of its own in some containers
/// (OrderedDict).
struct Mapping {
  std::vector<std::pair<Value, Value>> entries;
  bool ordered = false;
  bool operator==(const Mapping&) const;
};
/// A class, function or constant by name ("torch", "bfloat16"); never looked up.
struct Symbol {
  std::string module;
  std::string name;
  bool operator==(const Symbol&) const = default;
};
/// A tensor of the same file: an index into that file's tensors.
struct TensorRef {
  std::size_t index = 0;
  bool operator==(const TensorRef&) const = default;
};
/// Anything else: `callee(args)` as the container states it, then `state`. How it was made is kept
/// so that it can be written back as it was.
struct Object {
  enum class How : std::uint8_t { Reduce, NewObject };
  How how = How::Reduce;
  // One element each, boxed because Value is incomplete here; `state`, `items`, `pairs` may be
  // empty.
  ValueList callee;                            // exactly one
  ValueList args;                              // exactly one: a tuple
  ValueList state;                             // at most one: what BUILD got
  ValueList items;                             // appended
  std::vector<std::pair<Value, Value>> pairs;  // set
  bool operator==(const Object&) const;
};

class Value {
 public:
  using Data = std::variant<Null, bool, std::int64_t, double, std::string, Bytes, BigInteger,
                            Sequence, Mapping, Symbol, TensorRef, Object>;

  Value() = default;
  Value(Null) {}
  Value(bool v) : data_(v) {}
  Value(int v) : data_(std::int64_t{v}) {}
  Value(std::int64_t v) : data_(v) {}
  Value(double v) : data_(v) {}
  Value(const char* v) : data_(std::string(v)) {}
  Value(std::string v) : data_(std::move(v)) {}
  Value(std::string_view v) : data_(std::string(v)) {}
  Value(Bytes v) : data_(std::move(v)) {}
  Value(BigInteger v) : data_(std::move(v)) {}
  Value(Sequence v) : data_(std::move(v)) {}
  Value(Mapping v) : data_(std::move(v)) {}
  Value(Symbol v) : data_(std::move(v)) {}
  Value(TensorRef v) : data_(v) {}
  Value(Object v) : data_(std::move(v)) {}

  const Data& data() const noexcept { return data_; }
  Data& data() noexcept { return data_; }
  template <class T>
  const T* get_if() const noexcept {
    return std::get_if<T>(&data_);
  }
  template <class T>
  T* get_if() noexcept {
    return std::get_if<T>(&data_);
  }
  bool is_null() const noexcept { return std::holds_alternative<Null>(data_); }

  bool operator==(const Value&) const = default;

 private:
  Data data_;
};

/// The entries by name of a mapping, the pairs set on an object (a class derived from a mapping),
/// or the attributes of an object whose state is a mapping (a namespace, a dataclass); null for
/// everything else.
const std::vector<std::pair<Value, Value>>* fields_of(const Value& value) noexcept;
std::vector<std::pair<Value, Value>>* fields_of(Value& value) noexcept;

/// The field called `name`; null if there is none. A key that is an integer is called by its
/// decimal digits, and so is an item of a list or tuple.
const Value* field(const Value& value, std::string_view name) noexcept;

/// Walks `a/b/c` (or with another separator) through fields; null if a step is missing.
const Value* field_at(const Value& value, std::string_view path, char separator = '/') noexcept;

/// Sets a field, at the end if it is new; makes mappings on the way along `path`, also in the place
/// of what has no fields.
void set_field(Value& value, std::string_view path, Value to, char separator = '/');

/// A short text: JSON where JSON can say it, `module.name(…)` elsewhere; cut after `limit` bytes
/// with `…`.
std::string print(const Value& value, std::size_t limit = 200);

}  // namespace recast::tensor
