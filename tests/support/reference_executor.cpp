#include "tests/support/reference_executor.hpp"

#include <cmath>
#include <cstring>

namespace recast::support {
namespace {

using tensor::DType;

/// A binary floating-point format: 1 sign bit, then exponent, then fraction.
struct Format {
  int exponent_bits;
  int fraction_bits;

  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  std::size_t nbytes() const {
    return static_cast<std::size_t>(1 + exponent_bits + fraction_bits) / 8;
  }
};

Format format_of(DType dtype) {
  if (dtype == DType::F16) return {5, 10};
  if (dtype == DType::BF16) return {8, 7};
  if (dtype == DType::F32) return {8, 23};
  return {11, 52};
}

/// A number taken apart: a NaN's fraction is aligned to 52 bits, so that formats can exchange it.
struct Number {
  bool negative = false;
  bool nan = false;
  std::uint64_t payload = 0;
  double magnitude = 0;  // exact: every format here is contained in fp64
};

Number decode(std::uint64_t bits, Format format) {
  const std::uint64_t fraction = bits & ((1ULL << format.fraction_bits) - 1);
  const auto exponent =
      static_cast<int>((bits >> format.fraction_bits) & ((1ULL << format.exponent_bits) - 1));
  const int top = (1 << format.exponent_bits) - 1;
  Number out;
  out.negative = (bits >> (format.exponent_bits + format.fraction_bits)) != 0;
  if (exponent == top && fraction != 0) {
    out.nan = true;
    out.payload = fraction << (52 - format.fraction_bits);
  } else if (exponent == top) {
    out.magnitude = INFINITY;
  } else {
    const bool denormal = exponent == 0;
    const std::uint64_t whole = fraction | (denormal ? 0 : 1ULL << format.fraction_bits);
    const int scale = (denormal ? 1 : exponent) - format.bias() - format.fraction_bits;
    out.magnitude = std::ldexp(static_cast<double>(whole), scale);
  }
  return out;
}

std::uint64_t encode(const Number& number, Format format) {
  const std::uint64_t sign = static_cast<std::uint64_t>(number.negative)
                             << (format.exponent_bits + format.fraction_bits);
  const std::uint64_t infinity = ((1ULL << format.exponent_bits) - 1) << format.fraction_bits;
  if (number.nan) {
    const std::uint64_t quiet = 1ULL << (format.fraction_bits - 1);
    return sign | infinity | quiet | (number.payload >> (52 - format.fraction_bits));
  }
  if (std::isinf(number.magnitude)) return sign | infinity;
  if (number.magnitude == 0) return sign;
  int exponent = 0;
  std::frexp(number.magnitude, &exponent);  // magnitude = m · 2^exponent, m in [0.5, 1)
  const int least = 1 - format.bias();
  const int unit = std::max(exponent - 1, least) - format.fraction_bits;
  // Scaling by a power of two is exact; nearbyint rounds ties to even.
  const auto units =
      static_cast<std::uint64_t>(std::nearbyint(std::ldexp(number.magnitude, -unit)));
  // `units` counts from the binade's start with its leading one, so that a carry moves into the
  // exponent by itself.
  const auto steps = static_cast<std::uint64_t>(unit + format.fraction_bits - least);
  const std::uint64_t bits = (steps << format.fraction_bits) + units;
  return sign | std::min(bits, infinity);
}

std::uint64_t load(std::string_view bytes) {
  std::uint64_t out = 0;
  std::memcpy(&out, bytes.data(), bytes.size());
  return out;
}

std::string store(std::uint64_t bits, std::size_t nbytes) {
  std::string out(nbytes, '\0');
  std::memcpy(out.data(), &bits, nbytes);
  return out;
}

bool is_infinite(std::string_view element, DType dtype) {
  const Number number = decode(load(element), format_of(dtype));
  return !number.nan && std::isinf(number.magnitude);
}

std::string integer_element(double value, std::size_t nbytes) {
  return store(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)), nbytes);
}

std::string fill_element(double value, DType dtype) {
  if (dtype == DType::F64) return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
  if (tensor::is_castable(dtype)) {
    return reference_cast({reinterpret_cast<const char*>(&value), sizeof(value)}, DType::F64,
                          dtype);
  }
  const std::size_t nbytes = tensor::dtype_nbytes(dtype);
  return nbytes > 8 ? std::string(nbytes, '\0') : integer_element(value, nbytes);
}

/// Calls visit(index relative to the box's start) for each element.
template <class Visit>
void for_each_element(const tensor::Box& box, const Visit& visit) {
  std::vector<std::int64_t> index(box.rank, 0);
  for (std::size_t k = 0; k < box.rank; ++k) {
    if (box.extent[k] == 0) return;
  }
  while (true) {
    visit(index);
    std::size_t k = box.rank;
    while (k > 0 && ++index[k - 1] == box.extent[k - 1])
      index[--k] = 0;
    if (k == 0) return;
  }
}

template <class Strides>
std::int64_t element_at(std::int64_t offset, const std::vector<std::int64_t>& index,
                        const Strides& strides) {
  for (std::size_t k = 0; k < index.size(); ++k)
    offset += index[k] * strides[k];
  return offset;
}

}  // namespace

std::string reference_cast(std::string_view element, DType from, DType into) {
  const Format format = format_of(into);
  return store(encode(decode(load(element), format_of(from)), format), format.nbytes());
}

std::uint64_t reference_run(const plan::Plan& plan, const ReferenceSide& left,
                            ReferenceSide& right) {
  std::uint64_t overflows = 0;
  const auto put = [&](plan::TensorIndex into, std::int64_t element, const std::string& bytes) {
    const std::uint64_t at =
        right.offsets[into] + static_cast<std::uint64_t>(element) * bytes.size();
    right.files[right.file_of[into]].replace(at, bytes.size(), bytes);
  };
  for (const plan::Copy& copy : plan.copies) {
    const DType from = plan.sources[copy.from].dtype;
    const DType into = plan.targets[copy.into].dtype;
    const std::size_t nbytes = tensor::dtype_nbytes(from);
    for_each_element(copy.box, [&](const std::vector<std::int64_t>& index) {
      const std::int64_t element = element_at(copy.from_offset, index, copy.from_stride);
      const std::uint64_t at =
          left.offsets[copy.from] + static_cast<std::uint64_t>(element) * nbytes;
      std::string bytes = left.files[left.file_of[copy.from]].substr(at, nbytes);
      if (from != into) {
        const bool was_infinite = is_infinite(bytes, from);
        bytes = reference_cast(bytes, from, into);
        overflows += static_cast<std::uint64_t>(!was_infinite && is_infinite(bytes, into));
      }
      put(copy.into, element_at(copy.into_offset, index, copy.into_stride), bytes);
    });
  }
  for (const plan::Fill& fill : plan.fills) {
    const std::string bytes = fill_element(fill.value, plan.targets[fill.into].dtype);
    for_each_element(fill.box, [&](const std::vector<std::int64_t>& index) {
      put(fill.into, element_at(fill.into_offset, index, fill.into_stride), bytes);
    });
  }
  return overflows;
}

std::uint32_t reference_crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char each : bytes) {
    crc ^= static_cast<unsigned char>(each);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

}  // namespace recast::support
