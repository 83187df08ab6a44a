#include "engine/formats/torch_zip/emit.hpp"

#include <bit>
#include <limits>

#include "engine/base/checked.hpp"
#include "engine/base/utf8.hpp"
#include "engine/formats/little_endian.hpp"
#include "engine/formats/text.hpp"
#include "engine/formats/torch_zip/bare_storage.hpp"
#include "engine/formats/torch_zip/pickle_literals.hpp"
#include "engine/formats/torch_zip/pickle_opcodes.hpp"
#include "engine/formats/torch_zip/python_keys.hpp"
#include "engine/formats/torch_zip/torch_dtypes.hpp"

namespace recast::formats {
namespace {

using pickle::Op;
using tensor::Mapping;
using tensor::Object;
using tensor::Sequence;
using tensor::Symbol;
using tensor::Value;

constexpr std::size_t kNoKey = ~std::size_t{0};
constexpr std::size_t kBatch =
    1000;  // items per APPENDS and pairs per SETITEMS, as Python's pickler
constexpr std::uint32_t kDeepest = 1000;
constexpr std::size_t kMaxLong = 255;  // LONG1; loaders with weights_only know no other

/// Functions return false after `error_` is set; see Interpreter.
class Emitter {
 public:
  explicit Emitter(std::span<const TensorSpec> tensors)
      : tensors_(tensors), keys_(tensors.size(), kNoKey), classes_(tensors.size()) {}

  Result<EmittedPickle> run(const Value& root) {
    op(Op::PROTO);
    append_le(out_.stream, std::uint8_t{2});
    if (!value(root)) return std::move(*error_);
    op(Op::STOP);
    for (std::size_t i = 0; i < tensors_.size(); ++i)
      if (keys_[i] == kNoKey)
        return make_diagnostic(Code::format_cannot_write,
                               cat("tensor '", shown(tensors_[i].name),
                                   "' stands nowhere in the document of its file"));
    return std::move(out_);
  }

 private:
  bool fail(std::string message) {
    error_ = make_diagnostic(Code::format_cannot_write, std::move(message));
    return false;
  }

  void op(Op code) { out_.stream += static_cast<char>(code); }

  bool value(const Value& held) {
    if (depth_ >= kDeepest) return fail(cat("values nest deeper than ", kDeepest));
    ++depth_;
    const bool ok = std::visit([this](const auto& one) { return emit(one); }, held.data());
    --depth_;
    return ok;
  }

  // ---- literals

  bool emit(const tensor::Null&) { return op(Op::NONE), true; }
  bool emit(bool flag) { return op(flag ? Op::NEWTRUE : Op::NEWFALSE), true; }

  bool emit(std::int64_t number) {
    if (number >= 0 && number <= std::numeric_limits<std::uint8_t>::max()) {
      op(Op::BININT1);
      append_le(out_.stream, static_cast<std::uint8_t>(number));
    } else if (number >= 0 && number <= std::numeric_limits<std::uint16_t>::max()) {
      op(Op::BININT2);
      append_le(out_.stream, static_cast<std::uint16_t>(number));
    } else if (number >= std::numeric_limits<std::int32_t>::min() &&
               number <= std::numeric_limits<std::int32_t>::max()) {
      op(Op::BININT);
      append_le(out_.stream, static_cast<std::int32_t>(number));
    } else {
      std::string bytes;
      append_le(bytes, number);
      return emit_long(pickle::minimal_integer(bytes));
    }
    return true;
  }

  bool emit(const tensor::BigInteger& number) { return emit_long(number.bytes); }

  bool emit_long(std::string_view bytes) {
    if (bytes.size() > kMaxLong)
      return fail(
          cat("an integer has ", bytes.size(), " bytes; at most ", kMaxLong, " are written"));
    op(Op::LONG1);
    append_le(out_.stream, static_cast<std::uint8_t>(bytes.size()));
    out_.stream += bytes;
    return true;
  }

  bool emit(double number) {
    op(Op::BINFLOAT);
    append_le(out_.stream, __builtin_bswap64(std::bit_cast<std::uint64_t>(number)));
    return true;
  }

  bool emit(const std::string& text) { return emit_text(text); }

  bool emit_text(std::string_view text) {
    if (!is_utf8(text, Surrogates::Allowed))
      return fail(cat("text '", shown(text), "' is not UTF-8"));
    if (text.size() > std::numeric_limits<std::uint32_t>::max())
      return fail(cat("text of ", text.size(), " bytes does not fit a 32-bit count"));
    op(Op::BINUNICODE);
    append_le(out_.stream, static_cast<std::uint32_t>(text.size()));
    out_.stream += text;
    return true;
  }

