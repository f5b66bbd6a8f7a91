// SPDX-License-Identifier: Apache-2.0
// Parses a log statement's format string against the shapes of its arguments, at compile time: names, placeholder
// count, format specs. Implements "Format strings" of formats/spec/registry.md; statement.hpp turns a verdict into a
// message. Statements made at run time go through the same parser.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

#include <lmlog/argument.hpp>
#include <lmlog/type_spec.hpp>

namespace lmlog::detail {

enum class FormatVerdict : unsigned char {
  good,
  unsupported_type,
  other_clock,
  empty_elements,
  too_complex,
  unbalanced_braces,
  positional_index,
  nested_field,
  bad_name,
  too_few_arguments,
  too_many_arguments,
  bad_spec,
  spec_does_not_fit,
  bad_field_name,
  duplicate_name,
  too_long,
  too_many,
};

inline constexpr std::size_t kMaxFormatBytes = 65535;  // an entry of the catalog is bounded, see shm-abi.md §4
inline constexpr std::size_t kMaxFieldName = 255;
inline constexpr std::size_t kMaxArguments = 255;  // the catalog counts them in one byte

/// False for a macro's first argument of type T that surely is no constant text: a value, a string that can change.
/// (The compiler itself finds the others, in words of its own.)
template <class T>
inline constexpr bool kMayBeFormat =
    std::is_convertible_v<T, std::string_view>&& std::is_trivially_destructible_v<std::remove_reference_t<T>> &&
    (!std::is_lvalue_reference_v<T> || std::is_const_v<std::remove_reference_t<T>>);

/// The arguments of a statement with the names that the format string gives them.
template <std::size_t N> struct CheckedFormat {
  FormatVerdict verdict = FormatVerdict::good;
  std::array<ArgumentShape, N> arguments{};
};

[[nodiscard]] constexpr bool is_name(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
  }
  return !text.empty();
}

/// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] constexpr bool is_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t extra = lead < 0x80   ? 0
                              : lead < 0xC2 ? 4
                              : lead < 0xE0 ? 1
                              : lead < 0xF0 ? 2
                              : lead < 0xF5 ? 3
                                            : 4;
    if (extra == 4 || i + extra >= text.size()) return false;
    for (std::size_t k = 1; k <= extra; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    const auto second = extra == 0 ? 0 : static_cast<unsigned char>(text[i + 1]);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
        (lead == 0xF4 && second > 0x8F))
      return false;
    i += extra + 1;
  }
  return true;
}

/// The key under which a reader shows an argument: its own name, or its index in decimal.
[[nodiscard]] constexpr bool same_key(const ArgumentShape& a, std::size_t a_index, const ArgumentShape& b,
                                      std::size_t b_index) noexcept {
  const auto is_index = [](std::string_view name, std::size_t index) {
    std::size_t value = 0;
    for (const char c : name) {
      if (c < '0' || c > '9' || value > kMaxArguments) return false;
      value = value * 10 + static_cast<std::size_t>(c - '0');
    }
    return !name.empty() && !(name.size() > 1 && name[0] == '0') && value == index;
  };
  if (a.name.empty() && b.name.empty()) return false;
  if (a.name.empty()) return is_index(b.name, a_index);
  if (b.name.empty()) return is_index(a.name, b_index);
  return a.name == b.name;
}

[[nodiscard]] constexpr FormatVerdict verdict_of(TypeVerdict verdict) noexcept {
  switch (verdict) {
    case TypeVerdict::other_clock:
      return FormatVerdict::other_clock;
    case TypeVerdict::empty_elements:
      return FormatVerdict::empty_elements;
    case TypeVerdict::too_complex:
      return FormatVerdict::too_complex;
    default:
      return FormatVerdict::unsupported_type;
  }
}

class FormatParser {
 public:
  /// `arguments` get their names from the placeholders.
  constexpr FormatParser(std::string_view format, std::span<ArgumentShape> arguments) noexcept
      : format_(format), arguments_(arguments) {}

  [[nodiscard]] constexpr FormatVerdict parse() noexcept {
    if (arguments_.size() > kMaxArguments) return FormatVerdict::too_many;
    if (format_.size() > kMaxFormatBytes) return FormatVerdict::too_long;
    for (const ArgumentShape& argument : arguments_) {
      if (argument.type == ArgType{}) return verdict_of(argument.verdict);
      if (argument.is_field &&
          (argument.name.empty() || argument.name.size() > kMaxFieldName || !is_utf8(argument.name)))
        return FormatVerdict::bad_field_name;
    }
    while (!format_.empty()) {
      const FormatVerdict verdict = step();
      if (verdict != FormatVerdict::good) return verdict;
    }
    skip_fields();
    if (next_ < arguments_.size()) return FormatVerdict::too_many_arguments;
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      for (std::size_t k = i + 1; k < arguments_.size(); ++k) {
        if (same_key(arguments_[i], i, arguments_[k], k)) return FormatVerdict::duplicate_name;
      }
    }
    return FormatVerdict::good;
  }

 private:
  constexpr void skip_fields() noexcept {
    while (next_ < arguments_.size() && arguments_[next_].is_field) ++next_;
  }

  /// Steps over plain text, a doubled brace or one placeholder.
  constexpr FormatVerdict step() noexcept {
    const std::size_t brace = format_.find_first_of("{}");
    if (brace == std::string_view::npos) {
      format_ = {};
      return FormatVerdict::good;
    }
    const char c = format_[brace];
    format_.remove_prefix(brace + 1);
    if (!format_.empty() && format_[0] == c) {
      format_.remove_prefix(1);
      return FormatVerdict::good;
    }
    if (c == '}') return FormatVerdict::unbalanced_braces;
    const std::size_t end = format_.find_first_of("{}");
    if (end == std::string_view::npos) return FormatVerdict::unbalanced_braces;
    if (format_[end] == '{')
      return position_of(format_.substr(0, end), ':') == std::string_view::npos ? FormatVerdict::unbalanced_braces
                                                                                : FormatVerdict::nested_field;
    const std::string_view inside = format_.substr(0, end);
    format_.remove_prefix(end + 1);
    return placeholder(inside);
  }

  constexpr FormatVerdict placeholder(std::string_view inside) noexcept {
    const std::size_t colon = position_of(inside, ':');
    const std::string_view name = inside.substr(0, colon);
    if (!name.empty() && name[0] >= '0' && name[0] <= '9') return FormatVerdict::positional_index;
    if (!name.empty() && (!is_name(name) || name.size() > kMaxFieldName)) return FormatVerdict::bad_name;
    skip_fields();
    if (next_ == arguments_.size()) return FormatVerdict::too_few_arguments;
    ArgumentShape& argument = arguments_[next_++];
    argument.name = name;
    const std::string_view spec = colon == std::string_view::npos ? std::string_view{} : inside.substr(colon + 1);
    switch (check_spec(argument.type, argument.description, spec)) {
      case SpecVerdict::malformed:
        return FormatVerdict::bad_spec;
      case SpecVerdict::does_not_fit:
        return FormatVerdict::spec_does_not_fit;
      case SpecVerdict::fits:
        break;
    }
    return FormatVerdict::good;
  }

  std::string_view format_;
  std::span<ArgumentShape> arguments_;
  std::size_t next_ = 0;
};

template <std::size_t N>
[[nodiscard]] constexpr CheckedFormat<N> check_format(std::string_view format,
                                                      const std::array<ArgumentShape, N>& arguments) noexcept {
  CheckedFormat<N> out{FormatVerdict::good, arguments};
  out.verdict = FormatParser(format, out.arguments).parse();
  return out;
}

}  // namespace lmlog::detail
