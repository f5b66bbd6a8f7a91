// SPDX-License-Identifier: Apache-2.0
// Reads argument values: fixed ones at their offsets, variable ones by walking the length words.
#include "decoder/render/values.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "lmlog/formats/described_value.hpp"

namespace lmlog::decoder {

using formats::ArgType;

namespace {

template <class T> std::uint64_t load_as(const std::byte* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return static_cast<std::uint64_t>(value);  // a signed type is sign-extended
}

std::uint64_t load_fixed(ArgType type, const std::byte* from) noexcept {
  switch (type) {
    case ArgType::boolean:
    case ArgType::character:
    case ArgType::u8:
      return load_as<std::uint8_t>(from);
    case ArgType::i8:
      return load_as<std::int8_t>(from);
    case ArgType::i16:
      return load_as<std::int16_t>(from);
    case ArgType::u16:
      return load_as<std::uint16_t>(from);
    case ArgType::i32:
      return load_as<std::int32_t>(from);
    case ArgType::u32:
    case ArgType::f32:
      return load_as<std::uint32_t>(from);
    default:
      return load_as<std::uint64_t>(from);
  }
}

}  // namespace

ArgumentLayout ArgumentLayout::of(const formats::Statement& statement) {
  ArgumentLayout layout;
  layout.places.reserve(statement.arguments.size());
  for (const auto& argument : statement.arguments) {
    auto& place = layout.places.emplace_back();
    place.type = argument.type();
    place.offset = layout.fixed_bytes;
    if (auto described = formats::described_type(argument.type(), argument.description)) {
      layout.descriptions.push_back(std::make_unique<const formats::TypeDescription>(*std::move(described)));
      place.described = layout.descriptions.back().get();
    }
    layout.fixed_bytes += static_cast<std::uint32_t>(formats::fixed_size(argument.type()));
  }
  return layout;
}

bool Values::load(const ArgumentLayout& layout, std::span<const std::byte> body, const std::vector<bool>* unreadable) {
  count_ = 0;
  any_truncated_ = false;
  if (body.size() < layout.fixed_bytes) return false;
  std::size_t variable_at = layout.fixed_bytes;
  std::size_t i = 0;
  for (const auto& place : layout.places) {
    Value& value = values_[i];
    value.type = place.type;
    value.is_unreadable = unreadable != nullptr && (*unreadable)[i];
    value.is_truncated = false;
    value.described = place.described;
    float_lengths_[i] = 0;
    ++i;
    if (!formats::is_variable(place.type)) {
      value.bits = load_fixed(place.type, body.data() + place.offset);
      continue;
    }
    if (body.size() - variable_at < sizeof(std::uint32_t)) return false;
    std::uint32_t word;
    std::memcpy(&word, body.data() + variable_at, sizeof(word));
    variable_at += sizeof(word);
    const std::size_t length = word & formats::kLengthMask;
    value.is_truncated = (word & formats::kTruncatedBit) != 0;
    any_truncated_ |= value.is_truncated;
    if (length > body.size() - variable_at) return false;
    value.text = {reinterpret_cast<const char*>(body.data() + variable_at), length};
    variable_at += length;
    if (place.type == ArgType::structured && place.described != nullptr &&
        !formats::value_fits(*place.described, std::as_bytes(std::span(value.text.data(), length)), value.is_truncated))
      value.described = nullptr;
  }
  count_ = i;
  return true;
}

std::string_view Values::float_text(std::size_t i) {
  auto& text = float_texts_[i];
  if (float_lengths_[i] == 0) {
    const Value& value = values_[i];
    char* const end = value.type == ArgType::f32
                          ? fmt::format_to(text.data(), FMT_COMPILE("{}"),
                                           std::bit_cast<float>(static_cast<std::uint32_t>(value.bits)))
                          : fmt::format_to(text.data(), FMT_COMPILE("{}"), std::bit_cast<double>(value.bits));
    float_lengths_[i] = static_cast<std::uint8_t>(end - text.data());
  }
  return {text.data(), float_lengths_[i]};
}

}  // namespace lmlog::decoder
