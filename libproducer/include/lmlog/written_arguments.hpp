// SPDX-License-Identifier: Apache-2.0
// How the arguments of a statement are called in the source: of `"{}", user.password, size(x)` the first is `password`,
// the second has no name. At compile time, from the text of the macro's arguments.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace lmlog::detail {

[[nodiscard]] consteval bool is_word_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

[[nodiscard]] consteval std::string_view without_blanks(std::string_view text) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Behind the literal that begins at `begin`.
[[nodiscard]] consteval std::size_t end_of_literal(std::string_view text, std::size_t begin) noexcept {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == text[begin]) return i + 1;
    if (text[i] == '\\') ++i;
  }
  return text.size();
}

/// The variable or member that the expression is, also behind `*`, `&` and `"field"_k =`, or as a C string; else empty.
[[nodiscard]] consteval std::string_view name_of_expression(std::string_view text) noexcept {
  text = without_blanks(text);
  if (text.starts_with('"')) {
    const std::size_t equals = text.find('=', end_of_literal(text, 0));
    if (equals == text.npos) return {};
    text = without_blanks(text.substr(equals + 1));
  }
  for (const std::string_view call : {".c_str()", ".data()"}) {
    if (text.ends_with(call)) text.remove_suffix(call.size());
  }
  std::size_t begin = text.size();
  while (begin > 0 && is_word_character(text[begin - 1])) --begin;
  const std::string_view name = text.substr(begin);
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return {};
  const std::string_view before = without_blanks(text.substr(0, begin));
  const bool is_member = before.ends_with('.') || before.ends_with("->") || before.ends_with("::");
  return is_member || before.find_first_not_of("*& ") == before.npos ? name : std::string_view{};
}

/// Behind the format string where the text begins with it letter by letter, which a compiler sees at a glance; else 0.
[[nodiscard]] constexpr std::size_t end_of_format(std::string_view text, std::string_view format) noexcept {
  const std::size_t end = format.size() + 2;
  const bool is_alike = !format.empty() && text.size() >= end && text[0] == '"' && text[end - 1] == '"' &&
                        __builtin_memcmp(text.data() + 1, format.data(), format.size()) == 0;
  return is_alike ? end : 0;
}

/// Of N arguments behind the format string; all empty where the text is not understood (raw strings, commas between
/// angle brackets), or very long.
template <std::size_t N>
[[nodiscard]] consteval std::array<std::string_view, N> names_of_arguments(std::string_view text,
                                                                           std::string_view format = {}) noexcept {
  constexpr std::size_t kLongest = 4096;  // a compiler counts our steps
  std::array<std::string_view, N> names{};
  if (N == 0 || text.size() > kLongest) return names;
  std::size_t count = 0;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = end_of_format(text, format); i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == ',' && (depth == 0 || i == text.size())) {
      if (count > N) return {};
      if (count > 0) names[count - 1] = name_of_expression(text.substr(begin, i - begin));
      ++count;
      begin = i + 1;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    } else if (c == '"' || (c == '\'' && (i == 0 || !is_word_character(text[i - 1])))) {  // 1'000 is a number
      if (i > 0 && text[i - 1] == 'R') return {};
      i = end_of_literal(text, i) - 1;
    }
  }
  return names;
}

/// The same of a statement's site, which has the text if its macro gives it.
template <class Site, std::size_t N>
[[nodiscard]] consteval std::array<std::string_view, N> names_as_written() noexcept {
  if constexpr (requires { Site::written(); })
    return names_of_arguments<N>(Site::written(), Site::text().format);
  else
    return {};
}

}  // namespace lmlog::detail
