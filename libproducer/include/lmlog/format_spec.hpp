// SPDX-License-Identifier: Apache-2.0
// Checks one format spec (what stands behind ':' in a placeholder) against the type of its argument, by libfmt's rules:
// [[fill]align][sign][#][0][width][.precision][L][type]. Runs at compile time.
#pragma once

#include <cstddef>
#include <string_view>

#include <lmlog/formats/registry.hpp>

namespace lmlog::detail {

/// Index of the first `c`, or npos: string_view::find(char) for text that may be a static of a template: with
/// -fsanitize=undefined g++ does not know at compile time that its address is not null.
[[nodiscard]] constexpr std::size_t position_of(std::string_view text, char c) noexcept {
  std::size_t at = 0;
  while (at < text.size() && text[at] != c) ++at;
  return at < text.size() ? at : std::string_view::npos;
}

/// Bytes of the UTF-8 character at the start of `text`, which is not empty; 1 where it is none.
[[nodiscard]] constexpr std::size_t code_point_bytes(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return bytes <= text.size() ? bytes : 1;
}

/// Steps over [[fill]align]; true if there was one.
constexpr bool take_align(std::string_view& rest) noexcept {
  constexpr std::string_view kAligns = "<>^";
  if (rest.empty()) return false;
  const std::size_t fill = code_point_bytes(rest);
  if (fill < rest.size() && kAligns.find(rest[fill]) != std::string_view::npos) {
    rest.remove_prefix(fill + 1);
    return true;
  }
  if (kAligns.find(rest[0]) == std::string_view::npos) return false;
  rest.remove_prefix(1);
  return true;
}

/// Steps over one character of `set`; true if there was one.
constexpr bool take_one_of(std::string_view& rest, std::string_view set) noexcept {
  if (rest.empty() || set.find(rest[0]) == std::string_view::npos) return false;
  rest.remove_prefix(1);
  return true;
}

enum class NumberVerdict : unsigned char { none, good, too_large };

/// Steps over digits, up to libfmt's limit, INT_MAX.
constexpr NumberVerdict take_number(std::string_view& rest) noexcept {
  unsigned long long value = 0;
  NumberVerdict verdict = NumberVerdict::none;
  while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    if (verdict == NumberVerdict::none) verdict = NumberVerdict::good;
    value = value * 10 + static_cast<unsigned>(rest[0] - '0');
    if (value > 2147483647) {
      verdict = NumberVerdict::too_large;
      value = 2147483647;
    }
    rest.remove_prefix(1);
  }
  return verdict;
}

class FormatSpec {
 public:
  /// The grammar alone; `ok()` is false where it is broken.
  constexpr explicit FormatSpec(std::string_view spec) noexcept : rest_(spec) {
    aligned_ = take_align(rest_);
    sign_ = take_one_of(rest_, "+- ");
    alternate_ = take_one_of(rest_, "#");
    zero_ = take_one_of(rest_, "0");
    if (take_number(rest_) == NumberVerdict::too_large) ok_ = false;
    if (take_one_of(rest_, ".")) {
      precision_ = true;
      if (take_number(rest_) != NumberVerdict::good) ok_ = false;
    }
    localized_ = take_one_of(rest_, "L");
    if (!rest_.empty()) {
      type_ = rest_[0];
      rest_.remove_prefix(1);
      if (std::string_view("doxXbBaAeEfFgGcsp?").find(type_) == std::string_view::npos) ok_ = false;
    }
    if (!rest_.empty()) ok_ = false;
  }

  [[nodiscard]] constexpr bool ok() const noexcept { return ok_; }

  [[nodiscard]] constexpr bool fits(formats::ArgType type) const noexcept {
    using formats::ArgType;
    if (!ok_) return false;
    switch (type) {
      case ArgType::string:
        return !has_numeric_flags() && type_is("s?");
      case ArgType::structured:
        return false;
      case ArgType::pointer:
        return !has_numeric_flags() && !precision_ && type_is("p");
      case ArgType::f32:
      case ArgType::f64:
        return type_is("aAeEfFgG");
      case ArgType::boolean:
        return !precision_ && !sign_ && type_is("sdoxXbBc");
      case ArgType::character:
        if (precision_) return false;
        return type_is("c?") ? !sign_ && !alternate_ && !(zero_ && !aligned_) : type_is("doxXbB");
      default:
        return !precision_ && (!sign_ || formats::is_signed_integer(type)) && type_is("doxXbBc");
    }
  }

 private:
  [[nodiscard]] constexpr bool has_numeric_flags() const noexcept { return sign_ || alternate_ || zero_ || localized_; }
  [[nodiscard]] constexpr bool type_is(std::string_view allowed) const noexcept {
    return type_ == '\0' || allowed.find(type_) != std::string_view::npos;
  }

  std::string_view rest_;
  bool ok_ = true;
  bool aligned_ = false;
  bool sign_ = false;
  bool alternate_ = false;
  bool zero_ = false;
  bool precision_ = false;
  bool localized_ = false;
  char type_ = '\0';
};

}  // namespace lmlog::detail
