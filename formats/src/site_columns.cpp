// SPDX-License-Identifier: Apache-2.0
// Gathering by tiles: a tile's records stay in the L1 cache while argument after argument is taken from them.
#include "formats/src/site_columns.hpp"

#include <algorithm>
#include <cstring>

#include "lmlog/formats/record.hpp"

namespace lmlog::formats {
namespace {

constexpr std::size_t kTile = 256;

template <class T> T load(const char* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

bool is_extended(const char* record) noexcept { return load<std::uint32_t>(record + 12) >> 20 == 0; }

const char* body_of(const char* record) noexcept {
  return record + (is_extended(record) ? kExtendedHeaderBytes : kRecordHeaderBytes);
}

template <class T>
void take_numbers(std::span<const char* const> bodies, std::size_t offset, std::uint64_t* out) noexcept {
  for (const char* body : bodies) *out++ = static_cast<std::uint64_t>(load<T>(body + offset));
}

void take_numbers(ArgType type, std::span<const char* const> bodies, std::size_t offset, std::uint64_t* out) noexcept {
  const bool negative = is_signed_integer(type);
  switch (fixed_size(type)) {
    case 1:
      return negative ? take_numbers<std::int8_t>(bodies, offset, out)
                      : take_numbers<std::uint8_t>(bodies, offset, out);
    case 2:
      return negative ? take_numbers<std::int16_t>(bodies, offset, out)
                      : take_numbers<std::uint16_t>(bodies, offset, out);
    case 4:
      return negative ? take_numbers<std::int32_t>(bodies, offset, out)
                      : take_numbers<std::uint32_t>(bodies, offset, out);
    default:
      return take_numbers<std::uint64_t>(bodies, offset, out);
  }
}

template <class T> T from_bits(std::uint64_t bits) noexcept {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

/// T is what the values are compared as, Stored what they are in 64 bits.
template <class T, class Stored> std::string min_max(std::span<const std::uint64_t> values) {
  bool any = false;
  T low{};
  T high{};
  for (const std::uint64_t bits : values) {
    const T value = from_bits<T>(bits);
    if (value != value) continue;  // NaN
    low = any ? std::min(low, value) : value;
    high = any ? std::max(high, value) : value;
    any = true;
  }
  if (!any) return {};
  std::string out;
  const auto item = [&out](char tag, Stored value) {
    out.push_back(tag);
    out.push_back(sizeof(value));
    out.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  item(1, static_cast<Stored>(low));
  item(2, static_cast<Stored>(high));
  return out;
}

}  // namespace

std::string statistics_of(ArgType type, std::span<const std::uint64_t> values) {
  if (type == ArgType::f32) return min_max<float, double>(values);
  if (type == ArgType::f64) return min_max<double, double>(values);
  if (is_signed_integer(type)) return min_max<std::int64_t, std::int64_t>(values);
  return min_max<std::uint64_t, std::uint64_t>(values);
}

void SiteColumns::add(const SiteShape& shape, std::uint32_t site, std::uint32_t run,
                      std::span<const std::uint32_t> order, const char* bytes, FramePacker& packer) {
  const std::size_t arguments = shape.tags.size();
  if (numbers_.size() < arguments) numbers_.resize(arguments);
  if (strings_.size() < arguments) strings_.resize(arguments);
  if (shape.is_kind()) {
    gather_kinds(order, bytes);
  } else {
    gather(shape, order, bytes);
  }
  for (std::uint32_t i = 0; i < arguments; ++i) {
    ColumnEntry entry;
    entry.site = site + 1;
    entry.run = run;
    entry.argument = i;
    entry.type = shape.tags[i];
    entry.values = order.size();
    const auto type = static_cast<ArgType>(entry.type);
    if (is_variable(type)) {
      entry.encoding = static_cast<std::uint8_t>(string_encoder_.encode(strings_[i], encoded_));
    } else {
      entry.encoding = static_cast<std::uint8_t>(encode_numbers(type, numbers_[i], encoded_));
      entry.statistics = statistics_of(type, numbers_[i]);
    }
    packer.add(std::move(entry), encoded_);
  }
}

void SiteColumns::add_block_column(BlockColumn column, ArgType type, std::span<const std::uint64_t> values,
                                   FramePacker& packer) {
  ColumnEntry entry;
  entry.argument = static_cast<std::uint32_t>(column);
  entry.type = static_cast<std::uint8_t>(type);
  entry.values = values.size();
  entry.encoding = static_cast<std::uint8_t>(encode_numbers(type, values, encoded_));
  packer.add(std::move(entry), encoded_);
}

void SiteColumns::gather(const SiteShape& shape, std::span<const std::uint32_t> order, const char* bytes) {
  for (std::size_t i = 0; i < shape.tags.size(); ++i) {
    if (is_variable(static_cast<ArgType>(shape.tags[i]))) {
      strings_[i].resize(order.size());
    } else {
      numbers_[i].resize(order.size());
    }
  }
  for (std::size_t begin = 0; begin < order.size(); begin += kTile) {
    const auto tile = order.subspan(begin, std::min(kTile, order.size() - begin));
    bodies_.clear();
    for (const std::uint32_t offset : tile) bodies_.push_back(body_of(bytes + std::size_t{offset} * 8));
    std::size_t fixed = 0;
    for (std::size_t i = 0; i < shape.tags.size(); ++i) {
      const auto type = static_cast<ArgType>(shape.tags[i]);
      if (is_variable(type)) continue;
      take_numbers(type, bodies_, fixed, numbers_[i].data() + begin);
      fixed += fixed_size(type);
    }
    if (shape.variable_arguments == 0) continue;
    for (const char*& body : bodies_) body += fixed;
    for (std::size_t i = 0; i < shape.tags.size(); ++i) {
      if (!is_variable(static_cast<ArgType>(shape.tags[i]))) continue;
      StringValue* out = strings_[i].data() + begin;
      for (const char*& body : bodies_) {
        const auto word = load<std::uint32_t>(body);
        *out = {body + sizeof(word), word};
        body += sizeof(word) + out->length();
        ++out;
      }
    }
  }
}

void SiteColumns::gather_kinds(std::span<const std::uint32_t> order, const char* bytes) {
  auto& values = strings_[0];
  values.clear();
  for (const std::uint32_t offset : order) {
    const char* record = bytes + std::size_t{offset} * 8;
    const char* body = body_of(record);
    const std::uint64_t length = is_extended(record) ? load<std::uint64_t>(record + kRecordHeaderBytes)
                                                     : std::uint64_t{load<std::uint32_t>(record + 12) >> 20} * 8;
    values.push_back({body, static_cast<std::uint32_t>(length - static_cast<std::uint64_t>(body - record))});
  }
}

}  // namespace lmlog::formats
