// SPDX-License-Identifier: Apache-2.0
// Encoder and decoder of number columns. The encoder sizes varint and delta exactly in one pass, so that the chosen
// one is written without growing.
#include "formats/src/column_integer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "lmlog/formats/byte_io.hpp"

namespace lmlog::formats {
namespace {

/// Bytes of the LEB128 form: one for each seven bits begun, without a division.
inline std::uint64_t uv_bytes(std::uint64_t value) noexcept {
  return (static_cast<unsigned>(std::bit_width(value | 1)) * 9 + 64) / 64;
}

inline std::uint64_t zigzagged(std::uint64_t value) noexcept { return zigzag(static_cast<std::int64_t>(value)); }

inline char* write_uv(char* out, std::uint64_t value) noexcept {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

template <class T> void write_raw(std::span<const std::uint64_t> values, char* out) noexcept {
  for (const std::uint64_t value : values) {
    const T narrow = static_cast<T>(value);
    std::memcpy(out, &narrow, sizeof(T));
    out += sizeof(T);
  }
}

void encode_raw(std::size_t width, std::span<const std::uint64_t> values, std::string& out) {
  out.resize(width * values.size());
  switch (width) {
    case 1:
      return write_raw<std::uint8_t>(values, out.data());
    case 2:
      return write_raw<std::uint16_t>(values, out.data());
    case 4:
      return write_raw<std::uint32_t>(values, out.data());
    default:
      return write_raw<std::uint64_t>(values, out.data());
  }
}

struct Sizes {
  std::uint64_t varint = 0;
  std::uint64_t delta = 0;
  bool constant = true;
};

template <bool Signed> Sizes size_up(std::span<const std::uint64_t> values) noexcept {
  Sizes sizes;
  std::uint64_t before = 0;
  std::uint64_t differing = 0;
  for (const std::uint64_t value : values) {
    sizes.varint += uv_bytes(Signed ? zigzagged(value) : value);
    sizes.delta += uv_bytes(zigzagged(value - before));
    differing |= value ^ values[0];
    before = value;
  }
  sizes.constant = differing == 0;
  return sizes;
}

bool all_equal(std::span<const std::uint64_t> values) noexcept {
  return std::all_of(values.begin(), values.end(), [first = values[0]](std::uint64_t v) { return v == first; });
}

/// The bytes of one value as they read back: sign- or zero-extended from the type's width.
inline std::uint64_t extend(ArgType type, std::size_t width, std::uint64_t value) noexcept {
  const unsigned unused = 64 - 8 * static_cast<unsigned>(width);
  const std::uint64_t high = value << unused;
  return is_signed_integer(type) ? static_cast<std::uint64_t>(static_cast<std::int64_t>(high) >> unused)
                                 : high >> unused;
}

template <class T> void read_raw(const std::byte* in, std::vector<std::uint64_t>& out) noexcept {
  for (std::uint64_t& value : out) {
    T narrow;
    std::memcpy(&narrow, in, sizeof(T));
    in += sizeof(T);
    value = static_cast<std::uint64_t>(narrow);  // sign-extends where T is signed
  }
}

bool decode_raw(ArgType type, std::span<const std::byte> bytes, std::vector<std::uint64_t>& out) {
  const std::size_t width = fixed_size(type);
  if (bytes.size() != width * out.size()) return false;
  const bool negative = is_signed_integer(type);
  switch (width) {
    case 1:
      negative ? read_raw<std::int8_t>(bytes.data(), out) : read_raw<std::uint8_t>(bytes.data(), out);
      break;
    case 2:
      negative ? read_raw<std::int16_t>(bytes.data(), out) : read_raw<std::uint16_t>(bytes.data(), out);
      break;
    case 4:
      negative ? read_raw<std::int32_t>(bytes.data(), out) : read_raw<std::uint32_t>(bytes.data(), out);
      break;
    default:
      read_raw<std::uint64_t>(bytes.data(), out);
  }
  return true;
}

bool decode_constant(ArgType type, std::span<const std::byte> bytes, std::vector<std::uint64_t>& out) {
  const std::size_t width = fixed_size(type);
  if (bytes.size() != width) return false;
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), width);
  std::fill(out.begin(), out.end(), extend(type, width, value));
  return true;
}

/// Reads one LEB128 number of at most 64 bits; null when there is none.
inline const std::byte* read_uv(const std::byte* in, const std::byte* end, std::uint64_t& value) noexcept {
  std::uint64_t result = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (in == end) return nullptr;
    const auto byte = static_cast<std::uint8_t>(*in++);
    if (shift == 63 && byte > 1) return nullptr;
    result |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      value = result;
      return in;
    }
  }
}

