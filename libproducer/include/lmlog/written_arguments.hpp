// SPDX-License-Identifier: Apache-2.0
// How the arguments of a statement are called in the source: of `"{}", user.password, size(x)` the first is `password`,
// the second has no name. At compile time, from the text of the macro's arguments.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace lmlog::detail {

[[nodiscard]] consteval bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

[[nodiscard]] consteval bool is_word_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
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

/// True for `(a)`, false for `(a).b()`.
[[nodiscard]] consteval bool is_bracketed(std::string_view text) noexcept {
  return text.starts_with('(') && text.ends_with(')') && text.find(')') == text.size() - 1;
}

/// Without `call` and what calls it behind the expression: `a->c_str()` is `a`.
[[nodiscard]] consteval std::string_view without_call(std::string_view text, std::string_view call) noexcept {
  if (!text.ends_with(call)) return text;
  const std::string_view object = without_blanks(text.substr(0, text.size() - call.size()));
  const std::size_t arrow = object.ends_with('.') ? 1 : object.ends_with("->") ? 2 : 0;
  return arrow == 0 ? text : without_blanks(object.substr(0, object.size() - arrow));
}

/// The variable or member that the expression is, also in brackets, behind `*`, `&` and `"field"_k =`, or as a C
/// string; else empty.
[[nodiscard]] consteval std::string_view name_of_expression(std::string_view text) noexcept {
  text = without_blanks(text);
  const std::size_t equals = text.starts_with('"') ? text.find('=', end_of_literal(text, 0)) : text.find(" = ");
  if (equals != text.npos) text = without_blanks(text.substr(text.find('=', equals) + 1));
  for (const std::string_view call : {"c_str()", "data()"}) {
    text = without_call(text, call);
    if (is_bracketed(text)) text = without_call(without_blanks(text.substr(1, text.size() - 2)), call);
  }
  while (text.starts_with('*') || text.starts_with('&')) text = without_blanks(text.substr(1));
  std::size_t begin = text.size();
  while (begin > 0 && is_word_character(text[begin - 1])) --begin;
  const std::string_view name = text.substr(begin);
  const std::string_view before = text.substr(0, begin);
  if (name.empty() || is_digit(name.front()) || before.find(' ') != before.npos) return {};
  const bool is_member = before.ends_with('.') || before.ends_with("->") || before.ends_with("::");
  return before.empty() || is_member ? name : std::string_view{};
}

/// Behind the format string where the text begins with it letter by letter, which a compiler sees at a glance; else 0.
[[nodiscard]] constexpr std::size_t end_of_format(std::string_view text, std::string_view format) noexcept {
  const std::size_t end = format.size() + 2;
  const bool is_alike = !format.empty() && text.size() >= end && text[0] == '"' && text[end - 1] == '"' &&
                        __builtin_memcmp(text.data() + 1, format.data(), format.size()) == 0;
  return is_alike ? end : 0;
}

/// Of the `written` arguments behind the format string, of N; all empty where the text is not understood (raw strings,
/// commas between angle brackets), or very long.
template <std::size_t N>
[[nodiscard]] consteval std::array<std::string_view, N> names_of_arguments(std::string_view text,
                                                                           std::string_view format = {},
                                                                           std::size_t written = N) noexcept {
  constexpr std::size_t kLongest = 4096;  // a compiler counts our steps
  std::array<std::string_view, N> names{};
  if (written == 0 || text.size() > kLongest) return names;
  std::size_t count = 0;
  std::size_t begin = 0;
  int depth = 0;
  bool in_number = false;
  for (std::size_t i = end_of_format(text, format); i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (is_word_character(c)) {
      if (i == 0 || !(is_word_character(text[i - 1]) || (in_number && text[i - 1] == '\''))) in_number = is_digit(c);
      continue;
    }
    if (c == '\'' && in_number && is_word_character(text[i - 1])) continue;  // 1'000
    in_number = false;
    if (c == ',' && (depth == 0 || i == text.size())) {
      if (count > written) return {};
      if (count > 0) names[count - 1] = name_of_expression(text.substr(begin, i - begin));
      ++count;
      begin = i + 1;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    } else if (c == '"' || c == '\'') {
      if (i > 0 && text[i - 1] == 'R') return {};
      i = end_of_literal(text, i) - 1;
    }
  }
  return count == written + 1 ? names : std::array<std::string_view, N>{};
}

/// The same of a statement's site, which has the text if its macro gives it.
template <class Site, std::size_t N>
[[nodiscard]] consteval std::array<std::string_view, N> names_as_written(std::size_t written) noexcept {
  if constexpr (requires { Site::written(); })
    return names_of_arguments<N>(Site::written(), Site::text().format, written);
  else
    return {};
}

}  // namespace lmlog::detail
