// SPDX-License-Identifier: Apache-2.0
// LMLOG_ADAPT(Type, member, …): makes values of an own type loggable, as a structure with named members.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <lmlog/literals.hpp>

namespace lmlog::detail {

/// C++ identifiers, with "::" between them.
[[nodiscard]] consteval bool is_qualified_name(std::string_view text) noexcept {
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (letter || (inside && c >= '0' && c <= '9')) {
      inside = true;
    } else if (inside && c == ':' && i + 1 < text.size() && text[i + 1] == ':') {
      inside = false;
      ++i;
    } else {
      return false;
    }
  }
  return inside;
}

/// A data member, or a member function that takes nothing and changes nothing.
template <Name kName, auto kMember> struct Member {
  [[nodiscard]] static constexpr std::string_view name() noexcept { return kName.view(); }
  template <class T> [[nodiscard]] static decltype(auto) of(const T& value) noexcept {
    if constexpr (std::is_member_function_pointer_v<decltype(kMember)>)
      return (value.*kMember)();
    else
      return (value.*kMember);
  }
  template <class T> using Value = std::remove_cvref_t<decltype(of(std::declval<const T&>()))>;
};

template <Name kName, class T, class... Members> struct Adapted {
  static_assert(is_qualified_name(kName.view()),
                "lmlog: LMLOG_ADAPT takes the plain name of a class, without template arguments: give it an alias");
  using Type = T;
};

}  // namespace lmlog::detail

#define LMLOG_DETAIL_PARENS ()
// Rescans the list until no member is left: often enough for as many as a type may have.
#define LMLOG_DETAIL_ADAPT(...) LMLOG_DETAIL_ADAPT4(LMLOG_DETAIL_ADAPT4(LMLOG_DETAIL_ADAPT4(__VA_ARGS__)))
#define LMLOG_DETAIL_ADAPT4(...) \
  LMLOG_DETAIL_ADAPT3(LMLOG_DETAIL_ADAPT3(LMLOG_DETAIL_ADAPT3(LMLOG_DETAIL_ADAPT3(__VA_ARGS__))))
#define LMLOG_DETAIL_ADAPT3(...) \
  LMLOG_DETAIL_ADAPT2(LMLOG_DETAIL_ADAPT2(LMLOG_DETAIL_ADAPT2(LMLOG_DETAIL_ADAPT2(__VA_ARGS__))))
#define LMLOG_DETAIL_ADAPT2(...) \
  LMLOG_DETAIL_ADAPT1(LMLOG_DETAIL_ADAPT1(LMLOG_DETAIL_ADAPT1(LMLOG_DETAIL_ADAPT1(__VA_ARGS__))))
#define LMLOG_DETAIL_ADAPT1(...) __VA_ARGS__
#define LMLOG_DETAIL_MEMBERS(Type, member, ...)                 \
  , ::lmlog::detail::Member<#member, &Type::member> __VA_OPT__( \
        LMLOG_DETAIL_MEMBERS_AGAIN LMLOG_DETAIL_PARENS(Type, __VA_ARGS__))
#define LMLOG_DETAIL_MEMBERS_AGAIN() LMLOG_DETAIL_MEMBERS

/// Makes values of `Type` loggable, alone and inside other values: as a structure of that name with these members, in
/// this order. It stands behind the class, in the class's namespace (so that it is found by argument-dependent lookup),
/// or with `friend` before it inside the class, which reaches private members:
///
///   struct Fill { std::int64_t order_id; double px; std::vector<std::string> venues; };
///   LMLOG_ADAPT(Fill, order_id, px, venues);
///
/// A member is a data member, also one of a base class, or a const member function without arguments: the way
/// to references and bit-fields. One to 255 of them. A derived class needs its own.
#define LMLOG_ADAPT(Type, ...)                                                                                  \
  inline constexpr auto lmlog_adapted [[maybe_unused]] (const Type* /*found by its type*/) noexcept {           \
    return ::lmlog::detail::Adapted<#Type, Type LMLOG_DETAIL_ADAPT(LMLOG_DETAIL_MEMBERS(Type, __VA_ARGS__))>{}; \
  }                                                                                                             \
  static_assert(true)
