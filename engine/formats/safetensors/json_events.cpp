#include "engine/formats/safetensors/json_events.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <unordered_set>

#include "engine/formats/text.hpp"

namespace recast::formats::safetensors {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMetadata = "__metadata__";

/// Walks over characters and tells the parser's listener how far it has come.
class CountingIterator {
 public:
  // NOLINTBEGIN(readability-identifier-naming): std::iterator_traits names these
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  // NOLINTEND(readability-identifier-naming)

  CountingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// Listens to nlohmann's parser; a callback returns false to stop it, after `error` is set.
class Listener {
 public:
  Listener(std::string_view json, const std::string& path, std::uint64_t base)
      : reached(json.data()), begin_(json.data()), path_(path), base_(base) {}

  const char* reached;
  JsonHeader out;
  std::optional<Diagnostic> error;

  bool null() { return scalar("null"); }
  bool boolean(bool) { return scalar("a flag"); }
  bool number_float(Json::number_float_t, const Json::string_t&) {
    return scalar("a number with a fraction");
  }
  bool binary(Json::binary_t&) { return scalar("bytes"); }

  bool number_integer(Json::number_integer_t) { return scalar("a negative number"); }
  bool number_unsigned(Json::number_unsigned_t number) {
    if (place_ != Place::Numbers) return scalar("a number");
    if (number > Json::number_unsigned_t(std::numeric_limits<std::int64_t>::max()))
      return fail(cat("number ", number, " of tensor ", quoted(), " is over 2^63 - 1"));
    numbers_->push_back(std::int64_t(number));
    return true;
  }

  bool string(Json::string_t& text) {
    switch (place_) {
      case Place::Metadata:
        out.metadata.back().second = std::move(text);
        return true;
      case Place::DType:
        out.entries.back().dtype = std::move(text);
        place_ = Place::Entry;
        return true;
      default:
        return scalar("text");
    }
  }

  bool start_object(std::size_t) {
    switch (place_) {
      case Place::Start:
        return enter(Place::Root);
      case Place::RootValue:
        return enter(Place::Entry);
      case Place::MetadataValue:
        return enter(Place::Metadata);
      case Place::Skipped:
        return ++skipped_, true;
      default:
        return scalar("an object");
    }
  }

  bool end_object() {
    switch (place_) {
      case Place::Skipped:
        return leave_skipped();
      case Place::Entry:
      case Place::Metadata:
        return enter(Place::Root);
      default:
        return enter(Place::End);
    }
  }

  bool start_array(std::size_t) {
    if (place_ == Place::Skipped) return ++skipped_, true;
    if (place_ == Place::List) return enter(Place::Numbers);
    return scalar("a list");
  }

  bool end_array() {
    if (place_ == Place::Skipped) return leave_skipped();
    return enter(Place::Entry);
  }

  bool key(Json::string_t& key) {
    switch (place_) {
      case Place::Root:
        return root_key(key);
      case Place::Metadata:
        if (!metadata_keys_.insert(key).second)
          return fail(Code::format_duplicate_name,
                      cat("'", kMetadata, "' holds '", shown(key), "' twice"));
        out.metadata.emplace_back(std::move(key), std::string());
        return true;
      case Place::Entry:
        return field_key(key);
      default:
        return true;  // inside a skipped value
    }
  }

  bool parse_error(std::size_t, const std::string& token, const nlohmann::json::exception&) {
    // The parser's own words name its callers' internals; the place says enough.
    return fail(token.empty() ? std::string("the header is not JSON")
                              : cat("the header is not JSON at '", shown(token, 40), "'"));
  }

 private:
  /// What the next event means.
  enum class Place {
    Start,          // nothing was read yet
    Root,           // a name or the end
    RootValue,      // the object of a tensor
    MetadataValue,  // the object of metadata
    Metadata,       // keys and texts
    Entry,          // fields of a tensor
    DType,          // a text
    List,           // a list of numbers
    Numbers,        // its numbers
    Skipped,        // a field that we do not know
    End,
  };