enum class Step : std::uint8_t { unsigned_value, signed_value, delta };

template <Step Kind> bool decode_varint(std::span<const std::byte> bytes, std::vector<std::uint64_t>& out) {
  const std::byte* in = bytes.data();
  const std::byte* const end = in + bytes.size();
  std::uint64_t before = 0;
  for (std::uint64_t& value : out) {
    std::uint64_t read = 0;
    if (in != end && static_cast<std::uint8_t>(*in) < 0x80) {  // most values take one byte
      read = static_cast<std::uint8_t>(*in++);
    } else if ((in = read_uv(in, end, read)) == nullptr) {
      return false;
    }
    if constexpr (Kind != Step::unsigned_value) read = static_cast<std::uint64_t>(unzigzag(read));
    if constexpr (Kind == Step::delta) before = read += before;
    value = read;
  }
  return in == end;
}

/// Whether every value is one that its type can hold.
bool all_fit(ArgType type, std::span<const std::uint64_t> values) noexcept {
  const std::size_t width = fixed_size(type);
  if (width == 8) return true;
  std::uint64_t differing = 0;
  for (const std::uint64_t value : values) differing |= extend(type, width, value) ^ value;
  return differing == 0;
}

}  // namespace

Encoding encode_numbers(ArgType type, std::span<const std::uint64_t> values, std::string& out) {
  const std::size_t width = fixed_size(type);
  const std::uint64_t raw = width * values.size();
  Sizes sizes{raw + 1, raw + 1, false};
  if (is_float(type)) {
    sizes.constant = all_equal(values);
  } else {
    sizes = is_signed_integer(type) ? size_up<true>(values) : size_up<false>(values);
  }
  if (sizes.constant) {
    encode_raw(width, values.first(1), out);
    return Encoding::constant;
  }
  if (raw < sizes.varint && raw < sizes.delta) {
    encode_raw(width, values, out);
    return Encoding::raw;
  }
  out.resize(static_cast<std::size_t>(std::min(sizes.varint, sizes.delta)));
  char* to = out.data();
  if (sizes.varint <= sizes.delta) {
    if (is_signed_integer(type)) {
      for (const std::uint64_t value : values) to = write_uv(to, zigzagged(value));
    } else {
      for (const std::uint64_t value : values) to = write_uv(to, value);
    }
    return Encoding::varint;
  }
  std::uint64_t before = 0;
  for (const std::uint64_t value : values) {
    to = write_uv(to, zigzagged(value - before));
    before = value;
  }
  return Encoding::delta;
}

bool decode_numbers(ArgType type, Encoding encoding, std::span<const std::byte> bytes, std::uint64_t count,
                    std::vector<std::uint64_t>& out) {
  if (encoding != Encoding::constant && count > bytes.size()) return false;  // each value takes a byte at least
  out.resize(static_cast<std::size_t>(count));
  switch (encoding) {
    case Encoding::raw:
      return decode_raw(type, bytes, out);
    case Encoding::constant:
      return decode_constant(type, bytes, out);
    case Encoding::varint:
      return (is_signed_integer(type) ? decode_varint<Step::signed_value>(bytes, out)
                                      : decode_varint<Step::unsigned_value>(bytes, out)) &&
             all_fit(type, out);
    case Encoding::delta:
      return decode_varint<Step::delta>(bytes, out) && all_fit(type, out);
    default:
      return false;
  }
}

}  // namespace lmlog::formats
