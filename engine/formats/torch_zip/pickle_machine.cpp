#include "engine/formats/torch_zip/pickle_machine.hpp"

#include <bit>

#include "engine/formats/torch_zip/pickle_builder.hpp"
#include "engine/formats/torch_zip/pickle_input.hpp"
#include "engine/formats/torch_zip/pickle_literals.hpp"

namespace recast::formats::pickle {
namespace {

// Protocol 0 spells integers in decimal, and converting them is quadratic.
constexpr std::uint64_t kMaxDigits = 256;
constexpr unsigned kMaxProtocol = 5;

/// Takes opcodes and their arguments out of the stream; the builder does what they say.
class Machine {
 public:
  Machine(std::string_view stream, const Origin& origin, const Limits& limits)
      : in_(stream), builder_(origin, limits) {}

  Result<Graph> run() {
    while (!builder_.stopped()) {
      const std::uint64_t at = in_.position();
      const auto byte = in_.number<std::uint8_t>();
      op_ = static_cast<Op>(byte.value_or(0));
      builder_.begin(op_, at);
      const bool ok = byte ? step() : builder_.fail("the pickle ends without STOP");
      if (!ok) return std::move(*builder_.error());
    }
    return std::move(builder_).take(in_.position());
  }

 private:
  bool step();

  /// Calls `use` with an argument out of the stream, if the stream still holds it.
  template <class Argument, class Use>
  bool with(const std::optional<Argument>& argument, Use use) {
    return argument ? use(*argument) : builder_.fail_op("runs over the end of the pickle");
  }

  bool decimal(std::string_view line) {
    if (op_ == Op::INT && (line == "00" || line == "01")) return builder_.push_new(line == "01");
    if (op_ == Op::LONG && line.ends_with('L')) line.remove_suffix(1);
    auto bytes = integer_of_decimal(line, kMaxDigits);
    if (!bytes) return builder_.fail_op("holds no integer");
    if (const auto small = small_integer(*bytes)) return builder_.push_new(*small);
    return builder_.push_integer(builder_.keep(std::move(*bytes)));
  }

  bool binary_float(std::string_view big_endian) {
    const auto bits = __builtin_bswap64(load_le<std::uint64_t>(big_endian, 0));
    return builder_.push_new(std::bit_cast<double>(bits));
  }

  bool decimal_float(std::string_view line) {
    const auto value = float_of_repr(line);
    return value ? builder_.push_new(*value) : builder_.fail_op("holds no number");
  }

  bool unicode(std::string_view line) {
    auto text = unescape_unicode(line);
    return text ? builder_.push_new(TextNode{builder_.keep(std::move(*text))})
                : builder_.fail_op("holds an escape that is none");
  }

  bool quoted(std::string_view line) {
    auto bytes = unescape_string(line);
    return bytes ? builder_.push_string(builder_.keep(std::move(*bytes)))
                 : builder_.fail_op("holds no quoted string");
  }

  bool global() {
    return with(in_.line(), [this](std::string_view module) {
      return with(in_.line(),
                  [&](std::string_view name) { return builder_.push_global(module, name); });
    });
  }

  bool persistent_line() {
    return with(in_.line(), [this](std::string_view line) {
      return builder_.push_text(line) && builder_.persistent();
    });
  }

  template <bool (Builder::*use)(std::uint64_t)>
  bool memo_line() {
    return with(in_.line(), [this](std::string_view line) {
      const auto bytes = integer_of_decimal(line, kMaxDigits);
      const auto key = bytes ? small_integer(*bytes) : std::nullopt;
      if (!key || *key < 0) return builder_.fail_op("holds no memo index");
      return (builder_.*use)(static_cast<std::uint64_t>(*key));
    });
  }

  bool protocol(unsigned version) {
    return version <= kMaxProtocol ||
           builder_.fail(Code::format_unsupported,
                         cat("the pickle has protocol ", version, "; protocols up to ",
                             kMaxProtocol, " are read"));
  }

  /// Something that the program which wrote the stream passed on by other ways.
  bool not_in_file(std::string_view what) {
    return builder_.fail(Code::format_unsupported, cat("opcode ", op_name(op_), " refers to a ",
                                                       what, " that is not in the file"));
  }

  bool no_opcode() {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto byte = static_cast<unsigned>(op_);
    return builder_.fail(cat("byte 0x", kHex[byte >> 4], kHex[byte & 15U], " is no pickle opcode"));
  }