  /// Protocol 2 has no bytes: they are text of the code points 0 to 255, to be encoded when loaded.
  bool emit(const tensor::Bytes& held) {
    std::string text;
    for (const char byte : held.bytes)
      pickle::append_utf8(text, static_cast<unsigned char>(byte));
    if (!global("_codecs", "encode") || !emit_text(text) || !emit_text("latin1")) return false;
    op(Op::TUPLE2);
    op(Op::REDUCE);
    return true;
  }

  bool emit(const Symbol& symbol) {
    if (symbol.module == "recast")
      return fail(cat("'recast.", shown(symbol.name), "' stands for something that was not read"));
    // Protocol 2 knows no dotted names: what is inside a class is fetched from it.
    const std::size_t dot = symbol.name.rfind('.');
    if (dot == std::string::npos) return global(symbol.module, symbol.name);
    if (!global("__builtin__", "getattr") ||
        !emit(Symbol{symbol.module, symbol.name.substr(0, dot)}) ||
        !emit_text(std::string_view(symbol.name).substr(dot + 1)))
      return false;
    op(Op::TUPLE2);
    op(Op::REDUCE);
    return true;
  }

  bool global(std::string_view module, std::string_view name) {
    const auto fits = [](std::string_view part) {
      return !part.empty() && part.find('\n') == std::string_view::npos && is_utf8(part);
    };
    if (!fits(module) || !fits(name))
      return fail(cat("'", shown(module), ".", shown(name), "' is no name that a pickle can hold"));
    op(Op::GLOBAL);
    out_.stream += cat(module, '\n', name, '\n');
    return true;
  }

  // ---- collections

  bool emit(const Sequence& sequence) {
    switch (sequence.kind) {
      case Sequence::Kind::Tuple:
        return tuple(sequence.items);
      case Sequence::Kind::List:
        return list(sequence.items);
      case Sequence::Kind::Set:
        return set("set", sequence.items);
      case Sequence::Kind::FrozenSet:
        return set("frozenset", sequence.items);
    }
    return true;
  }

  bool values(std::span<const Value> items) {
    for (const Value& item : items)
      if (!value(item)) return false;
    return true;
  }

  bool tuple(std::span<const Value> items) {
    constexpr Op kShort[] = {Op::EMPTY_TUPLE, Op::TUPLE1, Op::TUPLE2, Op::TUPLE3};
    if (items.size() < std::size(kShort)) {
      if (!values(items)) return false;
      op(kShort[items.size()]);
      return true;
    }
    op(Op::MARK);
    if (!values(items)) return false;
    op(Op::TUPLE);
    return true;
  }

  bool list(const tensor::ValueList& items) {
    op(Op::EMPTY_LIST);
    return append(items);
  }

  bool set(std::string_view name, const tensor::ValueList& items) {
    if (!global("__builtin__", name) || !list(items)) return false;
    op(Op::TUPLE1);
    op(Op::REDUCE);
    return true;
  }

  bool append(std::span<const Value> items) {
    while (!items.empty()) {
      const std::size_t count = std::min(items.size(), kBatch);
      op(Op::MARK);
      if (!values(items.first(count))) return false;
      op(Op::APPENDS);
      items = items.subspan(count);
    }
    return true;
  }

  bool set_items(std::span<const std::pair<Value, Value>> pairs) {
    PythonKeys seen;
    while (!pairs.empty()) {
      const std::size_t count = std::min(pairs.size(), kBatch);
      op(Op::MARK);
      for (const auto& [key, held] : pairs.first(count)) {
        if (!insert(seen, key))
          return fail(cat("key ", tensor::print(key), " stands twice in a mapping"));
        if (!value(key) || !value(held)) return false;
      }
      op(Op::SETITEMS);
      pairs = pairs.subspan(count);
    }
    return true;
  }

  static bool insert(PythonKeys& seen, const Value& key) {
    if (const auto* text = key.get_if<std::string>()) return seen.insert(std::string_view(*text));
    if (const auto* flag = key.get_if<bool>()) return seen.insert(*flag);
    if (const auto* number = key.get_if<std::int64_t>()) return seen.insert(*number);
    if (const auto* real = key.get_if<double>()) return seen.insert(*real);
    return true;
  }

  bool ordered_dict() {
    if (!global("collections", "OrderedDict")) return false;
    op(Op::EMPTY_TUPLE);
    op(Op::REDUCE);
    return true;
  }

