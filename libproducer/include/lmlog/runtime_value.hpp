// SPDX-License-Identifier: Apache-2.0
// A value whose type is known only at run time, for RuntimeSite and the C interface.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include <lmlog/formats/registry.hpp>

namespace lmlog {

/// boolean, character, i8 … u64, f32, f64, pointer, string (formats/spec/registry.md). `structured` is not for
/// statements that are made at run time.
using ValueType = formats::ArgType;

/// Text is a view: it lives as long as the log call..
class RuntimeValue {
 public:
  constexpr RuntimeValue(bool value) noexcept : type_(ValueType::boolean), bits_(value ? 1 : 0) {}  // NOLINT: implicit
  constexpr RuntimeValue(char value) noexcept                                                       // NOLINT
      : type_(ValueType::character), bits_(static_cast<unsigned char>(value)) {}
  template <std::integral T>
  requires(sizeof(T) <= 8 && !std::is_same_v<T, wchar_t> && !std::is_same_v<T, char8_t> &&
           !std::is_same_v<T, char16_t> &&
           !std::is_same_v<T, char32_t>) constexpr RuntimeValue(T value) noexcept  // NOLINT
      : type_(std::is_signed_v<T> ? ValueType::i64 : ValueType::u64), bits_(static_cast<std::uint64_t>(value)) {}
  RuntimeValue(double value) noexcept : type_(ValueType::f64) {  // NOLINT
    std::memcpy(&bits_, &value, sizeof(bits_));
  }
  RuntimeValue(const void* value) noexcept  // NOLINT
      : type_(ValueType::pointer), bits_(reinterpret_cast<std::uintptr_t>(value)) {}
  constexpr RuntimeValue(std::nullptr_t) noexcept : type_(ValueType::pointer) {}                       // NOLINT
  constexpr RuntimeValue(std::string_view value) noexcept : type_(ValueType::string), text_(value) {}  // NOLINT
  template <class T>
  requires(std::is_convertible_v<const T&, std::string_view> &&
           !std::is_pointer_v<T>) constexpr RuntimeValue(const T& value) noexcept
      : RuntimeValue(std::string_view(value)) {}  // NOLINT
  /// Null prints as "(null)", as in the macros.
  constexpr RuntimeValue(const char* value) noexcept  // NOLINT
      : RuntimeValue(value != nullptr ? std::string_view(value) : std::string_view("(null)")) {}

  /// boolean, character, i64, u64, f64, pointer or string.
  [[nodiscard]] constexpr ValueType type() const noexcept { return type_; }
  /// Of every type but string: two's complement, IEEE 754, or the address.
  [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

  /// Whether an argument of the declared type can carry this value: integers in every integer type that holds them,
  /// floats in f32 (rounded) and f64, everything else in its own type alone.
  [[nodiscard]] constexpr bool fits(ValueType declared) const noexcept {
    switch (declared) {
      case ValueType::i8:
        return is_between(-0x80, 0x7F);
      case ValueType::i16:
        return is_between(-0x8000, 0x7FFF);
      case ValueType::i32:
        return is_between(-0x80000000LL, 0x7FFFFFFFLL);
      case ValueType::i64:
        return is_between(INT64_MIN, INT64_MAX);
      case ValueType::u8:
        return is_at_most(0xFF);
      case ValueType::u16:
        return is_at_most(0xFFFF);
      case ValueType::u32:
        return is_at_most(0xFFFFFFFF);
      case ValueType::u64:
        return is_at_most(UINT64_MAX);
      case ValueType::f32:
      case ValueType::f64:
        return type_ == ValueType::f64;
      default:
        return type_ == declared;
    }
  }

 private:
  [[nodiscard]] constexpr bool is_between(std::int64_t least, std::int64_t most) const noexcept {
    if (type_ == ValueType::u64) return bits_ <= static_cast<std::uint64_t>(most);
    const auto value = static_cast<std::int64_t>(bits_);
    return type_ == ValueType::i64 && value >= least && value <= most;
  }
  [[nodiscard]] constexpr bool is_at_most(std::uint64_t most) const noexcept {
    if (type_ == ValueType::i64 && static_cast<std::int64_t>(bits_) < 0) return false;
    return (type_ == ValueType::i64 || type_ == ValueType::u64) && bits_ <= most;
  }

  ValueType type_;
  std::uint64_t bits_ = 0;
  std::string_view text_{};
};

}  // namespace lmlog
