// SPDX-License-Identifier: Apache-2.0
// The value of a captured record's field, with its type kept.
#pragma once

#include <concepts>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace lmlog::testing {

/// A value of several parts (a container, a struct, an empty optional) as JSON, as lmlog-decode prints it.
struct Json {
  std::string text;
  friend bool operator==(const Json&, const Json&) = default;
};

/// One of the types below: integers are std::int64_t, or std::uint64_t above its maximum; floats are double; text, and
/// all that is written as text (a char, a pointer, a path, NaN) is std::string.
/// Compares with numbers, bool and text: `record.field("px") == 48.5`. Values of different types are not equal, but
/// integers of whatever type are compared by value.
class Value {
 public:
  using Variant = std::variant<bool, std::int64_t, std::uint64_t, double, std::string, Json>;

  Value() = default;
  explicit Value(Variant value) : value_(std::move(value)) {}

  [[nodiscard]] const Variant& variant() const noexcept { return value_; }
  template <class T> [[nodiscard]] bool is() const noexcept { return std::holds_alternative<T>(value_); }

  // Each throws std::logic_error, with the value in its text, when the value has another type or does not fit.
  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] std::int64_t as_int64() const;
  [[nodiscard]] std::uint64_t as_uint64() const;
  [[nodiscard]] double as_double() const;
  [[nodiscard]] const std::string& as_string() const;

  /// Of any type, as JSON.
  [[nodiscard]] std::string json() const;

  friend bool operator==(const Value&, const Value&) = default;
  friend bool operator==(const Value& value, std::string_view text) noexcept {
    const auto* const own = std::get_if<std::string>(&value.value_);
    return own != nullptr && *own == text;
  }
  friend bool operator==(const Value& value, const char* text) noexcept { return value == std::string_view(text); }
  template <class T>
  requires std::is_arithmetic_v<T>
  friend bool operator==(const Value& value, T number) noexcept {
    if constexpr (std::same_as<T, bool>) {
      const auto* const own = std::get_if<bool>(&value.value_);
      return own != nullptr && *own == number;
    } else if constexpr (std::floating_point<T>) {
      // A float was widened when it was captured, as `number` is here.
      const auto* const own = std::get_if<double>(&value.value_);
      return own != nullptr && *own <= static_cast<double>(number) && *own >= static_cast<double>(number);
    } else {
      if (const auto* const own = std::get_if<std::int64_t>(&value.value_))
        return *own < 0 ? number < T{0} && static_cast<std::int64_t>(number) == *own
                        : !(number < T{0}) && static_cast<std::uint64_t>(number) == static_cast<std::uint64_t>(*own);
      const auto* const own = std::get_if<std::uint64_t>(&value.value_);
      return own != nullptr && !(number < T{0}) && static_cast<std::uint64_t>(number) == *own;
    }
  }
  friend std::ostream& operator<<(std::ostream& out, const Value& value) { return out << value.json(); }

 private:
  Variant value_;
};

}  // namespace lmlog::testing
