#include "engine/tensor/value.hpp"

#include <charconv>

namespace recast::tensor {

namespace {

using Fields = std::vector<std::pair<Value, Value>>;

/// `name` as an index: decimal without leading zeros.
std::optional<std::int64_t> index_of(std::string_view name) noexcept {
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  const bool canonical = name == "0" || (name.front() != '0' && !name.starts_with("-0"));
  return canonical ? std::optional(index) : std::nullopt;
}

bool is_key(const Value& key, std::string_view name) noexcept {
  if (const auto* text = key.get_if<std::string>()) return *text == name;
  if (const auto* number = key.get_if<std::int64_t>()) return index_of(name) == *number;
  return false;
}

template <class AnyValue>
auto* fields_in(AnyValue& value) noexcept {
  if (auto* mapping = value.template get_if<Mapping>()) return &mapping->entries;
  auto* object = value.template get_if<Object>();
  if (!object) return decltype(&object->pairs){nullptr};
  if (!object->pairs.empty()) return &object->pairs;
  if (object->state.empty()) return decltype(&object->pairs){nullptr};
  auto* state = object->state.front().template get_if<Mapping>();
  return state ? &state->entries : nullptr;
}

template <class AnyValue>
AnyValue* field_in(AnyValue& value, std::string_view name) noexcept {
  if (auto* fields = fields_in(value)) {
    for (auto& [key, held] : *fields)
      if (is_key(key, name)) return &held;
    return nullptr;
  }
  auto* sequence = value.template get_if<Sequence>();
  if (!sequence || sequence->kind == Sequence::Kind::Set ||
      sequence->kind == Sequence::Kind::FrozenSet)
    return nullptr;
  const std::optional<std::int64_t> index = index_of(name);
  if (!index || *index < 0 || static_cast<std::size_t>(*index) >= sequence->items.size())
    return nullptr;
  return &sequence->items[static_cast<std::size_t>(*index)];
}

/// The fields of `value`, made where there are none: an object without attributes gets some, and
/// whatever cannot have fields gives way to a mapping.
Fields& fields_made_in(Value& value) {
  if (Fields* fields = fields_of(value)) return *fields;
  if (auto* object = value.get_if<Object>(); object && object->state.empty()) {
    object->state.emplace_back(Mapping{});
  } else {
    value = Mapping{};
  }
  return *fields_of(value);
}

Value& field_made_in(Value& value, std::string_view name) {
  if (Value* held = field_in(value, name)) return *held;
  return fields_made_in(value).emplace_back(Value(name), Value()).second;
}

/// Takes the part before the separator off the front of `path`; `more` says whether one came.
std::string_view next_step(std::string_view& path, bool& more, char separator) noexcept {
  const std::size_t end = path.find(separator);
  const std::string_view step = path.substr(0, end);
  more = end != std::string_view::npos;
  path.remove_prefix(more ? end + 1 : path.size());
  return step;
}

}  // namespace

// Out of line because they compare Values, which are incomplete where these are declared; in words
// because Clang 14 crashes on a defaulted comparison that is recursive.
bool Sequence::operator==(const Sequence& other) const {
  return kind == other.kind && items == other.items;
}
bool Mapping::operator==(const Mapping& other) const {
  return ordered == other.ordered && entries == other.entries;
}
bool Object::operator==(const Object& other) const {
  return how == other.how && callee == other.callee && args == other.args && state == other.state &&
         items == other.items && pairs == other.pairs;
}

const Fields* fields_of(const Value& value) noexcept {
  return fields_in(value);
}
Fields* fields_of(Value& value) noexcept {
  return fields_in(value);
}

const Value* field(const Value& value, std::string_view name) noexcept {
  return field_in(value, name);
}

const Value* field_at(const Value& value, std::string_view path, char separator) noexcept {
  const Value* at = &value;
  for (bool more = true; at && more;)
    at = field(*at, next_step(path, more, separator));
  return at;
}

void set_field(Value& value, std::string_view path, Value to, char separator) {
  Value* at = &value;
  for (bool more = true; more;)
    at = &field_made_in(*at, next_step(path, more, separator));
  *at = std::move(to);
}

}  // namespace recast::tensor