  bool enter(Place place) {
    place_ = place;
    return true;
  }

  bool leave_skipped() {
    if (--skipped_ == 0) place_ = Place::Entry;
    return true;
  }

  bool root_key(Json::string_t& key) {
    if (!names_.insert(key).second)
      return fail(Code::format_duplicate_name, cat("two tensors are called '", shown(key), "'"));
    if (key == kMetadata) return enter(Place::MetadataValue);
    JsonEntry& entry = out.entries.emplace_back();
    entry.at = key_begin(key);
    entry.name = std::move(key);
    return enter(Place::RootValue);
  }

  bool field_key(const Json::string_t& key) {
    JsonEntry& entry = out.entries.back();
    const bool twice = (key == "dtype" && entry.dtype) || (key == "shape" && entry.shape) ||
                       (key == "data_offsets" && entry.offsets);
    if (twice)
      return fail(Code::format_duplicate_name, cat("tensor ", quoted(), " has '", key, "' twice"));
    if (key == "dtype") return enter(Place::DType);
    if (key == "shape") return numbers_ = &entry.shape.emplace(), enter(Place::List);
    if (key == "data_offsets") return numbers_ = &entry.offsets.emplace(), enter(Place::List);
    return enter(Place::Skipped);
  }

  /// A value at a place that may not take it.
  bool scalar(std::string_view what) {
    switch (place_) {
      case Place::Skipped:
        // A field with a plain value is over with it; inside a list or an object more may come.
        if (skipped_ == 0) place_ = Place::Entry;
        return true;
      case Place::Start:
        return fail(cat("the header is ", what, ", not an object"));
      case Place::RootValue:
        return fail(cat("tensor ", quoted(), " is ", what, ", not an object"));
      case Place::MetadataValue:
        return fail(cat("'", kMetadata, "' is ", what, ", not an object"));
      case Place::Metadata:
        return fail(cat("'", kMetadata, "' holds ", what, " under '",
                        shown(out.metadata.back().first), "', not text"));
      case Place::DType:
        return fail(cat("the dtype of tensor ", quoted(), " is ", what, ", not text"));
      case Place::List:
        return fail(cat("tensor ", quoted(), " has ", what, " where a list was expected"));
      default:
        return fail(cat("tensor ", quoted(), " has ", what, " where a whole number was expected"));
    }
  }

  std::string quoted() const { return cat("'", shown(out.entries.back().name), "'"); }

  /// Where a key begins that was just read, as far as its text shows it unescaped.
  std::uint64_t key_begin(std::string_view key) const {
    const auto end = static_cast<std::size_t>(reached - begin_);
    const std::size_t length = key.size() + 2;  // with quotes
    const bool plain =
        end >= length && std::string_view(begin_ + end - length + 1, key.size()) == key;
    return plain ? end - length : end;
  }

  bool fail(Code code, std::string message) {
    const auto at = static_cast<std::uint64_t>(reached - begin_);
    error = make_diagnostic(code, std::move(message)).in(path_, base_ + (at == 0 ? 0 : at - 1));
    return false;
  }
  bool fail(std::string message) { return fail(Code::format_bad_header, std::move(message)); }

  const char* begin_;
  const std::string& path_;
  std::uint64_t base_;
  Place place_ = Place::Start;
  std::size_t skipped_ = 0;  // open lists and objects inside a skipped field
  std::vector<std::int64_t>* numbers_ = nullptr;
  std::unordered_set<std::string> names_;
  std::unordered_set<std::string> metadata_keys_;
};

}  // namespace

Result<JsonHeader> read_json(std::string_view json, const std::string& path, std::uint64_t base) {
  Listener listener(json, path, base);
  const CountingIterator begin(json.data(), &listener.reached);
  const CountingIterator end(json.data() + json.size(), &listener.reached);
  const bool ok = Json::sax_parse(begin, end, &listener);
  if (listener.error) return std::move(*listener.error);
  RECAST_CHECK(ok, "the JSON parser stopped without saying why");
  return std::move(listener.out);
}

}  // namespace recast::formats::safetensors