  bool emit(const Mapping& mapping) {
    if (mapping.ordered) {
      if (!ordered_dict()) return false;
    } else {
      op(Op::EMPTY_DICT);
    }
    return set_items(mapping.entries);
  }

  bool emit(const Object& object) {
    if (const auto tensor = tensor_of_bare_storage(object))
      return storage_alone(*object.callee.front().get_if<Symbol>(), *tensor);
    const auto* args = object.args.size() == 1 ? object.args.front().get_if<Sequence>() : nullptr;
    if (object.callee.size() != 1 || args == nullptr || args->kind != Sequence::Kind::Tuple ||
        object.state.size() > 1)
      return fail("an object has not one callee, one tuple of arguments and at most one state");
    if (!value(object.callee.front()) || !value(object.args.front())) return false;
    op(object.how == Object::How::Reduce ? Op::REDUCE : Op::NEWOBJ);
    if (!append(object.items) || !set_items(object.pairs)) return false;
    if (object.state.empty()) return true;
    if (!value(object.state.front())) return false;
    op(Op::BUILD);
    return true;
  }

  // ---- tensors

  bool storage_alone(const Symbol& storage_class, std::size_t index) {
    if (index >= tensors_.size()) return no_tensor(index);
    const TensorSpec& spec = tensors_[index];
    if (spec.dtype != *dtype_of_storage(storage_class.name))
      return fail(cat("tensor '", shown(spec.name), "' of ", tensor::dtype_name(spec.dtype),
                      " cannot be a '", storage_class.name, "'"));
    return storage(storage_class, index);
  }

  bool no_tensor(std::size_t index) {
    return fail(cat("the document refers to tensor ", index, " of ", tensors_.size()));
  }

  /// One storage has one class, however often it is mentioned.
  bool storage(const Symbol& storage_class, std::size_t index) {
    const TensorSpec& spec = tensors_[index];
    std::size_t& key = keys_[index];
    if (key == kNoKey) {
      key = out_.storages.size();
      out_.storages.push_back(index);
      classes_[index] = storage_class.name;
    } else if (classes_[index] != storage_class.name) {
      return fail(cat("tensor '", shown(spec.name), "' would be a '", classes_[index], "' and a '",
                      storage_class.name, "'"));
    }
    const std::int64_t count = tensor::element_count(spec.shape);
    const bool in_bytes = storage_class.name == kUntypedStorage;
    const auto units =
        in_bytes ? checked_mul(count, std::int64_t(tensor::dtype_nbytes(spec.dtype))) : count;
    if (!units) return fail(cat("the size of tensor '", shown(spec.name), "' overflows 64 bits"));
    op(Op::MARK);
    if (!emit_text("storage") || !global(storage_class.module, storage_class.name) ||
        !emit_text(std::to_string(key)) || !emit_text("cpu") || !emit(*units))
      return false;
    op(Op::TUPLE);
    op(Op::BINPERSID);
    return true;
  }

  bool emit(const tensor::TensorRef& ref) {
    if (ref.index >= tensors_.size()) return no_tensor(ref.index);
    const TensorSpec& spec = tensors_[ref.index];
    const std::string typed(storage_class_of(spec.dtype));
    const bool untyped = typed.empty();
    if (!global("torch._utils", untyped ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2"))
      return false;
    op(Op::MARK);
    const Symbol storage_class =
        untyped ? Symbol{"torch.storage", std::string(kUntypedStorage)} : Symbol{"torch", typed};
    if (!storage(storage_class, ref.index) || !emit(std::int64_t{0}) || !integers(spec.shape) ||
        !integers(tensor::row_major(spec.shape)))
      return false;
    op(Op::NEWFALSE);                   // requires_grad
    if (!ordered_dict()) return false;  // backward hooks
    if (untyped && !global("torch", torch_name(spec.dtype))) return false;
    op(Op::TUPLE);
    op(Op::REDUCE);
    return true;
  }

  bool integers(const std::vector<std::int64_t>& numbers) {
    const std::vector<Value> items(numbers.begin(), numbers.end());
    return tuple(items);
  }

  std::span<const TensorSpec> tensors_;
  std::vector<std::size_t> keys_;     // per tensor: the key of its storage
  std::vector<std::string> classes_;  // per tensor: the class of its storage
  EmittedPickle out_;
  std::uint32_t depth_ = 0;
  std::optional<Diagnostic> error_;
};

}  // namespace

Result<EmittedPickle> emit_pickle(const Value& root, std::span<const TensorSpec> tensors) {
  return Emitter(tensors).run(root);
}

}  // namespace recast::formats