  Input in_;
  Builder builder_;
  Op op_{};
};

bool Machine::step() {
  using How = tensor::Object::How;
  using Kind = CollectionNode::Kind;
  using Text = std::string_view;
  const auto integer = [this](auto value) {
    return builder_.push_new(static_cast<std::int64_t>(value));
  };
  const auto big = [this](Text bytes) { return builder_.push_integer(bytes); };
  const auto text = [this](Text bytes) { return builder_.push_text(bytes); };
  const auto string = [this](Text bytes) { return builder_.push_string(bytes); };
  const auto raw = [this](Text bytes) { return builder_.push_new(BytesNode{bytes}); };
  const auto put = [this](auto key) { return builder_.put(key); };
  const auto get = [this](auto key) { return builder_.get(key); };

  // clang-format off
  switch (op_) {
    case Op::PROTO: return with(in_.number<std::uint8_t>(), [this](unsigned version) { return protocol(version); });
    case Op::FRAME: return with(in_.number<std::uint64_t>(), [this](std::uint64_t nbytes) {
      // A hint for readers of pipes; here it has only to fit.
      return nbytes <= in_.left() || builder_.fail_op("runs over the end of the pickle");
    });
    case Op::STOP: return builder_.stop();
    case Op::MARK: return builder_.mark();
    case Op::POP: return builder_.pop_one();
    case Op::POP_MARK: return builder_.pop_to_mark();
    case Op::DUP: return builder_.duplicate();

    case Op::NONE: return builder_.push_new(NoneNode{});
    case Op::NEWTRUE: return builder_.push_new(true);
    case Op::NEWFALSE: return builder_.push_new(false);
    case Op::BININT1: return with(in_.number<std::uint8_t>(), integer);
    case Op::BININT2: return with(in_.number<std::uint16_t>(), integer);
    case Op::BININT: return with(in_.number<std::int32_t>(), integer);
    case Op::LONG1: return with(in_.counted<std::uint8_t>(), big);
    case Op::LONG4: return with(in_.counted<std::int32_t>(), big);
    case Op::INT:
    case Op::LONG: return with(in_.line(), [this](Text line) { return decimal(line); });
    case Op::FLOAT: return with(in_.line(), [this](Text line) { return decimal_float(line); });
    case Op::BINFLOAT: return with(in_.take(8), [this](Text bytes) { return binary_float(bytes); });

    case Op::BINUNICODE: return with(in_.counted<std::uint32_t>(), text);
    case Op::SHORT_BINUNICODE: return with(in_.counted<std::uint8_t>(), text);
    case Op::BINUNICODE8: return with(in_.counted<std::uint64_t>(), text);
    case Op::UNICODE: return with(in_.line(), [this](Text line) { return unicode(line); });
    case Op::SHORT_BINSTRING: return with(in_.counted<std::uint8_t>(), string);
    case Op::BINSTRING: return with(in_.counted<std::int32_t>(), string);
    case Op::STRING: return with(in_.line(), [this](Text line) { return quoted(line); });
    case Op::SHORT_BINBYTES: return with(in_.counted<std::uint8_t>(), raw);
    case Op::BINBYTES: return with(in_.counted<std::uint32_t>(), raw);
    case Op::BINBYTES8: return with(in_.counted<std::uint64_t>(), raw);
    case Op::BYTEARRAY8: return with(in_.counted<std::uint64_t>(), [this](Text bytes) { return builder_.push_byte_array(bytes); });

    case Op::EMPTY_TUPLE: return builder_.tuple_of(0);
    case Op::TUPLE1: return builder_.tuple_of(1);
    case Op::TUPLE2: return builder_.tuple_of(2);
    case Op::TUPLE3: return builder_.tuple_of(3);
    case Op::TUPLE: return builder_.tuple_to_mark();
    case Op::EMPTY_LIST: return builder_.push_new(CollectionNode{Kind::List, kNoNode});
    case Op::EMPTY_DICT: return builder_.push_new(CollectionNode{Kind::Dict, kNoNode});
    case Op::EMPTY_SET: return builder_.push_new(CollectionNode{Kind::Set, kNoNode});
    case Op::LIST: return builder_.collection_to_mark(Kind::List);
    case Op::DICT: return builder_.collection_to_mark(Kind::Dict);
    case Op::FROZENSET: return builder_.collection_to_mark(Kind::FrozenSet);
    case Op::APPEND: return builder_.append_one();
    case Op::APPENDS:
    case Op::ADDITEMS: return builder_.append_to_mark();
    case Op::SETITEM: return builder_.set_one();
    case Op::SETITEMS: return builder_.set_to_mark();

    case Op::GLOBAL: return global();
    case Op::STACK_GLOBAL: return builder_.stack_global();
    case Op::REDUCE: return builder_.call(How::Reduce);
    case Op::NEWOBJ: return builder_.call(How::NewObject);
    case Op::NEWOBJ_EX: return builder_.new_with_keywords();
    case Op::INST: return global() && builder_.instantiate_top();
    case Op::OBJ: return builder_.instantiate_first();
    case Op::BUILD: return builder_.build();
    case Op::BINPERSID: return builder_.persistent();
    case Op::PERSID: return persistent_line();

    case Op::PUT: return memo_line<&Builder::put>();
    case Op::BINPUT: return with(in_.number<std::uint8_t>(), put);
    case Op::LONG_BINPUT: return with(in_.number<std::uint32_t>(), put);
    case Op::MEMOIZE: return builder_.memoize();
    case Op::GET: return memo_line<&Builder::get>();
    case Op::BINGET: return with(in_.number<std::uint8_t>(), get);
    case Op::LONG_BINGET: return with(in_.number<std::uint32_t>(), get);

    case Op::EXT1:
    case Op::EXT2:
    case Op::EXT4: return not_in_file("registry");
    case Op::NEXT_BUFFER:
    case Op::READONLY_BUFFER: return not_in_file("buffer");
  }
  // clang-format on
  return no_opcode();
}

}  // namespace

Result<Graph> read_pickle(std::string_view stream, const Origin& origin, const Limits& limits) {
  if (stream.size() > kMaxStream)
    return make_diagnostic(Code::format_too_large, cat("the pickle has ", stream.size(),
                                                       " bytes; at most ", kMaxStream, " are read"))
        .in(origin.file, origin.byte_offset);
  return Machine(stream, origin, limits).run();
}

}  // namespace recast::formats::pickle
