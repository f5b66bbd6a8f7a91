// SPDX-License-Identifier: Apache-2.0
// `"name"_k = value`: a field that a record carries without a place in its message.
#pragma once

#include <cstddef>
#include <string_view>

namespace lmlog {

namespace detail {

/// A string as a template argument.
template <std::size_t N> struct Name {
  char text[N]{};
  consteval Name() noexcept = default;
  consteval Name(const char (&from)[N]) noexcept {  // NOLINT: the conversion is the point
    for (std::size_t i = 0; i < N; ++i) text[i] = from[i];
  }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, N - 1}; }
};

/// A named value on its way into a record; it lives no longer than the log call.
template <Name kName, class T> struct Field { const T& value; };

template <Name kName> struct Key {
  template <class T> [[nodiscard]] constexpr Field<kName, T> operator=(const T& value) const noexcept {
    return {value};
  }
};

}  // namespace detail

inline namespace literals {
// Not consteval: clang 14 then leaves a call in templates, which nothing defines.
template <detail::Name kName> [[nodiscard, gnu::always_inline]] constexpr detail::Key<kName> operator""_k() noexcept {
  return {};
}
}  // namespace literals

}  // namespace lmlog
