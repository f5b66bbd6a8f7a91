// SPDX-License-Identifier: Apache-2.0
// The simple argument types, numbers and text: the wire type and the wire value that each becomes in a record.
// Implements the table of "Arguments" in formats/spec/registry.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include <lmlog/formats/registry.hpp>

namespace lmlog::detail {

using formats::ArgType;

template <class T>
inline constexpr bool kIsText = std::is_class_v<T>&& std::is_convertible_v<const T&, std::string_view>;

template <class T>
inline constexpr bool kIsWideCharacter = std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
                                         std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;

template <class T> [[nodiscard]] consteval ArgType integer_type() noexcept {
  if constexpr (sizeof(T) == 1) return std::is_signed_v<T> ? ArgType::i8 : ArgType::u8;
  if constexpr (sizeof(T) == 2) return std::is_signed_v<T> ? ArgType::i16 : ArgType::u16;
  if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? ArgType::i32 : ArgType::u32;
  if constexpr (sizeof(T) == 8) return std::is_signed_v<T> ? ArgType::i64 : ArgType::u64;
  return ArgType{};
}

/// The wire type of an argument of type T (without reference and cv); ArgType{} when it cannot be logged.
template <class T> [[nodiscard]] consteval ArgType wire_type() noexcept {
  if constexpr (std::is_same_v<T, bool>) {
    return ArgType::boolean;
  } else if constexpr (std::is_same_v<T, char>) {
    return ArgType::character;
  } else if constexpr (kIsWideCharacter<T>) {
    return ArgType{};
  } else if constexpr (std::is_enum_v<T>) {
    return wire_type<std::underlying_type_t<T>>();
  } else if constexpr (std::is_integral_v<T>) {
    return integer_type<T>();
  } else if constexpr (std::is_same_v<T, float>) {
    return ArgType::f32;
  } else if constexpr (std::is_same_v<T, double> || std::is_same_v<T, long double>) {
    return ArgType::f64;
  } else if constexpr (std::is_null_pointer_v<T>) {
    return ArgType::pointer;
  } else if constexpr (std::is_pointer_v<std::decay_t<T>>) {
    using Pointee = std::remove_cv_t<std::remove_pointer_t<std::decay_t<T>>>;
    if constexpr (std::is_same_v<Pointee, char>) return ArgType::string;
    if constexpr (std::is_array_v<T> || kIsWideCharacter<Pointee>) return ArgType{};
    return ArgType::pointer;
  } else if constexpr (kIsText<T>) {
    return ArgType::string;
  } else {
    return ArgType{};
  }
}

/// What the encoder copies: a scalar of the wire type's size, or a view of text that lives as long as the log call.
template <class T> [[nodiscard, gnu::always_inline]] inline auto wire_value(const T& value) noexcept {
  constexpr ArgType type = wire_type<T>();
  if constexpr (std::is_array_v<T>) {  // a character array: up to its terminator, or its end
    return std::string_view(value, ::strnlen(value, sizeof(T)));
  } else if constexpr (type == ArgType::string && std::is_pointer_v<T>) {
    return value == nullptr ? std::string_view("(null)") : std::string_view(value);
  } else if constexpr (type == ArgType::string) {
    return static_cast<std::string_view>(value);
  } else if constexpr (std::is_null_pointer_v<T>) {
    return std::uint64_t{0};
  } else if constexpr (type == ArgType::pointer) {
    static_assert(sizeof(std::uintptr_t) == formats::fixed_size(ArgType::pointer));
    return reinterpret_cast<std::uintptr_t>(value);
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<std::underlying_type_t<T>>(value);
  } else if constexpr (type == ArgType::f64) {
    return static_cast<double>(value);  // a long double loses what no decoder could show
  } else {
    return value;
  }
}

}  // namespace lmlog::detail
