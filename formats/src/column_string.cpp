// SPDX-License-Identifier: Apache-2.0
// Encoder and decoder of string columns.
#include "formats/src/column_string.hpp"

#include <algorithm>
#include <cstring>

#include "lmlog/formats/byte_io.hpp"

namespace lmlog::formats {
namespace {

std::uint64_t code_of(const StringValue& value) noexcept {
  return std::uint64_t{value.length()} * 2 + (value.truncated() ? 1 : 0);
}

void append_uv(std::uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void append_entry(const StringValue& value, std::string& out) {
  append_uv(code_of(value), out);
  out.append(value.data, value.length());
}

template <class T> void append_indices(const std::vector<std::uint32_t>& indices, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + indices.size() * sizeof(T));
  char* to = out.data() + begin;
  for (const std::uint32_t index : indices) {
    const T narrow = static_cast<T>(index);
    std::memcpy(to, &narrow, sizeof(T));
    to += sizeof(T);
  }
}

void encode_dictionary(const StringDictionary& dictionary, std::string& out) {
  const auto& entries = dictionary.entries();
  append_uv(entries.size(), out);
  for (const StringValue& entry : entries) append_entry(entry, out);
  const char width = entries.size() <= 0x100 ? 1 : entries.size() <= 0x10000 ? 2 : 4;
  out.push_back(width);
  if (width == 1) append_indices<std::uint8_t>(dictionary.indices(), out);
  if (width == 2) append_indices<std::uint16_t>(dictionary.indices(), out);
  if (width == 4) append_indices<std::uint32_t>(dictionary.indices(), out);
}

void encode_plain(std::span<const StringValue> values, std::string& out) {
  std::size_t bytes = 0;
  for (const StringValue& value : values) {
    append_uv(code_of(value), out);
    bytes += value.length();
  }
  std::size_t at = out.size();
  out.resize(at + bytes);
  for (const StringValue& value : values) {
    if (value.length() != 0) std::memcpy(out.data() + at, value.data, value.length());
    at += value.length();
  }
}

/// A string of a dictionary or a constant.
struct Entry {
  std::string_view text;
  bool truncated;
};

Entry take_entry(ByteReader& in) noexcept {
  const std::uint64_t code = in.uv();
  return {in.text(code / 2), code % 2 != 0};
}

bool decode_constant(ByteReader& in, std::vector<std::string_view>& out, std::vector<bool>& truncated) {
  const Entry entry = take_entry(in);
  if (!in.ok() || in.left() != 0) return false;
  std::fill(out.begin(), out.end(), entry.text);
  if (entry.truncated) truncated.assign(out.size(), true);
  return true;
}

bool decode_plain(ByteReader in, std::vector<std::string_view>& out, std::vector<bool>& truncated) {
  ByteReader codes = in;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t length = in.uv() / 2;
    if (!in.ok() || length > in.left()) return false;
    total += length;
  }
  if (total != in.left()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t code = codes.uv();
    out[i] = in.text(code / 2);
    if (code % 2 == 0) continue;
    truncated.resize(out.size());
    truncated[i] = true;
  }
  return true;
}

template <class T>
bool decode_indices(std::span<const std::byte> bytes, const std::vector<Entry>& entries,
                    std::vector<std::string_view>& out, std::vector<bool>& truncated) {
  if (bytes.size() != out.size() * sizeof(T)) return false;
  bool any_truncated = false;
  for (const Entry& entry : entries) any_truncated |= entry.truncated;
  if (any_truncated) truncated.resize(out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    T index;
    std::memcpy(&index, bytes.data() + i * sizeof(T), sizeof(T));
    if (index >= entries.size()) return false;
    out[i] = entries[index].text;
    if (any_truncated) truncated[i] = entries[index].truncated;
  }
  return true;
}

bool decode_dictionary(ByteReader& in, std::vector<std::string_view>& out, std::vector<bool>& truncated) {
  const std::uint64_t count = in.count(1);
  if (count > out.size()) return false;  // no value would use the rest: bounds the memory
  std::vector<Entry> entries;
  entries.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    entries.push_back(take_entry(in));
    if (!in.ok()) return false;
  }
  const auto width = in.take<std::uint8_t>();
  const auto indices = in.bytes(in.left());
  if (!in.ok()) return false;
  if (width == 1) return decode_indices<std::uint8_t>(indices, entries, out, truncated);
  if (width == 2) return decode_indices<std::uint16_t>(indices, entries, out, truncated);
  if (width == 4) return decode_indices<std::uint32_t>(indices, entries, out, truncated);
  return false;
}

}  // namespace

Encoding StringEncoder::encode(std::span<const StringValue> values, std::string& out) {
  out.clear();
  if (values.size() == 1) {
    append_entry(values[0], out);
    return Encoding::constant;
  }
  if (!dictionary_.build(values)) {
    encode_plain(values, out);
    return Encoding::plain;
  }
  if (dictionary_.entries().size() == 1) {
    append_entry(values[0], out);
    return Encoding::constant;
  }
  encode_dictionary(dictionary_, out);
  return Encoding::dictionary;
}

bool decode_strings(Encoding encoding, std::span<const std::byte> bytes, std::uint64_t count,
                    std::vector<std::string_view>& out, std::vector<bool>& truncated) {
  truncated.clear();
  if (encoding != Encoding::constant && count > bytes.size()) return false;  // each value takes a byte at least
  out.resize(static_cast<std::size_t>(count));
  ByteReader in(bytes);
  switch (encoding) {
    case Encoding::constant:
      return decode_constant(in, out, truncated);
    case Encoding::plain:
      return decode_plain(in, out, truncated);
    case Encoding::dictionary:
      return decode_dictionary(in, out, truncated);
    default:
      return false;
  }
}

}  // namespace lmlog::formats
